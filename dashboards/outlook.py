"""Pure. How the counts of a period stand beside its targets: pace, landing, and where the money is lost."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from dashboards import pace
from dashboards.bottleneck import Cause, Churn, Inflow, Money, State, Step, Verdict, Volume, causes, find
from dashboards.pace import Days, Standing

VOLUMES: Mapping[str, str] = {
    "visitor": "visitors",
    "lead": "leads",
    "mql": "mql",
    "sql": "sql",
    "won": "won",
    "onboarded": "onboarded",
    "renewed": "renewed",
    "referred": "referred",
}
"""The KPI that holds the target of a stage's count."""
STEPS: Mapping[str, str] = {"mql": "mql-rate", "sql": "sql-rate", "won": "win-rate-plan"}
"""The KPI that holds the target of the step into a stage; these and no others are compared in money."""
INFLOW_STAGE = "lead"
INFLOW, REVENUE, DEAL_SIZE, CHURN = "leads", "bookings", "deal-size", "mrr-churn"
EDGES: tuple[str, ...] = (INFLOW, *STEPS.values(), CHURN)
"""What can be the bottleneck."""
LANES: tuple[str, ...] = ("mql-compliance", "sql-compliance", "won-compliance", "advocacy-compliance")
DAYS: tuple[str, ...] = ("days-to-mql", "days-to-sql", "days-to-won", "days-to-onboarded")
WANTED: tuple[str, ...] = (
    *VOLUMES.values(),
    *STEPS.values(),
    REVENUE,
    DEAL_SIZE,
    CHURN,
    *LANES,
    *DAYS,
    "nps",
)
"""The KPIs whose targets a board wants to know."""

MOST_BAR = 125
"""A bar is drawn up to this many per cent of its pace."""
WHOLE, TENTH = Decimal(1), Decimal("0.1")

Numbers = dict[str, Any]


class Goals(NamedTuple):
    """The targets of a period by KPI, its business days, and the customers that left it (where a target asks)."""

    targets: Mapping[str, Decimal]
    days: Days
    churn: Churn | None = None


class Won(NamedTuple):
    """What was won in the period, in the organisation's currency."""

    bookings: Decimal
    deals: int


class Outlook(NamedTuple):
    """Where a period stands. `due` is what its stages should hold by today; None of a stage without a target.

    `entered` are the leads of the period: with few of them nothing is on pace yet.
    """

    goals: Goals
    due: Mapping[str, Decimal | None]
    standing: Mapping[str, Standing | None]
    causes: Mapping[str, Cause]
    verdict: Verdict
    landing: Decimal | None
    revenue: Standing | None
    actual: Decimal
    entered: int

    def target(self, slug: str) -> Decimal | None:
        """The target of a KPI for the period."""
        return self.goals.targets.get(slug)


def judge(counts: Mapping[str, int], won: Won, goals: Goals) -> Outlook:
    """Set counts by stage and what was won beside the targets of the same period.

    Without a deal won in the period its size is that of the target; failing that, the revenue target over the wins
    it takes. The last stages (renewed, referred) do not follow from the neighbour before, so nobody starves them.
    """
    targets, days = goals.targets, goals.days
    due = {stage: _due(targets.get(slug), days) for stage, slug in VOLUMES.items()}
    standing = {
        stage: pace.standing(counts.get(stage, 0), due[stage], whole_numbers=True) for stage in VOLUMES
    }
    steps = {stage: _step(stage, counts, targets) for stage in STEPS}
    chain = [Volume(stage, counts.get(stage, 0), due[stage], steps.get(stage)) for stage in ("lead", *STEPS)]
    verdict = find(
        Inflow(INFLOW, counts.get("lead", 0), due["lead"]),
        list(steps.values()),
        Money(_deal_size(won, targets), _revenue(targets)),
        goals.churn,
    )
    return Outlook(
        goals,
        due,
        standing,
        causes(chain),
        verdict,
        pace.landing(won.bookings, *days),
        pace.standing(won.bookings, _due(targets.get(REVENUE), days)),
        won.bookings,
        counts.get(INFLOW_STAGE, 0),
    )


def _due(target: Decimal | None, days: Days) -> Decimal | None:
    return pace.pace(target, *days) if target is not None else None


def _step(stage: str, counts: Mapping[str, int], targets: Mapping[str, Decimal]) -> Step:
    order = ("lead", *STEPS)
    source = order[order.index(stage) - 1]
    return Step(STEPS[stage], counts.get(source, 0), counts.get(stage, 0), targets.get(STEPS[stage]))


def _deal_size(won: Won, targets: Mapping[str, Decimal]) -> Decimal | None:
    if won.deals:
        return won.bookings / won.deals
    wins = targets.get("won")
    revenue = targets.get(REVENUE)
    return targets.get(DEAL_SIZE) or (revenue / wins if revenue is not None and wins else None)


def _revenue(targets: Mapping[str, Decimal]) -> Decimal | None:
    wins, size = targets.get("won"), targets.get(DEAL_SIZE)
    return targets.get(REVENUE) or (wins * size if wins is not None and size is not None else None)


