"""The rows behind a number: the same query, page by page, and as a file."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from dashboards import exports, kpis
from dashboards.kpis import Frame, Kpi, Unit
from dashboards.views.asking import address, asked, period_links
from funnel import moment
from funnel.models import Activity, Contract, Customer, Deal, Lead
from funnel.stages import EventKind
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import record
from funnel.views.access import PageRequest, leads_only, may_lead, reads
from funnel.views.keyset import Order, page
from funnel.views.pills import Pill
from funnel.words import Words
from handoffs.models import CustomerSheet, Handoff

PART_WORDS: dict[str, Words] = {
    "rows": Words("Rows", "対象"),
    "numerator": Words("Numerator", "分子"),
    "denominator": Words("Denominator", "分母"),
    "first": Words("First rounds", "初回の引き渡し"),
    "closed": Words("Deals that ended", "決着した商談"),
}
ALSO: dict[type, tuple[str, ...]] = {
    Lead: ("person", "owner"),
    Deal: ("lead__person", "owner"),
    Handoff: ("lead__person", "owner"),
    Contract: ("customer__owner", "renewed_by"),
    Customer: ("owner",),
    Activity: ("lead__person", "lead__owner"),
    CustomerSheet: ("submitted_by",),
}
SHAPES = {
    Unit.COUNT: "count",
    Unit.RATE: "share",
    Unit.HOURS: "hours",
    Unit.DAYS: "days",
    Unit.MONEY: "money",
    Unit.POINTS: "points",
}


@require_GET
@reads
def rows(request: PageRequest, slug: str) -> HttpResponse:
    """One page of the rows, newest first, under the number they make."""
    kpi = declared(slug)
    scope, refusal = asked(request)
    at = Frame.of_scope(scope, request.organization, request.now)
    parts = kpi.select(at)
    part = request.GET.get("part", "")
    part = part if part in kpi.part_names else kpi.part_names[0]
    found = page(request, loaded(parts[part]), Order())
    context = {
        "kpi": kpi,
        "value": kpi.measure(parts, at),
        "shape": SHAPES[kpi.unit],
        "scope": scope,
        "refusal": refusal,
        "period": period_links(request, scope),
        "parts": [
            Pill(address(scope, part=p), PART_WORDS[p].say(get_language()), p == part) for p in kpi.part_names
        ],
        "part": part,
        "page": found,
        **table(parts[part]),
        "back": address(scope, "/funnel/"),
        "may_export": may_lead(request),
    }
    return render(request, "dashboards/rows.html", context, status=400 if refusal else 200)


@require_POST
@leads_only
def export_rows(request: PageRequest, slug: str) -> Any:
    """All rows as CSV; the ledger keeps that they were taken out, by whom and how many."""
    kpi = declared(slug)
    scope, refusal = asked(request)
    if refusal:
        return HttpResponse(refusal, status=400, content_type="text/plain; charset=utf-8")
    part = request.GET.get("part", "")
    part = part if part in kpi.part_names else kpi.part_names[0]
    found = kpi.rows(scope, part)
    with transaction.atomic():
        now = moment.now()
        by = Actor.of(request.user, "html", now=now)
        data: dict[str, Any] = {"what": f"{slug}/{part}", "rows": found.count(), "scope": scope.query()}
        record(EventKind.DATA_EXPORTED, by, now=now, data=data)
    lines = exports.lines(found, get_language())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{slug}-{scope.start:%Y%m%d}-{scope.end:%Y%m%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def table(rows: QuerySet[Any]) -> dict[str, Any]:
    """What the table of rows needs to know: of which kind they are, and which columns a number added to them."""
    added = rows.query.annotations
    names = ("before", "after", "seats")
    return {"kind": rows.model._meta.model_name} | {f"has_{name}": name in added for name in names}


def declared(slug: str) -> Kpi:
    """The KPI of an address; raises Http404."""
    try:
        return kpis.get(slug)
    except KeyError as error:
        raise Http404 from error


def loaded(found: QuerySet[Any]) -> QuerySet[Any]:
    """The rows with all that the table shows, in one statement."""
    if found.model is Handoff:
        found = found.with_promise()  # type: ignore[attr-defined]
    return exports.loaded(found).select_related(*exports.RELATED[found.model], *ALSO.get(found.model, ()))
