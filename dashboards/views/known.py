"""The board as it was known at a past moment: the same board, drawn still, with what is of now said beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards import claims, drawing, outlook, past
from dashboards.board import SHOWN
from dashboards.counts import Group
from dashboards.kpis.together import Lane
from dashboards.past import PastBoard
from dashboards.scope import Scope, ScopeError
from dashboards.views.asking import address, asked, channels, owners, period_links
from dashboards.views.meetings import saying
from dashboards.views.numbers import GROUP_WORDS, campaigns, segments
from dashboards.wording import goal, more_yen, shown, tenths
from funnel import phrasing
from funnel.calendar import add_months, month_end, month_start
from funnel.stages import STAGE_WORDS
from funnel.views.access import PageRequest
from handoffs.lanes import LANES

MINUTES = "%Y-%m-%dT%H:%M"
FEW = 30
STEPS_SHOWN = ("mql", "sql", "won")
Pipe = Callable[[PastBoard, dict[str, Any]], dict[str, Any]]
"""Makes of a board and its numbers what its pipe is drawn from."""


def page(request: PageRequest, pipe: Pipe) -> HttpResponse:
    """The board of the scope and the moment in the address; both are asked for where they cannot be read."""
    at, refusal = _moment(request)
    scope, wrong = asked(request, at)
    refusals = [one for one in (refusal, wrong, _not_of_then(request)) if one]
    context: dict[str, Any] = {
        "known_at": at,
        "typed": at.astimezone(request.organization.tz).strftime(MINUTES) if at else "",
        "scope": scope,
        "refusals": refusals,
        "now": address(scope, "/funnel/"),
        "earlier": _earlier(request, scope),
        "period": period_links(request, scope, at),
        "channels": channels(scope, _("All channels"), _("No channel")),
        "owners": owners(scope, _("Everybody")),
        "campaigns": campaigns(scope),
        "segments": segments(scope),
        "groupings": [
            (key, words, key == (scope.group_by or "channel")) for key, words in _groupings().items()
        ],
    }
    if at is not None and not refusals:
        context |= _read(request, past.read(scope, at, request.organization), pipe)
    return render(request, "dashboards/known.html", context, status=400 if refusals else 200)


def _moment(request: PageRequest) -> tuple[datetime | None, str]:
    """The moment asked for, and why it cannot be answered for; None and nothing when none was asked for."""
    text = request.GET.get("known_at", "").strip()
    if not text:
        return None, ""
    try:
        return past.moment(text, request.organization.tz, request.now), ""
    except ScopeError as error:
        return None, error.say(get_language())


def _not_of_then(request: PageRequest) -> str:
    if request.GET.get("beside", "").strip() in ("", "none"):
        return ""
    return ScopeError("not_of_then", field="beside", name="beside").say(get_language())


def _groupings() -> dict[str, str]:
    return {key: words.say(get_language()) for key, words in GROUP_WORDS.items()}


def _earlier(request: PageRequest, scope: Scope) -> list[tuple[str, str]]:
    """Last week, month and year at this time of day."""
    now = request.now.astimezone(request.organization.tz)
    moments = {
        _("a week ago"): now - timedelta(days=7),
        _("a month ago"): _months_before(now, 1),
        _("a year ago"): _months_before(now, 12),
    }
    return [(words, address(scope, known_at=at.strftime(MINUTES))) for words, at in moments.items()]


def _months_before(now: datetime, months: int) -> datetime:
    first = add_months(month_start(now.date()), -months)
    day = min(now.day, month_end(first).day)
    return datetime.combine(date(first.year, first.month, day), now.time(), now.tzinfo)


def _read(request: PageRequest, found: PastBoard, pipe: Pipe) -> dict[str, Any]:
    said, scope = past.numbers(found), found.scope
    by = scope.group_by or "channel"
    typed = found.at.now.astimezone(request.organization.tz).strftime(MINUTES)
    return {
        "when": phrasing.when(
            found.at.now, now=request.now, zone=request.organization.tz, language=get_language()
        ),
        "board": found,
        "numbers": said,
        "still": True,
        "has_targets": any(said[f"target:{key}"] is not None for key in SHOWN),
        "drawn": drawing.course(said),
        "verdict": _verdict(said),
        "lanes": [_lane(lane, said) for lane in found.lanes],
        "groups": list(_groups(found, by, typed)),
        "group_stages": [STAGE_WORDS[stage] for stage in SHOWN[:5]],
        "group_steps": [(STAGE_WORDS[SHOWN[SHOWN.index(s) - 1]], STAGE_WORDS[s]) for s in STEPS_SHOWN],
        "by": by,
        "by_words": _groupings()[by],
        "few": FEW,
        "is_running": scope.start <= found.at.today <= scope.end,
        **pipe(found, said),
    }


def _verdict(said: dict[str, Any]) -> dict[str, Any]:
    """What the bottleneck was, in a sentence, with each step it may have been and what its target would have brought."""
    named = said["named"].split()
    claim = claims.claim("bottleneck", {"numbers": said, "weeks": []})
    return {
        "is_bad": said["bottleneck"] in ("found", "tie"),
        "claim": saying.said(claim),
        "edges": [
            {
                "name": saying.edge_name(slug),
                "value": shown(said[f"edge:{slug}"], "count" if slug == outlook.INFLOW else "share"),
                "goal": shown(said[f"edge-goal:{slug}"], "count")
                if slug == outlook.INFLOW
                else goal(said[f"edge-goal:{slug}"]),
            }
            for slug in named
        ],
        "gain": more_yen(said["gain"]) if said["gain"] else "",
        "wins": tenths(said["gain:wins"]) if said["gain:wins"] else "",
    }


def _lane(lane: Lane, said: dict[str, Any]) -> dict[str, Any]:
    name, goal = f"lane-{lane.boundary}", f"goal:{lane.boundary}-compliance"
    return {
        "name": name,
        "lane": LANES[lane.boundary],
        "few": (lane.value.denominator or 0) < FEW,
        "overdue": lane.overdue,
        "goal": goal,
        "is_below": None not in (said[f"rate:{name}"], said[goal]) and said[f"rate:{name}"] < said[goal],
    }


def _groups(found: PastBoard, by: str, typed: str) -> Iterator[dict[str, Any]]:
    for group in found.reading.groups:
        counted, rates = dict(group.stages), {rate.target: rate for rate in group.rates}
        if not any(counted.values()):
            continue
        yield {
            "label": group.label if group.key else {"channel": _("No channel")}.get(by, shown(None, "count")),
            "link": _narrowed(found.scope, by, group, typed),
            "counts": [shown(counted[stage], "count") for stage in SHOWN[:5]],
            "rates": [shown(rates[stage].value, "share") for stage in STEPS_SHOWN],
        }


def _narrowed(scope: Scope, by: str, group: Group, typed: str) -> str:
    """The same moment for one group alone; a month is no filter but a period."""
    if group.key is None or by == "month":
        return ""
    found: dict[str, Any] = {by: group.key, "group_by": None}
    return address(replace(scope, **found), known_at=typed)