def numbers(found: Outlook, counts: Mapping[str, int], before: Mapping[str, int]) -> Numbers:
    """Every number and code of an outlook under its name; a stage without a target stands beside the period before.

    Shares stay shares; numbers are those a person reads: whole pieces, whole units of money, tenths of a win.
    """
    said: Numbers = {}
    for stage, slug in VOLUMES.items():
        said |= _stage(found, stage, slug, counts.get(stage, 0), before.get(stage, 0))
    for slug in (*STEPS.values(), CHURN, *LANES, "nps"):
        said[f"goal:{slug}"] = _share(found.target(slug))
    return said | _edges(found, counts) | _money(found) | _bottleneck(found)


def _edges(found: Outlook, counts: Mapping[str, int]) -> Numbers:
    """What each candidate for the bottleneck is now, and of how many."""
    churn, leads = found.goals.churn, counts.get("lead", 0)
    said: Numbers = {
        f"edge:{INFLOW}": leads,
        f"edge-of:{INFLOW}": leads,
        f"edge-goal:{INFLOW}": _whole(found.due["lead"]),
    }
    for stage, slug in STEPS.items():
        step = _step(stage, counts, found.goals.targets)
        said |= {
            f"edge:{slug}": step.made / step.entered if step.entered else None,
            f"edge-of:{slug}": step.entered,
            f"edge-goal:{slug}": _share(found.target(slug)),
        }
    return said | {
        f"edge:{CHURN}": float(churn.rate) if churn else None,
        f"edge-of:{CHURN}": churn.base if churn else None,
        f"edge-goal:{CHURN}": _share(found.target(CHURN)),
    }


def _stage(found: Outlook, stage: str, slug: str, now: int, then: int) -> Numbers:
    due, target, standing = found.due[stage], found.target(slug), found.standing[stage]
    gap = _whole(now - due) if due is not None else None
    percent = percent_of(now, due if due is not None else then)
    return {
        f"target:{stage}": _whole(target),
        f"due:{stage}": _whole(due),
        f"gap:{stage}": gap,
        f"missing:{stage}": gap if gap is not None and gap < 0 and standing is Standing.BEHIND else None,
        f"pct:{stage}": percent,
        f"bar:{stage}": min(MOST_BAR, percent),
        f"tone:{stage}": _tone(found, stage),
    }


def percent_of(now: int, of: Decimal | int) -> int:
    """`now` in per cent of what it is compared with; with nothing to compare, all or nothing."""
    return int(_whole(Decimal(now) * 100 / of) or 0) if of else (100 if now else 0)


def _tone(found: Outlook, stage: str) -> str:
    """How a stage is marked: ahead, on_pace, behind (its own step is the bottleneck: worst), starved, or nothing."""
    standing = found.standing[stage]
    if standing is not Standing.BEHIND:
        return str(standing or "")
    if found.causes.get(stage) is Cause.UPSTREAM:
        return "starved"
    slug = INFLOW if stage == "lead" else STEPS.get(stage)
    is_named = found.verdict.state in (State.FOUND, State.TIE) and slug in {
        e.slug for e in found.verdict.named
    }
    return "worst" if is_named else "behind"


def _money(found: Outlook) -> Numbers:
    target, due = found.target(REVENUE), _due(found.target(REVENUE), found.goals.days)
    landing = found.landing
    left = target - landing if target is not None and landing is not None else None
    return {
        "landing": _whole(landing),
        "target:bookings": _whole(target),
        "due:bookings": _whole(due),
        "short:bookings": _whole(left) if left is not None and left > 0 else None,
        "percent:bookings": percent_of(int(found.actual), target) if target else None,
        "tone:bookings": str(found.revenue or ""),
        "days:passed": found.goals.days.passed,
        "days:whole": found.goals.days.whole,
        "days:percent": found.goals.days.percent,
    }


def _bottleneck(found: Outlook) -> Numbers:
    verdict = found.verdict
    state: str = verdict.state
    if verdict.state is State.NONE and found.revenue is Standing.BEHIND:
        state = "spread"
    first = verdict.named[0] if verdict.named else None
    gains: Numbers = dict.fromkeys(f"gain:{slug}" for slug in EDGES)
    gains |= {f"gain:{edge.slug}": round(edge.gain) for edge in verdict.edges}
    return gains | {
        "bottleneck": state,
        "named": " ".join(edge.slug for edge in verdict.named),
        "gain": round(first.gain) if first else None,
        "gain:wins": float(Decimal(round(first.wins * 1000)).scaleb(-3).quantize(TENTH, ROUND_HALF_UP))
        if first and first.wins is not None
        else None,
    }


def _share(target: Decimal | None) -> float | None:
    return float(target) if target is not None else None


def _whole(value: Decimal | int | None) -> int | None:
    return int(Decimal(value).quantize(WHOLE, ROUND_HALF_UP)) if value is not None else None
