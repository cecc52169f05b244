"""What each slide shows of a meeting's numbers, as its template needs it; no statement but for what is listed live."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards import claims, drawing, outlook, voices, wording
from dashboards.board import SHOWN
from dashboards.views.causes import offered
from dashboards.views.meetings.saying import edge_name
from funnel.stages import DEPARTMENT_WORDS, STAGE_DEPARTMENT, STAGE_WORDS, Department
from handoffs.lanes import LANES, Boundary

Shown = Mapping[str, Any]
MOST_CAUSES = 5
STAGES_OF = {
    department: [stage for stage in SHOWN[1:] if STAGE_DEPARTMENT[stage] == department]
    for department in Department
}


def of(topic: str, shown: Shown, moved: Mapping[str, int]) -> dict[str, Any]:
    """The context of a topic's slide; `moved` is by how much each stage's count has changed since last time."""
    return _SLIDES[topic](shown, moved)


def _stage(stage: str, said: Mapping[str, Any], moved: Mapping[str, int]) -> dict[str, Any]:
    """One stage as a bullet bar: its count beside the pace of its target, or beside the period before."""
    due, percent = said[f"due:{stage}"], said[f"pct:{stage}"]
    tone = {"worst": "bad", "behind": "bad", "starved": "warn"}.get(said[f"tone:{stage}"], "")
    if due is not None:
        note = _("pace %(due)s · %(percent)s%%") % {"due": wording.count(due), "percent": percent}
    else:
        note = _("before %(n)s") % {"n": wording.count(said[f"before:{stage}"])}
    if stage in moved:
        note += " · " + _("%(change)s since last time") % {"change": wording.signed(moved[stage])}
    return {
        "label": STAGE_WORDS[stage].say(get_language()),
        "value": wording.count(said[f"stage:{stage}"]),
        "share": min(100, round(said[f"bar:{stage}"] * 100 / drawing.FLOOR)),
        "target": round(100 * 100 / drawing.FLOOR) if due is not None else None,
        "department": STAGE_DEPARTMENT[stage],
        "tone": tone,
        "note": note,
    }


def _overall(shown: Shown, moved: Mapping[str, int]) -> dict[str, Any]:
    said = shown["numbers"]
    return {
        "stages": [_stage(stage, said, moved) for stage in SHOWN[1:5]],
        "drawn": drawing.course(said),
        "figure": wording.shown(said["percent:bookings"], "percent"),
        "figure_of": _("of the revenue target") if said["target:bookings"] is not None else "",
        "is_bad": said["tone:bookings"] == "behind",
    }


def _bottleneck(shown: Shown, moved: Mapping[str, int]) -> dict[str, Any]:
    said = shown["numbers"]
    named = said["named"].split()
    slug = next((edge for edge in named if edge in claims.STEP_OF), "sql-rate")
    shares = [share for _made, _of, share in claims.weekly(shown, slug)]
    target = said[f"goal:{slug}"]
    drawn = drawing.weeks(shares, target)
    value = said[f"edge:{slug}"]
    return {
        "named": named,
        "rate_name": edge_name(slug),
        "drawn": drawn,
        "weeks": _weeks(shown, drawn),
        "goal": wording.goal(target) if target is not None else "",
        "last": wording.shown(
            next((share for share in reversed(shares) if share is not None), None), "share"
        ),
        "figure": wording.shown(value, "share"),
        "figure_of": _of(said, slug, target),
        "gain": _gain(said),
        "gains": _gains(said),
        "is_bad": bool(named),
    }


def _of(said: Mapping[str, Any], slug: str, target: float | None) -> str:
    parts = [_("target %(goal)s") % {"goal": wording.goal(target)}] if target is not None else []
    entered = said[f"edge-of:{slug}"]
    if entered:
        parts.append(_("of %(n)s") % {"n": wording.count(entered)})
    return " · ".join(parts)


def _gain(said: Mapping[str, Any]) -> str:
    if said["gain"] is None:
        return ""
    if said["gain:wins"] is None:
        return wording.more_yen(said["gain"])
    wins = _("%(n)s won") % {"n": wording.tenths(said["gain:wins"])}
    return f"{wins} / {wording.more_yen(said['gain'])}"


def _gains(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = [(said[f"gain:{slug}"], slug) for slug in outlook.EDGES if said[f"gain:{slug}"]]
    most = max((gain for gain, _slug in found), default=1)
    return [
        {"label": edge_name(slug), "value": wording.more_yen(gain), "width": max(1, round(100 * gain / most))}
        for gain, slug in sorted(found, reverse=True)
    ]


def _weeks(shown: Shown, drawn: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Where each second week stands under the line, and its number in the year."""
    known = {n: x for x, _y, n in drawn["dots"]}
    days = [date.fromisoformat(week["monday"]) for week in shown["weeks"]]
    return [(known[n], str(day.isocalendar().week)) for n, day in enumerate(days) if n in known and n % 2]


