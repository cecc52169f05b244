"""Draws the documents that must never disagree with the code: lifecycle, lanes, numbers."""

from collections.abc import Iterable

from dashboards import kpis
from dashboards.kpis.absent import ABSENT
from funnel.stages import (
    ACTS,
    COHORT_DAYS,
    DEPARTMENT_WORDS,
    OUTCOME_WORDS,
    REACHES,
    STAGE_WORDS,
    Act,
    previous,
)
from funnel.words import Words
from handoffs.clock import Unit
from handoffs.lanes import LANES, Lane

NOTE = "<!-- Drawn from {source} by `make fmt`; `make check` compares. Edit the code, not this page. -->\n"


def both(words: Words) -> str:
    """A phrase in both languages."""
    return words.en if words.en == words.ja else f"{words.en} / {words.ja}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *map(list, rows)]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def lifecycle() -> str:
    """docs/lifecycle.md: stages, what enters them, the acts that move a lead, and who may."""
    arrows = ["    [*] --> lead: capture"]
    for name, act in ACTS.items():
        for source in sorted(act.from_stages or ()):
            if act.to or act.closes:
                target = f"[*]: {name} ({act.closes})" if act.closes and not act.to else f"{act.to}: {name}"
                arrows.append(f"    {source} --> {target}")
    stages = table(
        ["Stage", "Entered by the first", "Rate starts from", "Cohort window"],
        (
            [
                f"`{stage}` {both(STAGE_WORDS[stage])}",
                f"`{kind}`",
                f"`{previous(stage)}`" if previous(stage) else "",
                f"{COHORT_DAYS[stage]} days" if stage in COHORT_DAYS else "",
            ]
            for kind, stage in REACHES.items()
        ),
    )
    acts = table(
        ["Act", "Departments", "From", "To", "Ends the pass as"],
        (_act(name, act) for name, act in ACTS.items()),
    )
    return (
        NOTE.format(source="funnel/stages/")
        + "# The life of a lead\n\n```mermaid\nstateDiagram-v2\n"
        + "\n".join(arrows)
        + f"\n```\n\n## Stages\n\n{stages}\n## Acts\n\n{acts}"
    )


def _act(name: str, act: Act) -> list[str]:
    everyone = len(act.departments) == len(DEPARTMENT_WORDS)
    who = (
        "all"
        if everyone
        else ", ".join(DEPARTMENT_WORDS[d].en for d in DEPARTMENT_WORDS if d in act.departments)
    )
    return [
        f"`{name}`",
        who,
        ", ".join(f"`{stage}`" for stage in sorted(act.from_stages)) if act.from_stages else "any",
        f"`{act.to}`" if act.to else "",
        both(OUTCOME_WORDS[act.closes]) if act.closes else "",
    ]


def lanes() -> str:
    """docs/lanes.md: the agreement between departments, as a flow and a table."""
    arrows = "\n".join(
        f'    {lane.sender}["{both(DEPARTMENT_WORDS[lane.sender])}"] -->|"{name}: {lane.owed.en}"| {lane.receiver}'
        for name, lane in LANES.items()
    )
    rows = (
        [
            f"`{name}`",
            both(lane.words),
            both(lane.passed),
            both(lane.owed),
            _term(lane),
            _kinds(lane.opened_by),
            _kinds(lane.kept_by),
            _kinds(lane.completed_by),
        ]
        for name, lane in LANES.items()
    )
    head = [
        "Boundary",
        "From → to",
        "What is passed",
        "What is owed",
        "By when",
        "Opened by",
        "Kept by",
        "Completed by",
    ]
    return (
        NOTE.format(source="handoffs/lanes.py")
        + "# What is handed on, by when, and how\n\n```mermaid\nflowchart LR\n"
        + arrows
        + f"\n```\n\n{table(head, rows)}\nTargets are the defaults; an administrator's versioned terms replace them.\n"
    )


def _kinds(kinds: Iterable[str]) -> str:
    return ", ".join(f"`{kind}`" for kind in sorted(kinds))


def _term(lane: Lane) -> str:
    if lane.target is None:
        return f"gate: {lane.threshold} % of the required items at submission"
    unit = {
        Unit.ELAPSED_HOURS: "elapsed hours",
        Unit.WORKDAY_HOURS: "hours that stand still on days off",
        Unit.BUSINESS_DAYS: "business days, until 24:00 local",
    }[lane.unit or Unit.ELAPSED_HOURS]
    return f"{lane.target} {unit}"


def numbers() -> str:
    """docs/numbers.md: one paragraph per KPI."""
    company = Words("Company", "全社")
    paragraphs = [
        f"## {kpi.slug}\n\n**{both(kpi.names)}** · {both(DEPARTMENT_WORDS.get(kpi.department or '', company))}"
        f" · {kpi.unit} · better {kpi.direction} · formula of {kpi.changed_on}\n\n"
        f"{both(kpi.question)}\n\n{both(kpi.formula)}\n\nLeft out: {both(kpi.excludes)}\n"
        for kpi in kpis.ALL
    ]
    missing = "".join(f"- **{both(one.names)}**: {both(one.reason)}\n" for one in ABSENT)
    return (
        NOTE.format(source="dashboards/kpis")
        + "# Every number\n\n"
        + "\n".join(paragraphs)
        + f"\n# What the facts cannot carry\n\n{missing}\n{DIMENSIONS}"
    )


DIMENSIONS = """# By channel, campaign, segment, owner

Channel, campaign and segment are those of the pass; a customer's are those of the pass it came by. The owner is that
of the row: of the lead, deal, handoff or customer. Visitors and spend have no owner and no segment.

Daily counts hold the channel alone, so the funnel by channel and by month is as cheap for ten years as for a week. By
owner, segment or campaign it is counted from the passes themselves: these change, and a count cannot follow them.
"""


DOCUMENTS = {"lifecycle.md": lifecycle, "lanes.md": lanes, "numbers.md": numbers}
