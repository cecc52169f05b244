"""Cohorts: period and cohort rates side by side, and the tables behind them as pages and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboards import cohorts
from dashboards.cohorts import COSTED, EDGES, Cohorts
from dashboards.counts import Rate
from dashboards.kpis import Frame
from dashboards.scope import GroupBy, Scope
from dashboards.views.asking import address, asked, channels, owners, period_links
from dashboards.views.numbers import GROUP_WORDS, campaigns, segments
from funnel import spreadsheet
from funnel.stages import COHORT_DAYS, STAGE_WORDS, previous
from funnel.views.access import PageRequest, reads
from funnel.views.pills import Pill

FEW = 30
GROUPINGS: tuple[GroupBy, ...] = ("channel", "campaign", "segment", "owner")


class Cell(NamedTuple):
    """A rate as it is shown: its parts and bounds where it stands over few, and whether more may still come."""

    rate: Rate
    is_few: bool
    is_open: bool


@require_GET
@reads
def page(request: PageRequest) -> HttpResponse:
    """All tables of the scope in the address."""
    scope, refusal = asked(request)
    found = _read(request, scope)
    context = {
        "scope": scope,
        "refusal": refusal,
        "found": found,
        "steps": [(s, _named(s.source, s.target), _cell(s.period), _cell(s.cohort)) for s in found.steps],
        "edges": [(_named(str(previous(stage)), str(stage)), COHORT_DAYS[stage]) for stage in EDGES],
        "months": [(month.key, [_cell(rate) for rate in month.steps]) for month in found.months],
        "waiting": [(w, _named(w.source, w.target), COHORT_DAYS[_stage(w.target)]) for w in found.waiting],
        "groups": list(_groups(found)),
        "costed": [STAGE_WORDS[stage] for stage in COSTED],
        "costs": [(cost, [(cost.entries[s], cost.each[s]) for s in COSTED]) for cost in found.costs],
        "currency": request.organization.currency,
        "by": found.by,
        "by_words": GROUP_WORDS[found.by],
        "by_pills": [
            Pill(address(replace(scope, group_by=by)), GROUP_WORDS[by].say(get_language()), by == found.by)
            for by in GROUPINGS
        ],
        "files": {name: f"{reverse('cohorts-csv', args=[name])}?{scope.query()}" for name in TABLES},
        "period": period_links(request, scope),
        "channels": channels(scope, _("All channels"), _("No channel")),
        "owners": owners(scope, _("Everybody")),
        "campaigns": campaigns(scope),
        "segments": segments(scope),
        "few": FEW,
    }
    return render(request, "dashboards/cohorts.html", context, status=400 if refusal else 200)


@require_GET
@reads
def table(request: PageRequest, name: str) -> HttpResponse:
    """One of the tables as CSV: plain numbers, shares as shares."""
    if name not in TABLES:
        raise Http404
    scope, refusal = asked(request)
    if refusal:
        return HttpResponse(refusal, status=400, content_type="text/plain; charset=utf-8")
    rows = [["" if cell is None else cell for cell in row] for row in TABLES[name](_read(request, scope))]
    response = HttpResponse("".join(spreadsheet.lines(rows)), content_type="text/csv; charset=utf-8")
    file = f"cohorts-{name}-{scope.start:%Y%m%d}-{scope.end:%Y%m%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def _read(request: PageRequest, scope: Scope) -> Cohorts:
    return cohorts.read(Frame.of_scope(scope, request.organization, request.now))


def _stage(name: str) -> Any:
    return next(stage for stage in EDGES if stage == name)


def _named(source: str, target: str) -> tuple[Any, Any]:
    return STAGE_WORDS[source], STAGE_WORDS[target]


def _cell(rate: Rate | None) -> Cell | None:
    if rate is None:
        return None
    is_few = 0 < rate.denominator < FEW
    return Cell(rate, is_few, rate.mature is False and bool(rate.denominator))


def _groups(found: Cohorts) -> Iterator[tuple[str, list[tuple[Cell | None, Cell | None]]]]:
    """Each group with both bases of the steps up to won."""
    for cohort, period in found.groups:
        of_period = {rate.target: rate for rate in period.rates} if period else {}
        steps = [r for r in cohort.rates if r.target in EDGES[:3]]
        yield cohort.label, [(_cell(of_period.get(rate.target)), _cell(rate)) for rate in steps]


Rows = Iterator[list[Any]]
RATE = ["numerator", "denominator", "rate", "low", "high"]
COHORT = [*RATE, "window_days", "mature", "still_open"]


def _rate(rate: Rate | None, columns: list[str]) -> list[Any]:
    if rate is None:
        return [None] * len(columns)
    return [rate.value if name == "rate" else getattr(rate, name) for name in columns]


def _step_rows(found: Cohorts) -> Rows:
    yield ["from", "to", *(f"period_{n}" for n in RATE), *(f"cohort_{n}" for n in COHORT)]
    for step in found.steps:
        yield [step.source, step.target, *_rate(step.period, RATE), *_rate(step.cohort, COHORT)]


def _month_rows(found: Cohorts) -> Rows:
    yield ["month", "from", "to", *COHORT]
    for month in found.months:
        for rate in month.steps:
            yield [month.key, rate.source, rate.target, *_rate(rate, COHORT)]


def _waiting_rows(found: Cohorts) -> Rows:
    yield ["from", "to", "count", "median_days", "p90_days"]
    yield from (list(waiting) for waiting in found.waiting)


def _group_rows(found: Cohorts) -> Rows:
    yield [found.by, "basis", "from", "to", *COHORT]
    for cohort, period in found.groups:
        for basis, group in (("period", period), ("cohort", cohort)):
            for rate in group.rates if group else ():
                yield [group.key if group else None, basis, rate.source, rate.target, *_rate(rate, COHORT)]


def _cost_rows(found: Cohorts) -> Rows:
    names = [f"{what}_{stage}" for stage in COSTED for what in ("entries", "cost_per")]
    yield ["channel", "spend", *names]
    for cost in found.costs:
        yield [cost.key, cost.spend, *(cell for s in COSTED for cell in (cost.entries[s], cost.each[s]))]


TABLES: dict[str, Callable[[Cohorts], Rows]] = {
    "steps": _step_rows,
    "months": _month_rows,
    "times": _waiting_rows,
    "groups": _group_rows,
    "costs": _cost_rows,
}
"""The tables that can be taken out, and their lines: the headers are names that stay, in one language."""
