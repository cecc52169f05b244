"""Pure. The claim a slide makes: one sentence about its numbers, chosen by rule, as a code and what it is filled with."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dashboards.deck import Topic

STEP_OF: Mapping[str, tuple[str, str]] = {
    "mql-rate": ("lead", "mql"),
    "sql-rate": ("mql", "sql"),
    "win-rate-plan": ("sql", "won"),
}
"""From and into which stage the rate of an edge leads."""
FEWEST_WEEKS, FEWEST_ENTERED = 3, 5
BEHIND = ("worst", "behind", "starved")
STAGES = ("lead", "mql", "sql", "won", "onboarded")
WHOLE_PERCENT = 100


class Claim(NamedTuple):
    """`code` names the sentence, `params` fills it; `tone` is "bad" where it is about something that is wrong."""

    code: str
    params: Mapping[str, Any] = {}
    tone: str = ""


def claim(topic: str, shown: Mapping[str, Any]) -> Claim:
    """The claim of a topic over what a meeting shows (`dashboards.meetings.collecting.collect`)."""
    return _RULES[Topic(topic)](shown)


class About(NamedTuple):
    """What a slide's decisions are about, unless somebody says otherwise: a KPI by its slug, and a boundary."""

    kpi: str = ""
    boundary: str = ""


def about(topic: str, shown: Mapping[str, Any]) -> About:
    """What is decided on a slide is about what its claim says is wrong; nothing where nothing is."""
    found = claim(topic, shown)
    if found.code in ("tie", "falling", "short_of"):
        return About(shown["numbers"]["named"].split()[0])
    if found.code == "lane_missed":
        boundary = found.params["boundary"]
        return About(f"{boundary}-compliance", boundary)
    return About()


def falling(shares: Sequence[tuple[int, int, float | None]]) -> int:
    """For how many weeks in a row a share has fallen, up to the last week that has one; a gap before it ends the row.

    `shares` are (made, entered, share) of each week, as `weekly` gives them.
    """
    known = [share for _made, _entered, share in shares]
    while known and known[-1] is None:
        known.pop()
    count = 0
    for before, now in reversed(list(itertools.pairwise(known))):
        if before is None or now is None or now >= before:
            break
        count += 1
    return count


def weekly(shown: Mapping[str, Any], slug: str) -> list[tuple[int, int, float | None]]:
    """(made, entered, share) of the step named `slug` in each of the weeks shown; too few have no share."""
    source, target = STEP_OF[slug]
    found = []
    for week in shown["weeks"]:
        made, entered = week["stages"].get(target, 0), week["stages"].get(source, 0)
        found.append((made, entered, made / entered if entered >= FEWEST_ENTERED else None))
    return found


def _overall(shown: Mapping[str, Any]) -> Claim:
    said = shown["numbers"]
    won, landing, target = said["stage:won"], said["landing"], said["target:bookings"]
    if target is None or landing is None:
        return Claim("won", {"n": won, "change": said["change:won"]})
    params = {"landing": landing, "percent": round(landing * WHOLE_PERCENT / target) if target else 0}
    return (
        Claim("landing_short", params, "bad")
        if said["tone:bookings"] == "behind"
        else Claim("landing_met", params)
    )


def _bottleneck(shown: Mapping[str, Any]) -> Claim:
    said = shown["numbers"]
    state, named = said["bottleneck"], said["named"].split()
    if state == "tie":
        return Claim("tie", {"edges": named}, "bad")
    if state != "found":
        return Claim(f"bottleneck_{state}")
    slug = named[0]
    if slug in STEP_OF:
        weeks = falling(weekly(shown, slug))
        if weeks >= FEWEST_WEEKS:
            return Claim("falling", {"edge": slug, "weeks": weeks}, "bad")
    return Claim("short_of", {"edge": slug}, "bad")


def _sla(shown: Mapping[str, Any]) -> Claim:
    judged = [(lane, lane["kept"] + lane["kept_late"] + lane["missed"]) for lane in shown["lanes"]]
    due = [(lane["kept"] / n, lane, n) for lane, n in judged if n]
    if not due:
        return Claim("nothing_due")
    # What was missed most often; of two, the one that is kept less often.
    share, worst, n = min(due, key=lambda found: (found[1]["kept"] - found[2], found[0]))
    if share == 1:
        return Claim("all_kept", {"n": sum(found[2] for found in due)})
    params = {"boundary": worst["boundary"], "kept": worst["kept"], "n": n, "missed": n - worst["kept"]}
    return Claim("lane_missed", params, "bad")


def _departments(shown: Mapping[str, Any]) -> Claim:
    said = shown["numbers"]
    behind = [stage for stage in STAGES if said[f"tone:{stage}"] in BEHIND]
    if not behind:
        return Claim("all_on_pace" if any(said[f"target:{stage}"] for stage in STAGES) else "no_targets")
    # What is behind by itself is told before what is starved from upstream.
    first = min(behind, key=lambda stage: (said[f"tone:{stage}"] == "starved", said[f"pct:{stage}"]))
    return Claim("furthest_behind", {"stage": first, "percent": said[f"pct:{first}"]}, "bad")


def _voice(shown: Mapping[str, Any]) -> Claim:
    voice = shown["voice"]
    if voice["lost"]:
        return Claim("lost_for", {"reason": voice["lost"][0], "n": voice["lost"][0][3]})
    if voice["nps"] is not None:
        return Claim("nps", {"nps": voice["nps"], "n": voice["answers"]})
    return Claim("nothing_said")


def _today(shown: Mapping[str, Any]) -> Claim:
    yesterday = shown["days"][0]["stages"]
    return Claim("yesterday", {stage: yesterday.get(stage, 0) for stage in ("lead", "mql", "sql", "won")})


def _overdue(shown: Mapping[str, Any]) -> Claim:
    n = sum(lane["overdue"] for lane in shown["lanes"])
    return Claim("overdue", {"n": n}, "bad") if n else Claim("nothing_overdue")


def _effects(shown: Mapping[str, Any]) -> Claim:
    return Claim("effects")


def _cases(shown: Mapping[str, Any]) -> Claim:
    return Claim("cases")


def _next(shown: Mapping[str, Any]) -> Claim:
    return Claim("next")


def _kpis(shown: Mapping[str, Any]) -> Claim:
    return Claim("kpis")


def _wrap_up(shown: Mapping[str, Any]) -> Claim:
    return Claim("wrap_up")


_RULES = {
    Topic.TODAY: _today,
    Topic.OVERDUE: _overdue,
    Topic.OVERALL: _overall,
    Topic.BOTTLENECK: _bottleneck,
    Topic.SLA: _sla,
    Topic.DEPARTMENTS: _departments,
    Topic.VOICE: _voice,
    Topic.EFFECTS: _effects,
    Topic.CASES: _cases,
    Topic.NEXT: _next,
    Topic.KPIS: _kpis,
    Topic.WRAP_UP: _wrap_up,
}


def red_first(stages: Iterable[str], said: Mapping[str, Any]) -> list[str]:
    """Stages with those behind first: the worst, then what is behind, then what is starved, then the rest as they are."""
    order = {"worst": 0, "behind": 1, "starved": 2}
    kept = list(stages)
    return sorted(kept, key=lambda stage: (order.get(said[f"tone:{stage}"], 3), kept.index(stage)))
