"""What a meeting held at a past moment would have shown: as `collecting`, from what had been recorded by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import Case, Count, F, Q, Value, When

from dashboards import board, counts, kpis, past, sla, stays, voices
from dashboards.board import Board
from dashboards.kpis import Frame
from dashboards.kpis.steps import before
from dashboards.kpis.together import Lane
from dashboards.meetings.collecting import Numbers, last_week, told
from dashboards.queries import Rows, waits
from dashboards.readings import comparable, read_rows
from dashboards.scope import Scope
from dashboards.sla import LaneResult
from funnel.models import Lead, Organization
from funnel.stages import Stage


def recollect(scope: Scope, organization: Organization, then: datetime) -> Numbers:
    """Return what `collect` would have returned at `then`; the caller has set the simulated clock to it.

    Counts, promises and who stood where are those on record then; what nothing keeps is of now, as on a past board
    (`dashboards.past.AS_OF_NOW`).
    """
    at = Frame.of_scope(scope, organization, then)
    week = _until(last_week(at, organization))
    promised = {lane.boundary: lane for lane in past.promised(week)[0]}
    return told(
        at,
        _board(at, organization),
        lanes=[_as_known(lane, promised[lane.boundary]) for lane in sla.lanes(week)],
        pareto=_causes(at),
        voice=voices.read(_until(at)),
        overdue=past.owed(then) & Q(opened_by__recorded_at__lte=then),
        known_at=then,
    )


def _until(at: Frame) -> Frame:
    """The part of a period that had passed: what came after it is not among its rows."""
    return at._replace(end=min(at.end, at.now))


def _board(at: Frame, organization: Organization) -> Board:
    (rows,) = read_rows([_until(at)])
    rows = rows._replace(lanes=past.promised(at)[0], response=_response(at), stays=stays.read(at, _standing))
    of_now = board.read(at, organization.calendar(), rows)
    counted = [replace(at.scope, group_by="channel"), comparable(at)]
    reading, earlier = counts.funnels(counted, at.now)
    return replace(
        of_now, reading=reading, before=earlier, rates={rate.target: rate for rate in reading.rates}
    )


def _response(at: Frame) -> kpis.Value:
    """The first response time of those who had come, as far as they had been answered."""
    rows = kpis.get("response-time").select(_until(at))["rows"]
    rows = rows.annotate(
        answered=Case(When(first_contact_at__lte=at.now, then=F("first_contact_at"))),
        ended=Case(When(closed_at__lte=at.now, then=F("closed_at"))),
    )
    (found,) = waits(rows, ("mql_at", "answered", "ended", "asked_at"), at.now, [(at.start, at.end)])
    return kpis.Value(found.median, more=found._asdict())


def _standing(at: Frame, stage: Stage) -> Rows:
    """Passes that stood before the step into `stage`."""
    came, made = before(stage), f"{stage}_at"
    rows = Q(**{f"{came}__lte": at.now}) & (Q(**{f"{made}__isnull": True}) | Q(**{f"{made}__gt": at.now}))
    if stage != Stage.ONBOARDED:
        rows &= Q(closed_at__isnull=True) | Q(closed_at__gt=at.now)
    return Lead.objects.filter(rows, at.of(channel="channel", owner="owner"), is_counted=True)


def _as_known(lane: LaneResult, promised: Lane) -> LaneResult:
    states = {state: promised.value.more[state] for state in ("kept", "kept_late", "missed", "cancelled")}
    return lane._replace(**states, overdue=promised.overdue)


def _causes(at: Frame) -> list[tuple[str, int]]:
    """Why promises were missed, as far as somebody had said so."""
    said = Case(When(confirmed_at__lte=at.now, then=F("cause")), default=Value(""))
    rows = sla.breaches(_until(at)).order_by().annotate(said=said).values_list("said")
    return sorted(rows.annotate(n=Count("pk")), key=lambda row: (row[0] == "", -row[1], row[0]))
