"""What was the case when promises were missed: read from the ledger, a batch of misses in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Q

from dashboards.causes import Evidence, suggest
from dashboards.models import BreachReview
from dashboards.review.owning import Change, Span, spans
from funnel.calendar import ONE_DAY, BusinessCalendar
from funnel.models import Absence, Event, Organization
from funnel.stages import EventKind
from handoffs.clock import Unit
from handoffs.lanes import LANES, Boundary, Decision
from handoffs.models import Handoff

BATCH = 200
WEEKS = 4
USUAL = timedelta(weeks=WEEKS)
CONTACTS = (EventKind.CONTACT_ATTEMPTED, EventKind.MEETING_HELD, EventKind.DEMO_HELD)
# Whom nobody can reach is a cause where somebody outside is owed something.
REACHING_OUT = (Boundary.MQL, Boundary.WON)


def collect(handoffs: Collection[int] | None = None) -> int:
    """Collect what was the case at misses that wait for it, of these handoffs or the oldest batch; returns how many.

    Others may collect at the same time: what they hold is left to them. Repeating it changes nothing.
    """
    with transaction.atomic():
        waiting = BreachReview.objects.filter(evidence__isnull=True).order_by("id")
        if handoffs is not None:
            waiting = waiting.filter(handoff__in=list(handoffs))
        rows = list(waiting.select_for_update(of=("self",), skip_locked=True)[:BATCH])
        if not rows:
            return 0
        found = evidence_of([row.handoff_id for row in rows])
        for row in rows:
            case = found[row.handoff_id]
            row.owner_id, row.evidence = case.owner, case.evidence._asdict()
            row.suggested = [finding.cause for finding in suggest(case.evidence)]
        BreachReview.objects.bulk_update(rows, ["owner", "evidence", "suggested"])
        return len(rows)


@dataclass
class Case:
    """Who had a handoff when it was missed (None: nobody), and what was the case."""

    owner: int | None
    evidence: Evidence


def evidence_of(ids: Iterable[int]) -> dict[int, Case]:
    """What was the case at these misses, by handoff."""
    calendar = Organization.current().calendar()
    rows = list(
        Handoff.objects.filter(pk__in=list(ids))
        .select_related("lead__person", "opened_by", "sheet", "terms")
        .order_by("pk")
    )
    until = {row.pk: row.missed_at or row.opened_at for row in rows}
    held = _held(rows, until)
    owner = {
        row.pk: row.sender_id
        if row.due_at is None
        else held[row.pk][-1].owner
        if held[row.pk]
        else row.owner_id
        for row in rows
    }
    loads = _loads([(row.pk, owner[row.pk], until[row.pk]) for row in rows if owner[row.pk]])
    days = {row.pk: calendar.local_date(row.opened_at) for row in rows}
    came = _came(set(days.values()), calendar)
    away = _absences({one for one in owner.values() if one}, until.values(), calendar)
    sheets = _sheets(rows)
    touched, returned = _touches(rows, until), _returns(rows)
    cases = {}
    for row in rows:
        mine = owner[row.pk]
        open_load, usual_load = loads.get(row.pk, (0, 0.0))
        that_day, usual = _usual(came, row.boundary, days[row.pk], calendar)
        local = row.opened_at.astimezone(ZoneInfo(calendar.zone))
        person = row.lead.person if row.lead else None
        outward = row.boundary in REACHING_OUT and person is not None and person.erased_at is None
        here = [span for span in held[row.pk] if span.owner is not None]
        gap = [span for span in held[row.pk] if span.owner is None]
        cases[row.pk] = Case(
            mine,
            Evidence(
                boundary=row.boundary,
                allowed=_hours(row.due_at - row.opened_at) if row.due_at else 0.0,
                unowned=round(sum(span.hours for span in gap), 2),
                waited_for=row.routed_by if row.owner_id is None else "",
                away=_away(here, away, calendar, standing=row.terms.unit != Unit.ELAPSED_HOURS),
                open_load=open_load,
                usual_load=usual_load,
                came=that_day,
                usual_came=usual,
                weekday=local.isoweekday(),
                hour=local.hour,
                day_off=not calendar.is_business_day(local.date()),
                has_phone=bool(person.phone) if outward and person else None,
                has_mail=bool(person.email) if outward and person else None,
                missing=sheets.get(row.pk, 0),
                below=row.below_threshold_reason,
                touched=touched.get(row.pk, 0),
                lag=max(0.0, _hours(row.opened_by.recorded_at - row.opened_by.occurred_at)),
                returned=row.return_reason or returned.get(row.pk, ""),
                returned_now=row.decision == Decision.RETURNED,
                late_record=_late_record(row),
            ),
        )
    return cases


def _owner(row: Handoff, held: list[Span]) -> int | None:
    """Who owed it at the miss: of a gate its sender, else who had it last."""
    if row.due_at is None:
        return row.sender_id
    return held[-1].owner if held else row.owner_id


def _hours(span: timedelta) -> float:
    return round(span.total_seconds() / 3600, 2)


def _late_record(row: Handoff) -> float | None:
    if row.due_at is None or row.kept_at is None or row.kept_recorded_at is None:
        return None
    return (
        _hours(row.kept_recorded_at - row.due_at)
        if row.kept_at <= row.due_at < row.kept_recorded_at
        else None
    )


def _held(rows: Iterable[Handoff], until: Mapping[int, datetime]) -> dict[int, list[Span]]:
    """Who had each handoff until its miss, by what the ledger kept of changing hands."""
    rows = list(rows)
    about = Q(lead__in=[r.lead_id for r in rows if r.lead_id]) | Q(
        customer__in=[r.customer_id for r in rows if not r.lead_id]
    )
    told = (
        Event.objects.filter(about, kind=EventKind.HANDOFF_ASSIGNED, handoff_ref__in=[r.pk for r in rows])
        .exclude(corrections__data__withdrawn=True)
        .order_by("id")
    )
    changes: dict[int, list[Change]] = defaultdict(list)
    for event in told:
        since = (event.data.get("before") or {}).get("owned_at")
        begun = datetime.fromisoformat(since) if since else None
        changes[event.handoff_ref or 0].append(
            Change(event.recorded_at, event.data.get("from"), begun, event.data.get("to"))
        )
    return {
        row.pk: spans(row.opened_at, until[row.pk], changes[row.pk], row.owner_id, row.owned_at)
        for row in rows
    }


LOADS = """
SELECT w.id, w.back, (
  SELECT count(*) FROM handoffs_handoff h
  WHERE h.owner_id = w.owner AND h.id <> w.id
    AND h.opened_at <= w.at AND h.opened_at > w.at - interval '60 days'
    AND (h.kept_recorded_at IS NULL OR h.kept_recorded_at > w.at)
    AND (h.closed_at IS NULL OR h.closed_at > w.at))
