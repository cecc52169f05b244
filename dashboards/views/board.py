"""The live board: server-rendered once, then kept current by the stream."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboards import board as boards
from dashboards import drawing, improving, live, outlook, voices
from dashboards.board import GROUP_STAGES, GROUP_STEPS, ROWS_OF_RATE, ROWS_OF_STAGE, SHOWN, Board
from dashboards.counts.reading import NONE
from dashboards.kpis import Frame
from dashboards.kpis.together import Lane
from dashboards.past import PastBoard
from dashboards.scope import Scope
from dashboards.views import besides, known, limits
from dashboards.views.asking import address, asked, channels, owners, period_links, rows_address
from dashboards.wording import RATE_NAMES
from funnel.stages import STAGE_DEPARTMENT, STAGE_WORDS, STAGES, Stage, previous
from funnel.views.access import PageRequest, reads
from handoffs.lanes import LANES

FEW = 30
ENOUGH = 20
"""Of so many in time and so many late it can be said how they differ."""
WARM = ("found", "tie")


@require_GET
@never_cache
@reads
def board(request: PageRequest) -> HttpResponse:
    """The board of the scope in the address; with a moment in it, as it was known then."""
    if "known_at" in request.GET:
        return known.page(request, _pipe)
    scope, refusal = asked(request)
    at = _frame(request, scope)
    calendar = request.organization.calendar()
    found = live.board(at, calendar)
    said = boards.numbers(found)
    beside = besides.asked(request, at, said, calendar)
    period = period_links(request, scope)
    context = {
        "refusal": refusal,
        "beside": beside,
        "scope": scope,
        "board": found,
        "numbers": said,
        "words": _words(),
        "stages": [_stage(n, key, found, said) | beside.of(key) for n, key in enumerate(SHOWN)],
        "flow": _flow(said),
        "edges": _edges(scope, said),
        **limits.shown(at, said, request.organization),
        "drawn": drawing.course(said),
        "voices": voices.read(at),
        "enough": ENOUGH,
        "has_enough": min(said["n:in-time"], said["n:late"]) >= ENOUGH,
        "has_targets": beside.then is None and any(said[f"target:{key}"] is not None for key in SHOWN),
        "lanes": [_lane(lane, scope, said) for lane in found.lanes],
        "groups": _groups(found),
        "group_stages": [(key, STAGE_WORDS[key]) for key in GROUP_STAGES],
        "group_steps": [(STAGE_WORDS[previous(s) or ""], STAGE_WORDS[s]) for s in GROUP_STEPS],
        "overdue_link": address(scope, reverse("number", args=["overdue"])),
        "won_rows": rows_address("bookings", scope),
        "period": period,
        "is_running": scope.start <= at.today <= scope.end,
        "channels": channels(scope, _("All channels"), _("No channel")),
        "owners": owners(scope, _("Everybody")),
        # Frames are made for the current standard periods of the whole company; other boards fetch their own.
        "live_period": period["kind"] if period["is_current"] and is_whole(scope) else "",
        "tv": request.GET.get("tv") == "1",
        "zoomed": request.GET.get("zoom") == "1.4",
        "few": FEW,
    }
    return render(request, "dashboards/board.html", context, status=400 if refusal or beside.refusal else 200)


@require_GET
@never_cache
@reads
def numbers(request: PageRequest) -> HttpResponse:
    """The same numbers as JSON: for boards that no frame is made for, and when the stream is down."""
    scope, refusal = asked(request)
    if refusal:
        return JsonResponse({"detail": refusal}, status=400)
    return JsonResponse(boards.numbers(live.board(_frame(request, scope), request.organization.calendar())))


def is_whole(scope: Scope) -> bool:
    """Say whether nothing is left out of a scope but other days."""
    return scope.basis == "period" and not (
        scope.channel or scope.owner is not None or scope.exclude_inferred
    )


def _frame(request: PageRequest, scope: Scope) -> Frame:
    return Frame.of_scope(scope, request.organization, request.now)


def _words() -> dict[str, str]:
    """How a number stands beside its pace; {n} is the distance."""
    return {
        "ahead": _("{n} ahead"),
        "on_pace": _("on pace"),
        "behind": _("{n} behind"),
        "worst": _("{n} behind"),
        "starved": _("{n} behind (from upstream)"),
        "": "\u00a0",
    }


def _stage(n: int, key: str, found: Board | PastBoard, said: dict[str, Any]) -> dict[str, Any]:
    scope = found.scope
    rate = found.rates.get(key)
    by_rate = ROWS_OF_RATE[scope.basis]
    before = previous(Stage(key)) if key in STAGES else None
    warm = said["named"].split() if said["bottleneck"] in WARM and not said["judged"] else []
    return {
        "key": key,
        "words": STAGE_WORDS[key],
        "department": STAGE_DEPARTMENT[key],
        "slug": ROWS_OF_STAGE[key],
        "rate": rate,
        "rate_name": _(RATE_NAMES[key]) if key in RATE_NAMES else "",
        "rate_slug": by_rate.get(key, ROWS_OF_STAGE[key]),
        "step": outlook.STEPS.get(key, ""),
        "goal": f"goal:{outlook.STEPS[key]}" if key in outlook.STEPS and scope.basis == "period" else "",
        "is_named": outlook.STEPS.get(key, key) in warm,
        "source": STAGE_WORDS[str(before) if before else SHOWN[0]],
        # The step does not start from the neighbour on the left.
        "far": key in (Stage.RENEWED, Stage.REFERRED),
        "few": rate is not None and rate.denominator < FEW,
        "has_target": said[f"target:{key}"] is not None,
        "top": drawing.FLOOR - said[f"bar:{key}"],
        "height": said[f"bar:{key}"],
        "x": n * drawing.COLUMN + drawing.BAR_LEFT,
        "hatch_x": n * drawing.COLUMN + 2 if n else drawing.BAR_LEFT,
        "hatch_width": drawing.BAR_RIGHT - 2 if n else drawing.BAR_RIGHT - drawing.BAR_LEFT,
        "hatch": max(0, 100 - said[f"bar:{key}"]) if said[f"missing:{key}"] else 0,
        "tone": said[f"tone:{key}"],
    }


def _pipe(found: PastBoard, said: dict[str, Any]) -> dict[str, Any]:
    """What the pipe of a past board is drawn from: the same as that of now."""
    stages = [_stage(n, key, found, said) for n, key in enumerate(SHOWN)]
    return {"words": _words(), "stages": stages, "flow": _flow(said)}


def _flow(said: dict[str, Any]) -> list[dict[str, Any]]:
    """The flow between two bars, in the colour of whom it comes from."""
    heights = [said[f"bar:{key}"] for key in SHOWN]
    return [
        {"path": drawing.band(n, *pair), "n": n, "keys": SHOWN[n : n + 2], "from": STAGE_DEPARTMENT[SHOWN[n]]}
        for n, pair in enumerate(itertools.pairwise(heights))
    ]


def _edges(scope: Scope, said: dict[str, Any]) -> list[dict[str, Any]]:
    """What the bottleneck can be: its name, the numbers that say it, and the rows it was counted from."""
    scope = limits.judged(scope, said)
    steps = [
        {
            "slug": slug,
            "name": _(RATE_NAMES[stage]),
            "stage": stage,
            "shape": "share",
            "goal": f"edge-goal:{slug}",
            "link": rows_address(slug, scope) + "&part=denominator",
        }
        for stage, slug in outlook.STEPS.items()
    ]
    inflow = {
        "slug": outlook.INFLOW, "name": STAGE_WORDS["lead"].say(get_language()), "stage": "lead", "shape": "count",
        "goal": f"edge-goal:{outlook.INFLOW}", "link": rows_address(outlook.INFLOW, scope),
    }  # fmt: skip
    churn = {
        "slug": outlook.CHURN, "name": _("Churn a month"), "stage": "", "shape": "share",
        "goal": f"edge-goal:{outlook.CHURN}", "link": rows_address(outlook.CHURN, scope),
    }  # fmt: skip
    under_way = improving.under_way()
    return [
        edge
        | {
            "plan": f"{reverse('plan')}?kpi={edge['slug']}",
            "decide": f"{reverse('improvement-new')}?kpi={edge['slug']}",
            "decided": f"{reverse('improvements')}?kpi={edge['slug']}",
            "measures": under_way.get(str(edge["slug"]), 0),
        }
        for edge in (inflow, *steps, churn)
    ]


def _lane(lane: Lane, scope: Scope, said: dict[str, Any]) -> dict[str, Any]:
    name, goal = f"lane-{lane.boundary}", f"goal:{lane.boundary}-compliance"
    return {
        "name": name,
        "lane": LANES[lane.boundary],
        "slug": f"{lane.boundary}-compliance",
        "few": (lane.value.denominator or 0) < FEW,
        "overdue": lane.overdue,
        "sla": address(scope, reverse("sla"), lane=str(lane.boundary)),
        "goal": goal,
        "is_below": None not in (said[f"rate:{name}"], said[goal]) and said[f"rate:{name}"] < said[goal],
    }


def _groups(found: Board) -> list[dict[str, Any]]:
    shown = []
    for group in found.reading.groups:
        key = str(group.key or "")
        shown.append(
            {
                "key": key,
                "label": group.label if group.key else _("No channel"),
                "link": address(replace(found.scope, channel=key)) if key else "",
                "scope": replace(found.scope, channel=key or NONE, basis="period"),
                "counts": [(ROWS_OF_STAGE[stage], f"stage:{stage}@{key}") for stage in GROUP_STAGES],
                "rates": [(ROWS_OF_RATE["period"][step], f"rate:{step}@{key}") for step in GROUP_STEPS],
            }
        )
    return shown
