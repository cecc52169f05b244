"""What a lost hint forgot: promises missing for events, and acts that a live round has not heard of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
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
from handoffs.promises.book import Book
from handoffs.promises.hearing import ENDS, ENDS_PASS, RELEVANT, RETURNS, TAKES

CHUNK = 200


def reconcile(*, within: timedelta | None = None) -> dict[str, int]:
    """Open and close what should have been, computed from the events themselves as if heard in time.

    Looks for events recorded `within` a time (default: ever) and at every live round. Repeating it changes
    nothing; a lead that somebody is writing to is left for the next run. Returns what it opened, kept,
    returned, closed and found missed.
    """
    counted: Counter[str] = Counter(dict.fromkeys(("opened", "kept", "missed", "returned", "closed"), 0))
    leads, customers = _concerned(within)
    for some in _chunks(sorted(leads)):
        counted += _replay(Q(lead_id__in=some), lead_ids=some)
    for some in _chunks(sorted(customers)):
        counted += _replay(Q(customer_id__in=some, lead=None), customer_ids=some)
    return {name: counted[name] for name in ("opened", "kept", "missed", "returned", "closed")}


def forgotten() -> dict[str, int]:
    """Count, per boundary, promises that are missing and live rounds that missed an act; 0 is right."""
    found = {}
    for boundary, lane in LANES.items():
        found[f"{boundary} unopened"] = _unopened(lane, None).count()
        found[f"{boundary} unheard"] = _unheard(lane).count()
    found["kept by nothing"] = _kept_by_nothing(None).count()
    return found


def _concerned(within: timedelta | None) -> tuple[set[int], set[int]]:
    """Ids of the leads, and of the customers without one, about which something was forgotten."""
    leads: set[int] = set()
    customers: set[int] = set()
    concerned = list(_kept_by_nothing(within).order_by().values_list("lead_id", "customer_id"))
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
        ours = [e for e in events if (e.lead_id or e.customer_id) in free]
        counted = Book(ours).apply().write()
        _file_sheets(lead_ids)
        return counted


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


def _unheard(lane: Lane) -> QuerySet[Handoff]:
    """Live rounds about which an event has been recorded that should have changed them."""
    later = Event.objects.filter(pk__gt=OuterRef("opened_by_id"), **_subject(lane))

    def told(kinds: set[EventKind], **more: Any) -> Q:
        return Q(Exists(later.filter(kind__in=kinds, **more)))

    taken = {kind for kind, boundary in TAKES.items() if boundary is lane.boundary}
    ended = {kind for kind, boundaries in ENDS.items() if lane.boundary in boundaries}
    ended |= {kind for kind, boundary in RETURNS.items() if boundary is lane.boundary}
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
        undone = Event.objects.filter(corrects=OuterRef("pk"), data__withdrawn=True)
        acts = later.filter(kind__in=lane.kept_by, binding=True, occurred_at__gte=OuterRef("opened_at"))
        changed |= owed & Q(Exists(acts.exclude(Exists(undone))))
    return (
        Handoff.objects.live()
        .filter(changed, boundary=lane.boundary)
        .annotate(subject=F(f"{lane.subject}_id"))
    )