FROM (SELECT id, owner, at - back * interval '7 days' AS at, back
      FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS w (id, owner, at), generate_series(0, %s) back) w
"""


def _loads(asked: list[tuple[int, int | None, datetime]]) -> dict[int, tuple[int, float]]:
    """What else each owner had to do at the moment of the miss, and on average a week, two, three and four before."""
    if not asked:
        return {}
    found: dict[int, list[int]] = defaultdict(lambda: [0] * (WEEKS + 1))
    with connection.cursor() as cursor:
        cursor.execute(LOADS, [*(list(column) for column in zip(*asked, strict=True)), WEEKS])
        for pk, back, count in cursor.fetchall():
            found[pk][back] = count
    return {pk: (counts[0], round(sum(counts[1:]) / WEEKS, 2)) for pk, counts in found.items()}


CAME = """
SELECT boundary, (opened_at AT TIME ZONE %s)::date AS day, count(*) FROM handoffs_handoff
WHERE boundary = ANY(%s) AND opened_at >= %s AND opened_at < %s GROUP BY 1, 2
"""
Came = Mapping[tuple[str, date], int]


def _came(days: Collection[date], calendar: BusinessCalendar) -> Came:
    """How many handoffs of each boundary opened on each day, from four weeks before the first day to the last."""
    first, last = calendar.start_of_day(min(days) - USUAL), calendar.end_of_day(max(days))
    with connection.cursor() as cursor:
        cursor.execute(CAME, [calendar.zone, [boundary.value for boundary in LANES], first, last])
        return {(boundary, day): count for boundary, day, count in cursor.fetchall()}


def _usual(came: Came, boundary: str, day: date, calendar: BusinessCalendar) -> tuple[int, float]:
    """How many came on a day, and on the average business day of the four weeks before."""
    before = [day - n * ONE_DAY for n in range(1, USUAL.days + 1)]
    worked = sum(calendar.is_business_day(one) for one in before) or 1
    usual = Decimal(sum(came.get((boundary, one), 0) for one in before)) / worked
    return came.get((boundary, day), 0), round(float(usual), 2)


Away = Mapping[int, list[tuple[date, date]]]


def _absences(members: Collection[int], moments: Collection[datetime], calendar: BusinessCalendar) -> Away:
    found: dict[int, list[tuple[date, date]]] = defaultdict(list)
    if members and moments:
        first = calendar.local_date(min(moments)) - USUAL
        rows = Absence.objects.filter(member__in=members, last_on__gte=first)
        for member, start, end in rows.values_list("member_id", "first_on", "last_on"):
            found[member].append((start, end))
    return found


def _away(held: Iterable[Span], away: Away, calendar: BusinessCalendar, *, standing: bool) -> float:
    """Which share of the time somebody had it was on days on which he was absent or nobody works.

    Where the clock is `standing` still on days on which nobody works, they are no part of the time.
    """
    gone = whole = 0.0
    for span in held:
        day = calendar.local_date(span.start)
        while day <= calendar.local_date(span.end):
            start, end = max(span.start, calendar.start_of_day(day)), min(span.end, calendar.end_of_day(day))
            is_off = not calendar.is_business_day(day)
            hours = 0.0 if is_off and standing else max(0.0, (end - start).total_seconds() / 3600)
            absent = any(first <= day <= last for first, last in away.get(span.owner or 0, []))
            whole += hours
            gone += hours if absent or is_off else 0.0
            day += ONE_DAY
    return round(gone / whole, 4) if whole else 0.0


def _sheets(rows: Iterable[Handoff]) -> dict[int, int]:
    """How many required items were missing from the sheet passed with each."""
    return {row.pk: len(row.sheet.missing) for row in rows if getattr(row, "sheet", None) is not None}


def _touches(rows: Iterable[Handoff], until: Mapping[int, datetime]) -> dict[int, int]:
    """Human outbound contacts with each one's customer between its opening and its miss, where they keep nothing."""
    rows = [row for row in rows if row.boundary != Boundary.MQL and row.due_at is not None]
    if not rows:
        return {}
    events = Event.objects.filter(
        lead__in=[row.lead_id for row in rows if row.lead_id],
        kind__in=CONTACTS,
        occurred_at__gte=min(row.opened_at for row in rows),
    ).exclude(corrections__data__withdrawn=True)
    moments: dict[int, list[datetime]] = defaultdict(list)
    for lead, at in events.values_list("lead_id", "occurred_at"):
        moments[lead or 0].append(at)
    return {
        row.pk: sum(row.opened_at < at <= until[row.pk] for at in moments.get(row.lead_id or -1, []))
        for row in rows
    }


def _returns(rows: Iterable[Handoff]) -> dict[int, str]:
    """For what an earlier round of the same record was returned."""
    rows = list(rows)
    earlier = Handoff.objects.filter(
        lead__in=[row.lead_id for row in rows if row.lead_id], decision=Decision.RETURNED
    ).values_list("lead_id", "boundary", "round", "return_reason")
    told = {(lead, boundary, number): reason for lead, boundary, number, reason in earlier}
    return {
        row.pk: next(
            (
                told[key]
                for n in range(row.round - 1, 0, -1)
                if (key := (row.lead_id, row.boundary, n)) in told
            ),
            "",
        )
        for row in rows
    }
