"""What a lost hint forgot: promises missing for events, and acts that a live round has not heard of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from funnel import moment
from funnel.models import Customer, Event, Lead
from funnel.stages import DealKind, EventKind
from handoffs.lanes import LANES, Boundary, Decision, Lane
from handoffs.models import CustomerSheet, Handoff
from handoffs.promises import owning
from handoffs.promises.book import Book
from handoffs.promises.hearing import DECIDES, ENDS, ENDS_PASS, KEEPS, RELEVANT, RETURNS, TAKES

CHUNK = 200
FOUND = ("opened", "kept", "missed", "returned", "closed", "given_back")


def reconcile(*, within: timedelta | None = None) -> dict[str, int]:
    """Open and close what should have been, computed from the events themselves as if heard in time.

    Looks for events recorded `within` a time (default: ever) and at every live round. Repeating it changes
    nothing; a lead that somebody is writing to is left for the next run. Returns what it opened, kept,
    returned, closed, found missed and gave back to a former owner.
    """
    counted: Counter[str] = Counter(dict.fromkeys(FOUND, 0))
    leads, customers = _concerned(within)
    for some in _chunks(sorted(leads)):
        counted += _replay(Q(lead_id__in=some), lead_ids=some)
    for some in _chunks(sorted(customers)):
        counted += _replay(Q(customer_id__in=some, lead=None), customer_ids=some)
    counted["given_back"] = owning.reconcile(within)
    return {name: counted[name] for name in FOUND}


def forgotten() -> dict[str, int]:
    """Count, per boundary, promises that are missing and live rounds that missed an act; 0 is right."""
    found = {}
    for boundary, lane in LANES.items():
        found[f"{boundary} unopened"] = _unopened(lane, None).count()
        found[f"{boundary} unheard"] = _unheard(lane).count()
    found["kept by nothing"] = _kept_by_nothing(None).count()
    found["answered by nothing"] = _answered_by_nothing(None).count()
    found["owned by nothing"] = len(owning.forgotten(None))
    return found


def _concerned(within: timedelta | None) -> tuple[set[int], set[int]]:
    """Ids of the leads, and of the customers without one, about which something was forgotten."""
    leads: set[int] = set()
    customers: set[int] = set()
    concerned = list(_kept_by_nothing(within).order_by().values_list("lead_id", "customer_id"))
    concerned += _answered_by_nothing(within).order_by().values_list("lead_id", "customer_id")
    for lane in LANES.values():
        for rows in (_unopened(lane, within), _unheard(lane)):
            concerned += rows.order_by().values_list("lead_id", "customer_id")
    for lead_id, customer_id in concerned:
        (leads.add(lead_id) if lead_id else customers.add(customer_id))
    return leads, customers


def _replay(of: Q, *, lead_ids: Sequence[int] = (), customer_ids: Sequence[int] = ()) -> Counter[str]:
    with transaction.atomic():
        leads = Lead.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=lead_ids)
        customers = Customer.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            pk__in=customer_ids
        )
        free = {lead.pk for lead in leads.order_by("pk")} | {
            customer.pk for customer in customers.order_by("pk")
        }
        events = Event.objects.filter(of, kind__in=list(RELEVANT)).order_by("id")
        ours = _as_if_never([e for e in events if (e.lead_id or e.customer_id) in free])
        counted = Book(ours).apply().write()
        _file_sheets(lead_ids)
        return counted


def _as_if_never(events: Sequence[Event]) -> list[Event]:
    """Without what decided or ended a round and was withdrawn: it is not heard anew, even for a moment."""
    gone = {
        e.corrects_id
        for e in events
        if e.corrects_id and e.data.get("withdrawn") and not e.data.get("reopened")
    }
    return [e for e in events if e.pk not in gone or EventKind(e.kind) not in DECIDES - set(KEEPS)]


def _file_sheets(lead_ids: Sequence[int]) -> None:
    """A customer sheet handed in while no round was opened belongs to the round opened for it since."""
    opened_for_it = Handoff.objects.filter(
        boundary=Boundary.SQL, deal=OuterRef("deal"), opened_at=OuterRef("submitted_at"), sheet=None
    )
    lost = CustomerSheet.objects.filter(handoff=None, deal__lead_id__in=lead_ids)
    lost.update(handoff_id=Subquery(opened_for_it.values("pk")[:1]))


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while some := list(islice(rest, CHUNK)):
        yield some


def _subject(lane: Lane, of: str = "") -> dict[str, OuterRef]:
    return {f"{lane.subject}_id": OuterRef(f"{of}{lane.subject}_id")}


def _unopened(lane: Lane, within: timedelta | None) -> QuerySet[Event]:
    """Binding events that should have opened a round: none knows them, none was live at their recording."""
    rows = Event.objects.filter(
        binding=True, kind__in=lane.opened_by, **{f"{lane.subject}__isnull": False}
    ).exclude(Exists(Handoff.objects.filter(opened_by=OuterRef("pk"))))
    if within is not None:
        rows = rows.filter(recorded_at__gte=moment.now() - within)
    if lane.boundary is Boundary.WON:
        rows = rows.filter(deal__kind=DealKind.NEW)
    if lane.boundary is Boundary.ADVOCACY:
        return rows
    live_then = Handoff.objects.filter(
        Q(closed_at=None) | Q(closed_at__gt=OuterRef("recorded_at")),
        boundary=lane.boundary,
        opened_by_id__lt=OuterRef("pk"),
        **_subject(lane),
    )
    return rows.exclude(Exists(live_then))


def _kept_by_nothing(within: timedelta | None) -> QuerySet[Handoff]:
    """Rounds, live or not, whose keeping act has been withdrawn: their promise was not judged anew."""
    withdrawals = Event.objects.filter(corrects__isnull=False, data__withdrawn=True)
    if within is not None:
        withdrawals = withdrawals.filter(binding=True, recorded_at__gte=moment.now() - within)
    return Handoff.objects.filter(kept_by__in=withdrawals.values("corrects"))


def _answered_by_nothing(within: timedelta | None) -> QuerySet[Handoff]:
    """Rounds, the last of their subject, that what was withdrawn since has accepted, returned or ended."""
    withdrawals = Event.objects.filter(kind=EventKind.EVENT_CORRECTED, data__withdrawn=True, inferred=False)
    withdrawals = withdrawals.filter(~Q(data__has_key="reopened"), corrects__kind__in=DECIDES)
    if within is not None:
        withdrawals = withdrawals.filter(recorded_at__gte=moment.now() - within)
    undone = Event.objects.filter(corrects=OuterRef("pk"), data__withdrawn=True)
    # A file taken in anew tells the same things of the same moments.
    anew = Event.objects.filter(
        kind=OuterRef("corrects__kind"), lead=OuterRef("lead"), occurred_at=OuterRef("corrects__occurred_at")
    )
    withdrawals = withdrawals.exclude(Exists(anew.exclude(Exists(undone))))
    concerned = Q(lead__in=withdrawals.values("lead")) | Q(
        lead=None, customer__in=withdrawals.values("customer")
    )
    answered = Q()
    for boundary, lane in LANES.items():
        of = withdrawals.filter(corrects__gt=OuterRef("opened_by_id"), **_subject(lane))
        said = Q(corrects__handoff_ref=OuterRef("pk")) | Q(corrects__handoff_ref=None)
        decides = _kinds(RETURNS, boundary) | _kinds(TAKES, boundary)
        decides |= {EventKind.HANDOFF_ACCEPTED, EventKind.HANDOFF_RETURNED}
        ends = {kind for kind, of_kind in ENDS.items() if boundary in of_kind}
        ends |= set(ENDS_PASS) if boundary is Boundary.MQL else set()
        decided = of.filter(said, corrects__kind__in=decides, corrects__occurred_at=OuterRef("decided_at"))
        ended = of.filter(corrects__kind__in=ends, corrects__recorded_at=OuterRef("closed_at"))
        answered |= Q(boundary=boundary) & (Q(Exists(decided)) | Q(Exists(ended)))
    later = {name: OuterRef(name) for name in ("boundary", "lead", "deal")}
    newer = Handoff.objects.filter(**later, round__gt=OuterRef("round"))
    gone = Event.objects.filter(corrects=OuterRef("opened_by"), data__withdrawn=True)
    return Handoff.objects.filter(concerned, answered).exclude(Exists(newer)).exclude(Exists(gone))


def _kinds(table: Mapping[EventKind, Boundary], boundary: Boundary) -> set[EventKind]:
    return {kind for kind, of in table.items() if of is boundary}


def _unheard(lane: Lane) -> QuerySet[Handoff]:
    """Live rounds about which an event has been recorded that should have changed them."""
    later = Event.objects.filter(pk__gt=OuterRef("opened_by_id"), **_subject(lane))
    undone = Event.objects.filter(corrects=OuterRef("pk"), data__withdrawn=True)

    def told(kinds: set[EventKind], **more: Any) -> Q:
        return Q(Exists(later.filter(~Exists(undone), kind__in=kinds, **more)))

    taken = _kinds(TAKES, lane.boundary)
    ended = {kind for kind, boundaries in ENDS.items() if lane.boundary in boundaries}
    ended |= _kinds(RETURNS, lane.boundary)
    withdrawn = Event.objects.filter(corrects_id=OuterRef("opened_by_id"), data__withdrawn=True)
    changed = Q(Exists(withdrawn))
    if ended:
        changed |= told(ended)
    if lane.boundary is Boundary.MQL:
        changed |= Q(lead__outcome__isnull=False) & told(set(ENDS_PASS))
    if lane.boundary is not Boundary.ADVOCACY and taken:
        changed |= Q(decision=Decision.PENDING) & told(taken)
        done = taken & lane.completed_by
        if done:
            changed |= Q(completed_at=None) & told(done)
    if lane.unit is not None:
        owed = Q(kept_at=None, due_at__isnull=False)
        acts = later.filter(kind__in=lane.kept_by, binding=True, occurred_at__gte=OuterRef("opened_at"))
        changed |= owed & Q(Exists(acts.exclude(Exists(undone))))
    return (
        Handoff.objects.live()
        .filter(changed, boundary=lane.boundary)
        .annotate(subject=F(f"{lane.subject}_id"))
    )
