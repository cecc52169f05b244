"""The analysis of promises: how they went, why they were missed, and where a person says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboards import improving, sla
from dashboards.causes import Evidence, suggest
from dashboards.counts.reading import NONE
from dashboards.explorers import contact
from dashboards.kpis import Frame
from dashboards.kpis.together import promised
from dashboards.models import BreachReview
from dashboards.views.asking import address, asked, channels, owners, period_links
from dashboards.views.causes import CausesForm, offered
from funnel.phrasing import DAYS, WEEKDAYS
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads
from funnel.views.keyset import Order, moment, page
from funnel.views.pills import Pill
from funnel.words import Words
from handoffs.lanes import LANES, Boundary

NEWEST = Order("breached_at", read=moment)
LIKELIEST = 3
FEW = 5
"""Fewer arrivals in an hour of the week than these make no share."""
STATES: dict[str, Words] = {
    "open": Words("No cause yet", "原因が未確認"),
    "said": Words("Cause confirmed", "確認済み"),
    "all": Words("All", "すべて"),
}


@require_GET
@reads
def analysis(request: PageRequest) -> HttpResponse:
    """Everything about the promises of a period; one boundary of them in detail."""
    scope, refusal = asked(request)
    at = Frame.of_scope(scope, request.organization, request.now)
    lane = request.GET.get("lane", "")
    boundary = Boundary(lane) if lane in LANES else Boundary.MQL
    state = request.GET.get("state", "")
    state = state if state in STATES else "open"
    language = get_language()
    causes = offered(language)
    counted = sla.pareto(at, boundary)
    open_ones = sum(n for cause, n in counted if not cause)
    here = {"lane": boundary.value}
    period = period_links(request, scope)
    context = {
        "scope": scope,
        "refusal": refusal,
        "period": period,
        "kinds": [Pill(href, words.say(language), chosen) for words, href, chosen in period["kinds"]],
        "channels": channels(scope, _("All channels"), _("No channel")),
        "owners": owners(scope, _("Everybody")),
        "lanes": [Lane.of(one, scope, boundary, language) for one in sla.lanes(at)],
        "boundary": boundary,
        "lane_words": LANES[boundary].words,
        "owed": LANES[boundary].owed,
        "pareto": _bars(counted, causes),
        "measures": improving.under_way().get(f"{boundary}-compliance", 0),
        "misses": sum(n for _cause, n in counted),
        "open_ones": open_ones,
        "by_owner": [(row, None) for row in sla.by_owner(at, boundary)],
        "by_channel": [
            (row, replace(scope, channel=row.key or NONE)) for row in sla.by_channel(at, boundary)
        ],
        "card": f"{boundary}-compliance",
        "contacted": promised([at])[0].contacted if boundary == Boundary.MQL else None,
        "hours": _week(contact.hours(at)) if boundary == Boundary.MQL else None,
        "states": [
            Pill(
                address(scope, **here, state=key),
                words.say(language),
                key == state,
                str(open_ones or "") if key == "open" else "",
            )
            for key, words in STATES.items()
        ],
        "state": state,
        "found": _listed(request, at, boundary, state, causes),
        "causes": [(code, label) for code, (label, offered) in causes.items() if offered],
        "may_say": Actor.of(request.user, "html", now=request.now, zone=request.organization.tz).may_write,
        "form": CausesForm(),
        "back": f"{reverse('sla')}{address(scope, **here, state=state)}",
    }
    return render(request, "dashboards/sla.html", context, status=400 if refusal else 200)


class Lane(NamedTuple):
    """One boundary as it is shown: its result and words, where it is looked at closely and where its misses are listed,
    its card, its eight weeks.
    """

    result: sla.LaneResult
    words: Words
    owed: Words
    href: str
    listed: str
    card: str
    is_current: bool
    bars: list[tuple[int, int, int, str]]

    @classmethod
    def of(cls, result: sla.LaneResult, scope: Any, boundary: Boundary, language: str | None) -> Lane:
        """The lane of a result; a bar is (x, y, height, words) in a box of 80 × 24."""
        bars = []
        for n, (day, kept, judged) in enumerate(result.weeks):
            height = round(24 * kept / judged) if judged else 0
            share = f"{kept}/{judged}"
            bars.append((n * 10, 24 - height, height, f"{day:%-m/%-d} {share}"))
        words = LANES[result.boundary]
        href = address(scope, lane=result.boundary.value)
        return cls(
            result,
            words.words,
            words.owed,
            href,
            address(scope, lane=result.boundary.value, state="all") + "#breaches",
            f"{result.boundary}-compliance",
            result.boundary == boundary,
            bars,
        )


class Bar(NamedTuple):
    """A cause of the Pareto: its name, how many misses, how wide in percent of the most, whether nobody said it yet."""

    label: str
    misses: int
    width: int
    is_open: bool


class Row(NamedTuple):
    """A miss in the list: its review, whom it is about, likely causes to press, what speaks for the first, its cause."""

    review: BreachReview
    who: str
    chips: list[tuple[str, str]]
    why: str
    cause: str


def _bars(counted: list[tuple[str, int]], causes: Mapping[str, tuple[str, bool]]) -> list[Bar]:
    most = max((n for _cause, n in counted), default=1)
    return [
        Bar(
            causes.get(cause, (cause, False))[0] if cause else _("Not confirmed yet"),
            n,
            n * 100 // most,
            not cause,
        )
        for cause, n in counted
    ]


def _listed(
    request: PageRequest, at: Frame, boundary: Boundary, state: str, causes: Mapping[str, tuple[str, bool]]
) -> Any:
    rows = sla.breaches(at, boundary)
    if state != "all":
        rows = rows.filter(cause="") if state == "open" else rows.exclude(cause="")
    subject = (
        "handoff__lead__account",
        "handoff__lead__person",
        "handoff__customer__account",
        "owner",
        "confirmed_by",
    )
    found = page(request, rows.select_related(*subject), NEWEST)
    return found._replace(rows=[_row(one, causes, get_language()) for one in found.rows])


def _row(one: BreachReview, causes: Mapping[str, tuple[str, bool]], language: str | None) -> Row:
    findings = suggest(Evidence.of(one.evidence)) if one.evidence is not None else []
    known = [f for f in findings if causes.get(f.cause, ("", False))[1]]
    handoff = one.handoff
    about = handoff.lead.account or handoff.lead.person if handoff.lead else handoff.customer.account  # type: ignore[union-attr]
    return Row(
        one,
        str(about),
        [(f"{one.handoff_id}:{f.cause}", causes[f.cause][0]) for f in known[:LIKELIEST]],
        findings[0].say(language) if findings else "",
        causes.get(one.cause, (one.cause, False))[0],
    )


class Hour(NamedTuple):
    """One hour of the week: the share not contacted in time in ten steps (null: too few), and its sentence."""

    step: int | None
    words: str


def _week(found: contact.Hours) -> dict[str, Any]:
    """The hours of the week as rows of a table, Monday first; an hour in which nothing arrived is null."""
    days = WEEKDAYS if (get_language() or "").startswith("ja") else DAYS
    by_hour = {(one.weekday, one.hour): one for one in found.arrivals}
    rows = []
    for number, day in enumerate(days, start=1):
        cells: list[Hour | None] = []
        for hour in range(24):
            one = by_hour.get((number, hour))
            if one is None:
                cells.append(None)
                continue
            late = one.came - one.in_time
            words = _("%(day)s %(hour)s:00: %(late)s of %(n)s late") % {
                "day": day, "hour": hour, "late": late, "n": one.came,
            }  # fmt: skip
            cells.append(Hour(late * 10 // one.came if one.came >= FEW else None, words))
        rows.append((day, cells))
    return {"rows": rows, "promised": found.promised, "hours": range(24)}
