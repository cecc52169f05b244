"""The API door of readings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards import cohorts, counts, exports, kpis, narrowing, past, planner, queries, scope
from dashboards.api import answers, shapes
from dashboards.api.shapes import asks
from dashboards.kpis.grouping import grouped
from dashboards.scope import Scope, ScopeError
from funnel import moment
from funnel.api import filters, paging
from funnel.api.bodies import take
from funnel.api.door import Door
from funnel.api.idempotency import Answer
from funnel.api.problems import Fault, Invalid, Turned
from funnel.api.schema import acts
from funnel.models import Organization


def asked(request: Request, *more: str, then: datetime | None = None) -> Scope:
    """The scope of the query, as of `then` where that is given.

    Raises ScopeError, and Invalid for a key that means nothing here.
    """
    unknown = [name for name in request.query_params if name not in (*scope.KEYS, *more)]
    if unknown:
        raise Invalid(
            [Fault(name.encode("utf-8", "replace").decode()[:80], "unknown_field") for name in unknown]
        )
    today = (then or moment.now()).astimezone(Organization.current().tz).date()
    return narrowing.parse(request.query_params, today=today)


def declared(slug: str) -> kpis.Kpi:
    """The KPI of an address; raises Turned(404)."""
    try:
        return kpis.get(slug)
    except KeyError as error:
        raise Turned(404, "not_found") from error


class Funnel(Door):
    """The funnel of a scope, in one snapshot."""

    @asks("funnel_read", shapes.FUNNEL, [*shapes.PERIOD, *shapes.FUNNEL_ONLY])
    def get(self, request: Request) -> Response:
        then = _known_at(request)
        wanted = asked(request, "include", "known_at", then=then)
        include = request.query_params.get("include", "")
        if include not in ("", "won"):
            raise Invalid([Fault("include", "bad_choice", {"value": include[:40], "choices": "won"})])
        (reading,) = counts.funnels([wanted], then)
        answer = answers.funnel(reading, wanted)
        if include:
            at = kpis.frame(wanted)
            leads = kpis.get("won").select(at)["rows"]
            (facts,) = queries.won_facts(leads, at.zone, [(at.start, at.end)])
            answer["won"] = answers.won(facts, queries.amounts(queries.won_deals(leads)))
        return Response(answer)


def _known_at(request: Request) -> datetime | None:
    """The moment to answer for; None is now. Raises ScopeError: no such moment, or asked for what is of now alone."""
    if "known_at" not in request.query_params:
        return None
    if request.query_params.get("include"):
        raise ScopeError("not_of_then", field="include", name="include")
    return past.moment(request.query_params["known_at"].strip(), Organization.current().tz, moment.now())


class Plan(Door):
    """From a goal backwards to the visitors it takes; writes nothing, so everyone signed in may."""

    permission_classes = (IsAuthenticated,)

    @acts("plan", shapes.PlanInput, shapes.PLAN, summary="Plan backwards from a revenue goal")
    def post(self, request: Request) -> Response:
        given = take(shapes.PlanInput, request.data)
        found, growth = planner.whole(**given)
        return self.carry_out(lambda by, now: Answer(answers.plan(found, growth, given["revenue"])))


class Cohorts(Door):
    """Period and cohort side by side, months of entry, time to convert, groups, cost by channel."""

    @asks("cohorts_read", shapes.COHORTS, [*shapes.PERIOD, shapes.GROUP_BY])
    def get(self, request: Request) -> Response:
        wanted = asked(request)
        return Response(answers.cohorts(cohorts.read(kpis.frame(wanted)), wanted))


class Kpis(Door):
    """Every number there is, with its formula."""

    @asks("numbers_list", shapes.KPIS)
    def get(self, request: Request) -> Response:
        return Response({"results": [answers.kpi(one) for one in kpis.ALL], "next": None})


class OneKpi(Door):
    """One number's value in a scope."""

    @asks("numbers_read", shapes.VALUE, [*shapes.PERIOD, shapes.GROUP_BY])
    def get(self, request: Request, slug: str) -> Response:
        kpi, wanted = declared(slug), asked(request)
        at = kpis.frame(wanted)
        head = {
            "kpi": answers.kpi(kpi),
            "as_of": at.now.isoformat(),
            "from": wanted.start.isoformat(),
            "to": wanted.end.isoformat(),
        }
        value = answers.value(kpi.measure(kpi.select(at), at))
        found = grouped(kpi, at, wanted.group_by) if wanted.group_by else None
        return Response(head | value | answers.groups(found))


PART = OpenApiParameter(
    "part", {"type": "string"}, description="One of the KPI's `parts`; the first unless given."
)


class KpiRows(Door):
    """The rows that a number is an aggregate of."""

    @asks("numbers_rows", shapes.ROWS, [*shapes.PERIOD, PART, *paging.PARAMETERS])
    def get(self, request: Request, slug: str) -> Response:
        kpi, wanted = declared(slug), asked(request, "part", *filters.PAGING)
        part: Any = request.query_params.get("part") or kpi.part_names[0]
        if part not in kpi.part_names:
            choices = ", ".join(kpi.part_names)
            raise Invalid([Fault("part", "bad_choice", {"value": part[:40], "choices": choices})])
        return paging.page(request, exports.loaded(kpi.rows(wanted, part)), exports.row)
