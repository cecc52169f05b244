"""The live board: server-rendered once, then kept current by the stream."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboards import board as boards
from dashboards.board import GROUP_STAGES, GROUP_STEPS, MOST_BAR, ROWS_OF_RATE, ROWS_OF_STAGE, SHOWN, Board
from dashboards.kpis import Frame
from dashboards.kpis.together import Lane
from dashboards.scope import Scope
from dashboards.views.asking import address, asked, channels, owners, period_links
from funnel.calendar import ONE_DAY
from funnel.stages import STAGE_DEPARTMENT, STAGE_WORDS, STAGES, Stage, previous
from funnel.views.access import PageRequest, reads
from handoffs.lanes import LANES

FEW = 30


@require_GET
@never_cache
@reads
def board(request: PageRequest) -> HttpResponse:
    """The board of the scope in the address."""
    scope, refusal = asked(request)
    found = boards.read(_frame(request, scope))
    period = period_links(request, scope)
    context = {
        "refusal": refusal,
        "scope": scope,
        "board": found,
        "numbers": boards.numbers(found),
        "stages": [_stage(key, found) for key in SHOWN],
        "lanes": [_lane(lane, scope) for lane in found.lanes],
        "groups": _groups(found),
        "group_stages": [(key, STAGE_WORDS[key]) for key in GROUP_STAGES],
        "group_steps": [(STAGE_WORDS[previous(s) or ""], STAGE_WORDS[s]) for s in GROUP_STEPS],
        "links": {
            slug: rows_address(slug, scope)
            for slug in ("bookings", "deal-size", "win-rate", "response-time", "time-to-win")
        },
        "overdue_link": rows_address("overdue", scope),
        "period": period,
        "pace": _pace(request, scope),
        "channels": channels(scope, _("All channels"), _("No channel")),
        "owners": owners(scope, _("Everybody")),
        # Frames are made for the current standard periods of the whole company; other boards fetch their own.
        "live_period": period["kind"] if period["is_current"] and is_whole(scope) else "",
        "tv": request.GET.get("tv") == "1",
        "few": FEW,
    }
    return render(request, "dashboards/board.html", context, status=400 if refusal else 200)


@require_GET
@never_cache
@reads
def numbers(request: PageRequest) -> HttpResponse:
    """The same numbers as JSON: for boards that no frame is made for, and when the stream is down."""
    scope, refusal = asked(request)
    if refusal:
        return JsonResponse({"detail": refusal}, status=400)
    return JsonResponse(boards.numbers(boards.read(_frame(request, scope))))


def is_whole(scope: Scope) -> bool:
    """Say whether nothing is left out of a scope but other days."""
    return scope.basis == "period" and not (scope.channel or scope.owner or scope.exclude_inferred)


def rows_address(slug: str, scope: Scope) -> str:
    """The page that lists the rows behind a number."""
    return address(scope, reverse("kpi-rows", args=[slug]))


def _frame(request: PageRequest, scope: Scope) -> Frame:
    return Frame.of_scope(scope, request.organization, request.now)


def _stage(key: str, found: Board) -> dict[str, Any]:
    scope = found.scope
    rate = found.rates.get(key)
    by_rate = ROWS_OF_RATE[scope.basis]
    before = previous(Stage(key)) if key in STAGES else None
    height = boards.bar(found.reading.count(key), found.before.count(key))
    return {
        "key": key,
        "words": STAGE_WORDS[key],
        "department": STAGE_DEPARTMENT[key],
        "link": rows_address(ROWS_OF_STAGE[key], scope),
        "rate": rate,
        "rate_link": rows_address(by_rate.get(key, ROWS_OF_STAGE[key]), scope),
        "source": STAGE_WORDS[str(before) if before else SHOWN[0]],
        # The step does not start from the neighbour on the left.
        "far": key in (Stage.RENEWED, Stage.REFERRED),
        "few": rate is not None and rate.denominator < FEW,
        "height": height,
        "top": MOST_BAR - height,
    }


def _lane(lane: Lane, scope: Scope) -> dict[str, Any]:
    name = f"lane-{lane.boundary}"
    return {
        "name": name,
        "lane": LANES[lane.boundary],
        "link": rows_address(f"{lane.boundary}-compliance", scope),
        "few": (lane.value.denominator or 0) < FEW,
        "overdue": lane.overdue,
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
                "counts": [f"stage:{stage}@{key}" for stage in GROUP_STAGES],
                "rates": [f"rate:{step}@{key}" for step in GROUP_STEPS],
            }
        )
    return shown


def _pace(request: PageRequest, scope: Scope) -> dict[str, int] | None:
    """Business days passed and in all, today included; None for a period that does not run now."""
    today = request.now.astimezone(request.organization.tz).date()
    if not scope.start <= today <= scope.end:
        return None
    calendar = request.organization.calendar()
    passed = calendar.business_days_between(scope.start - ONE_DAY, today)
    whole = calendar.business_days_between(scope.start - ONE_DAY, scope.end)
    return {"passed": passed, "whole": whole, "percent": passed * 100 // whole if whole else 100}
