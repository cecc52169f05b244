"""What a page is asked for: the scope in its address, and the choices around it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards import narrowing, periods
from dashboards.counts.reading import NONE
from dashboards.scope import UNOWNED, UNOWNED_SAID, Scope, ScopeError, parse
from funnel.models import Channel, Member
from funnel.views.access import PageRequest

KEPT = (
    "basis",
    "channel",
    "owner",
    "segment",
    "campaign",
    "group_by",
    "part",
    "tv",
    "lane",
    "state",
    "beside",
    "known_at",
)
"""What stays in the address when the period changes."""


class Asked(NamedTuple):
    """The scope of a page, and the sentence to say where its address named none."""

    scope: Scope
    refusal: str


def asked(request: PageRequest, then: datetime | None = None) -> Asked:
    """Read the scope of the address; a wrong one is said, and the current month shown instead.

    `period` (week, month, quarter, year) means the current one and rolls over with the calendar; asked as of `then`,
    the one of that moment.
    """
    today = (then or request.now).astimezone(request.organization.tz).date()
    params = request.GET.dict()
    period = params.get("period", "")
    if period in periods.NAMES and not (params.get("from") or params.get("to")):
        span = periods.around(period, today, request.organization.fiscal_year_start)
        params |= {"from": span.start.isoformat(), "to": span.end.isoformat()}
    try:
        return Asked(narrowing.parse(params, today=today), "")
    except ScopeError as error:
        return Asked(parse({}, today=today), error.say_where(get_language()))


def address(scope: Scope, path: str = "", **more: str) -> str:
    """The address of a page for a scope."""
    query = scope.query()
    return f"{path}?{query}&{urlencode(more)}" if more else f"{path}?{query}"


def rows_address(slug: str, scope: Scope) -> str:
    """The page that lists the rows behind a number."""
    return address(scope, reverse("kpi-rows", args=[slug]))


class Choice(NamedTuple):
    """One entry of a menu."""

    value: str
    label: str
    chosen: bool


def channels(scope: Scope, everyone: str, nobody: str) -> Iterator[Choice]:
    """The channels to narrow by."""
    yield Choice("", everyone, scope.channel is None)
    for slug, name in Channel.objects.values_list("slug", "name"):
        yield Choice(slug, name, scope.channel == slug)
    yield Choice(NONE, nobody, scope.channel == NONE)


def owners(scope: Scope, everyone: str) -> Iterator[Choice]:
    """The members to narrow by."""
    yield Choice("", everyone, scope.owner is None)
    for pk, name in Member.objects.filter(is_service=False).order_by("name", "pk").values_list("pk", "name"):
        yield Choice(str(pk), name, scope.owner == pk)
    yield Choice(UNOWNED_SAID, _("Nobody"), scope.owner == UNOWNED)


def period_links(request: PageRequest, scope: Scope, then: datetime | None = None) -> dict[str, Any]:
    """The period switch: the four kinds, the one shown, and its neighbours; asked as of `then`, none after it."""
    start_month = request.organization.fiscal_year_start
    today = (then or request.now).astimezone(request.organization.tz).date()
    kind = periods.named(scope.start, scope.end, start_month)
    kept = {key: request.GET[key] for key in KEPT if request.GET.get(key)}
    before, following = scope.previous(), periods.after(scope.start, scope.end)

    def dated(start: Any, end: Any) -> str:
        return "?" + urlencode({"from": start.isoformat(), "to": end.isoformat()} | kept)

    return {
        "kind": kind,
        "is_current": bool(kind) and periods.around(kind, today, start_month) == (scope.start, scope.end),
        "title": periods.title(scope.start, scope.end, start_month),
        "kinds": [
            (words, "?" + urlencode({"period": name} | kept), name == kind)
            for name, words in periods.NAMES.items()
        ],
        "before": dated(before.start, before.end),
        "after": dated(following.start, following.end) if following.start <= today else "",
    }