def _sla(shown: Shown, moved: Mapping[str, int]) -> dict[str, Any]:
    lanes = [_lane(lane) for lane in shown["lanes"]]
    judged = [lane for lane in lanes if lane["n"]]
    worst = min(judged, key=lambda lane: (-lane["missed"], lane["share"]), default=None)
    return {
        "lanes": sorted(lanes, key=lambda lane: (not lane["tone"], -lane["missed"], lane["share"])),
        "pareto": _pareto(shown),
        "contacted": _contacted(shown["numbers"]),
        "figure": f"{worst['share']}%" if worst else "",
        "figure_of": worst["label"] if worst else "",
        "is_bad": bool(worst and worst["tone"]),
    }


def _lane(lane: Mapping[str, Any]) -> dict[str, Any]:
    n = lane["kept"] + lane["kept_late"] + lane["missed"]
    share = round(100 * lane["kept"] / n) if n else 0
    note = _("%(overdue)s overdue now") % {"overdue": lane["overdue"]} if lane["overdue"] else ""
    return {
        "label": LANES[Boundary(lane["boundary"])].owed.say(get_language()),
        "value": f"{lane['kept']}/{n}" if n else wording.NOTHING,
        "share": share,
        "n": n,
        "missed": n - lane["kept"],
        "note": note or _("last 7 days"),
        "tone": "bad" if (n and lane["kept"] < n) or lane["overdue"] else "",
    }


def _pareto(shown: Shown) -> dict[str, Any]:
    named = offered(get_language())
    rows = [(cause, n) for cause, n in shown["pareto"] if cause]
    most = max((n for _cause, n in rows), default=1)
    bars = [
        {
            "label": named[cause][0] if cause in named else cause,
            "n": n,
            "width": max(1, round(100 * n / most)),
            "rest": place > 1,
        }
        for place, (cause, n) in enumerate(rows[:MOST_CAUSES])
    ]
    untold = sum(n for cause, n in shown["pareto"] if not cause)
    return {"bars": bars, "untold": untold, "n": sum(n for _cause, n in shown["pareto"])}


def _contacted(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "in_time": wording.shown(said["rate:in-time"], "share"),
        "n_in_time": said["n:in-time"],
        "late": wording.shown(said["rate:late"], "share"),
        "n_late": said["n:late"],
    }


def _departments(shown: Shown, moved: Mapping[str, int]) -> dict[str, Any]:
    said = shown["numbers"]
    found: list[dict[str, Any]] = []
    for department, stages in STAGES_OF.items():
        # Where nothing was aimed at and nothing came there is nothing to say.
        told = [s for s in stages if said[f"target:{s}"] is not None or said[f"stage:{s}"]]
        rows = [_stage(stage, said, moved) for stage in claims.red_first(told, said)]
        if rows:
            found.append(
                {
                    "name": DEPARTMENT_WORDS[department].say(get_language()),
                    "department": department,
                    "rows": rows,
                    "red": sum(1 for row in rows if row["tone"] == "bad"),
                }
            )
    found.sort(key=lambda each: -each["red"])
    return {"departments": found, "half": (len(found) + 1) // 2}


def _voice(shown: Shown, moved: Mapping[str, int]) -> dict[str, Any]:
    voice = shown["voice"]
    return {
        "nps": wording.points(voice["nps"]) if voice["nps"] is not None else wording.NOTHING,
        "answers": voice["answers"] or 0,
        "lost": _reasons(voice["lost"]),
        "returned": _reasons(voice["returned"]),
        "figure": wording.points(voice["nps"]) if voice["nps"] is not None else "",
        "figure_of": _("NPS (n=%(n)s)") % {"n": voice["answers"] or 0} if voice["nps"] is not None else "",
        "is_bad": False,
    }


def _reasons(rows: list[list[Any]]) -> list[dict[str, Any]]:
    most = max((row[3] for row in rows), default=1)
    return [
        {
            "label": voices.Said(*row).say(get_language()),
            "n": row[3],
            "width": max(1, round(100 * row[3] / most)),
        }
        for row in rows
    ]


def _today(shown: Shown, moved: Mapping[str, int]) -> dict[str, Any]:
    days = []
    for day, title in zip(shown["days"], (_("Yesterday"), _("Today")), strict=True):
        rows = [
            {
                "label": STAGE_WORDS[stage].say(get_language()),
                "n": day["stages"].get(stage, 0),
                "department": STAGE_DEPARTMENT[stage],
            }
            for stage in SHOWN[1:6]
        ]
        days.append({"title": title, "rows": rows})
    return {"days": days}


def _overdue(shown: Shown, moved: Mapping[str, int]) -> dict[str, Any]:
    return {"lanes": [_lane(lane) for lane in shown["lanes"]]}


def _nothing(shown: Shown, moved: Mapping[str, int]) -> dict[str, Any]:
    return {}


_SLIDES: Mapping[str, Callable[[Shown, Mapping[str, int]], dict[str, Any]]] = {
    "today": _today,
    "overdue": _overdue,
    "overall": _overall,
    "bottleneck": _bottleneck,
    "sla": _sla,
    "departments": _departments,
    "voice": _voice,
    "cases": _nothing,
    "effects": _nothing,
    "next": _nothing,
    "kpis": _nothing,
    "wrap-up": _nothing,
}
