"""A board as it was known at a past moment, read from the ledger, beside what is known now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards import targets
from dashboards.board import ROWS_OF_STAGE
from dashboards.counts import FunnelReading, Rate, funnels
from dashboards.kpis import Frame
from dashboards.scope import EARLIEST, LATEST, Scope
from dashboards.views.asking import Asked, address, asked, channels, owners, period_links
from dashboards.views.numbers import campaigns, segments
from dashboards.wording import shown
from funnel import phrasing
from funnel.calendar import add_months, month_end, month_start
from funnel.models import Event
from funnel.stages import STAGE_WORDS, STAGES, VISITOR
from funnel.views.access import PageRequest

MINUTES = "%Y-%m-%dT%H:%M"


class Moment(NamedTuple):
    """The moment asked for, and why it cannot be answered for; both empty when none was asked for."""

    at: datetime | None
    refusal: str


def page(request: PageRequest) -> HttpResponse:
    """The counts, rates and channels as known at the moment in the address, in one statement beside those of now."""
    at, refusal = _moment(request)
    scope, wrong = _scope(request, at)
    refusals = [one for one in (refusal, wrong) if one]
    context: dict[str, Any] = {
        "known_at": at,
        "typed": at.astimezone(request.organization.tz).strftime(MINUTES) if at else "",
        "scope": scope,
        "refusals": refusals,
        "now": address(scope, "/funnel/"),
        "earlier": _earlier(request, scope),
        "period": period_links(request, scope),
        "channels": channels(scope, _("All channels"), _("No channel")),
        "owners": owners(scope, _("Everybody")),
        "campaigns": campaigns(scope),
        "segments": segments(scope),
    }
    if at is not None:
        context |= _read(request, scope, at)
    return render(request, "dashboards/known.html", context, status=400 if refusals else 200)


def _moment(request: PageRequest) -> Moment:
    text = request.GET.get("known_at", "").strip()
    if not text:
        return Moment(None, "")
    zone = request.organization.tz
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or not EARLIEST <= at.date() <= LATEST:
        return Moment(None, _("“%(text)s” is not a moment. Write 2026-05-01T09:00.") % {"text": text[:40]})
    at = at.replace(tzinfo=zone) if at.tzinfo is None else at
    if at > request.now:
        return Moment(None, _("This moment lies in the future. Choose one that has passed."))
    first = Event.objects.order_by("id").values_list("recorded_at", flat=True).first()
    if first is None or at < first:
        return Moment(None, _("Nothing had been recorded yet at this moment. Choose a later one."))
    return Moment(at, "")


def _scope(request: PageRequest, at: datetime | None) -> Asked:
    """The scope of the address; without dates the month of the moment."""
    found = asked(request)
    if at is None or found.refusal or any(request.GET.get(key) for key in ("from", "to", "period")):
        return found
    day = at.astimezone(request.organization.tz).date()
    return found._replace(scope=replace(found.scope, start=month_start(day), end=month_end(day)))


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


def _read(request: PageRequest, scope: Scope, at: datetime) -> dict[str, Any]:
    by_channel = replace(scope, group_by="channel")
    (then,), (now,) = funnels([by_channel], at), funnels([by_channel])
    frame = Frame.of_scope(scope, request.organization, request.now)
    goals = targets.current(frame, [ROWS_OF_STAGE[str(stage)] for stage in STAGES], known_at=at)
    language = get_language()
    return {
        "when": phrasing.when(at, now=request.now, zone=request.organization.tz, language=language),
        "stages": [
            (
                STAGE_WORDS[stage].say(language),
                then.count(stage),
                now.count(stage),
                shown(now.count(stage) - then.count(stage), "signed"),
                shown(goals.get(ROWS_OF_STAGE[str(stage)]), "count"),
            )
            for stage in STAGES
        ],
        "rates": list(_rates(then, now, language)),
        "groups": _groups(then, now),
        "group_stages": [STAGE_WORDS[stage].say(language) for stage in STAGES[:4]],
        "basis": scope.basis,
    }


def _rates(then: FunnelReading, now: FunnelReading, language: str | None) -> Any:
    for rate in then.rates:
        if rate.source != VISITOR:
            steps = f"{STAGE_WORDS[rate.source].say(language)} → {STAGE_WORDS[rate.target].say(language)}"
            yield steps, _share(rate), _share(now.rate(rate.target))


def _share(rate: Rate | None) -> str:
    if rate is None or rate.value is None:
        return shown(None, "share")
    return f"{shown(rate.value, 'share')} ({rate.numerator}/{rate.denominator})"


def _groups(then: FunnelReading, now: FunnelReading) -> list[tuple[str, list[tuple[int, int]]]]:
    """Each channel with its counts then and now, the largest of now first."""
    before = {group.key: dict(group.stages) for group in then.groups}
    return [
        (
            group.label if group.key else _("No channel"),
            [
                (before.get(group.key, {}).get(str(stage), 0), dict(group.stages)[str(stage)])
                for stage in STAGES[:4]
            ],
        )
        for group in now.groups
        if any(dict(group.stages)[str(stage)] for stage in STAGES)
    ]
