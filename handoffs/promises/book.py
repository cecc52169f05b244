"""The rounds that some events are about: locked, changed in memory by each event in turn, written once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, prefetch_related_objects

from funnel.models import Event
from funnel.models.ledger import first_recorded
from funnel.stages import EventKind
from handoffs import routing
from handoffs.lanes import LANES, Boundary
from handoffs.models import Handoff
from handoffs.promises import handing, keeping, rows, telling, undoing
from handoffs.promises.ground import Ground
from handoffs.promises.hearing import (
    ACTS_UNBOUND,
    DECIDES,
    ENDS,
    ENDS_PASS,
    KEEPS,
    OPENS,
    RELEVANT,
    RETURNS,
    TAKES,
)
from handoffs.promises.opening import Subject, open_round, preferred_owners, subject_of
from handoffs.signals import promise_changed


class Book:
    """Applies events to rounds. The caller holds the lock of every lead concerned; rounds are locked here.

    `Book(events).apply(…)` then `.write()`. Applying the same events again changes nothing.
    """

    def __init__(self, events: Iterable[Event], ground: Ground | None = None) -> None:
        self.events = [e for e in events if EventKind(e.kind) in RELEVANT and not _changes_no_promise(e)]
        self.ground = ground or Ground()
        self.opened: list[tuple[Handoff, Event]] = []
        self.rounds: dict[Subject, list[Handoff]] = defaultdict(list)
        self.by_opener: dict[int, list[Handoff]] = defaultdict(list)
        self.keepers: set[int | None] | None = None
        self.undone: dict[int, Event] = {}
        self.withdrawn = {e.corrects_id for e in self.events if e.corrects_id}
        self.before: dict[int, tuple[object, ...]] = {}
        self.acts: dict[Boundary, dict[int, list[Event]]] = {}
        self.latest: datetime
        self.is_replay = False
        if self.events:
            self._read()

    def _read(self) -> None:
        fetch = [e for e in self.events if EventKind(e.kind) in OPENS or EventKind(e.kind) in ENDS_PASS]
        prefetch_related_objects(fetch, "lead", "deal", "customer")
        leads = {e.lead_id for e in self.events if e.lead_id and _at(e, Boundary.MQL)}
        deals = {e.deal_id for e in self.events if e.deal_id}
        customers = {e.customer_id for e in self.events if e.customer_id and _at(e, Boundary.ADVOCACY)}
        corrected = {e.corrects_id for e in self.events if e.corrects_id}
        self.undone = Event.objects.filter(kind__in=DECIDES).in_bulk(corrected) if corrected else {}
        wanted = undoing.touched_by(self.undone.values())
        if leads:
            wanted |= Q(boundary=Boundary.MQL, lead_id__in=leads)
        if deals:
            wanted |= Q(boundary__in=[Boundary.SQL, Boundary.WON], deal_id__in=deals)
        if customers:
            wanted |= Q(boundary=Boundary.ADVOCACY, customer_id__in=customers)
        if corrected:
            wanted |= Q(opened_by_id__in=corrected) | Q(kept_by_id__in=corrected)
        # In the order of ids, so that two acts on the same rounds wait for each other and never in a circle.
        for handoff in Handoff.objects.filter(wanted).select_for_update(of=("self",)).order_by("id"):
            self._file(handoff)
            self.before[handoff.pk] = rows.values(handoff)

    def _file(self, handoff: Handoff) -> None:
        boundary = Boundary(handoff.boundary)
        record_id: int = getattr(handoff, f"{LANES[boundary].subject}_id")
        self.rounds[Subject(boundary, record_id)].append(handoff)
        self.by_opener[handoff.opened_by_id].append(handoff)

    def apply(self, recorded: datetime | None = None) -> Book:
        """Apply the events, in business order within a recording; `recorded` stands for their own."""
        self.is_replay = recorded is None
        for event in sorted(self.events, key=lambda e: (recorded or e.recorded_at, e.occurred_at, e.pk)):
            self.latest = recorded or event.recorded_at
            self._apply(event, EventKind(event.kind), self.latest)
        return self

    def _apply(self, event: Event, kind: EventKind, recorded: datetime) -> None:
        if kind in TAKES:
            self._take(event, TAKES[kind], recorded)
        if kind in RETURNS:
            for handoff in self._live_at(event, RETURNS[kind])[-1:]:
                keeping.give_back(handoff, event, recorded)
        if kind in OPENS and event.binding:
            self._open(event, OPENS[kind], recorded)
        if kind in KEEPS:
            self._keep(event, KEEPS[kind], recorded)
        if kind is EventKind.EVENT_CORRECTED:
            self._keep_anew(event)
            self._decide_anew(event)
        self._end(event, kind, recorded)

    def _open(self, event: Event, boundary: Boundary, recorded: datetime) -> None:
        subject = subject_of(event, boundary)
        if subject is None:
            return
        earlier = self.rounds[subject]
        if any(h.opened_by_id == event.pk for h in earlier) or self._is_live(subject, event):
            return
        handoff = open_round(event, subject, earlier, recorded, self.ground)
        earlier.append(handoff)
        self.by_opener[event.pk].append(handoff)
        self.opened.append((handoff, event))
        if event.occurred_at < recorded:
            self._look_back(handoff, subject)

    def _is_live(self, subject: Subject, event: Event) -> bool:
        """True when an earlier round was still live as the event was recorded: it is not opened twice.

        Each agreement of a customer is a promise of its own.
        """
        return subject.boundary is not Boundary.ADVOCACY and any(
            h.opened_by_id < event.pk
            and (h.closed_at is None or (self.is_replay and h.closed_at > event.recorded_at))
            for h in self.rounds[subject]
        )

    def _look_back(self, handoff: Handoff, subject: Subject) -> None:
        """A round opened after the fact may have been kept already, by an act between its opening and now."""
        if subject.boundary not in self.acts:
            self.acts[subject.boundary] = self._acts(subject.boundary)
        used = {h.kept_by_id for h in self.rounds[subject]}
        for act in self.acts[subject.boundary][subject.record_id]:
            if act.pk < handoff.opened_by_id and act.occurred_at >= handoff.opened_at and act.pk not in used:
                keeping.keep(handoff, act, act.recorded_at)
                self.keepers = None
                return

    def _acts(self, boundary: Boundary) -> dict[int, list[Event]]:
        """What was done for the subjects opened here and keeps no promise yet, first recorded first."""
        lane = LANES[boundary]
        ids = {
            getattr(e, f"{lane.subject}_id") for e in self.events if OPENS.get(EventKind(e.kind)) is boundary
        }
        found_acts = Event.objects.filter(
            **{f"{lane.subject}_id__in": ids}, kind__in=lane.kept_by, binding=True, kept_handoffs=None
        ).exclude(corrections__data__withdrawn=True)
        found: dict[int, list[Event]] = defaultdict(list)
        for act in found_acts.order_by(first_recorded(), "occurred_at", "id"):
            found[getattr(act, f"{lane.subject}_id")].append(act)
        return found

    def _keep(self, event: Event, boundary: Boundary, recorded: datetime) -> None:
        """The oldest round that waits for this act is kept by it."""
        for handoff in self._about(event, boundary):
            if keeping.keep(handoff, event, recorded):
                self.keepers = None
                keeping.close_if_done(handoff, recorded)
                return

    def _keep_anew(self, correction: Event) -> None:
        """The act that kept a promise never was: the promise is judged by what else was done."""
        if self.keepers is None:
            self.keepers = {h.kept_by_id for rounds in self.rounds.values() for h in rounds}
        if correction.corrects_id not in self.keepers:
            return
        # Another act may keep it now.
        self.keepers = None
        for rounds in self.rounds.values():
            for handoff in rounds:
                if handoff.kept_by_id == correction.corrects_id:
                    used = {h.kept_by_id for h in rounds if h is not handoff and h.kept_by_id}
                    undoing.judge_anew(handoff, correction, used)

    def _decide_anew(self, correction: Event) -> None:
        """The act that decided or ended a round never was: the round is as it would be without it.

        Not so where its own opening never was either, where another round has followed, or where a deal was
        reopened: that the win counts no more does not mean that nobody had taken the deal over. What was only
        inferred gives way to what is dated.
        """
        wrong = self.undone.get(correction.corrects_id or 0)
        if wrong is None or correction.inferred or correction.data.get("reopened"):
            return
        for rounds in self._concerned(wrong):
            handoff = max(rounds, key=lambda h: h.round)
            if wrong.handoff_ref not in (None, handoff.pk) or not undoing.is_about(wrong, handoff):
                continue
            if handoff.opened_by_id < wrong.pk and handoff.opened_by_id not in self.withdrawn:
                used = {h.kept_by_id for h in rounds if h is not handoff and h.kept_by_id}
                undoing.take_up_again(handoff, wrong, correction, used)
                self.keepers = None

    def _concerned(self, wrong: Event) -> list[list[Handoff]]:
        """The rounds of the records an event is about; of one that names a round, any may be it."""
        if wrong.handoff_ref is not None:
            return [rounds for rounds in self.rounds.values() if rounds]
        found = (self._about(wrong, boundary) for boundary in LANES)
        return [rounds for rounds in found if rounds]

    def _take(self, event: Event, boundary: Boundary, recorded: datetime) -> None:
        for handoff in self._live_at(event, boundary):
            if boundary is Boundary.ADVOCACY and not keeping.can_keep(handoff, event):
                continue
            keeping.accept(handoff, event)
            if EventKind(event.kind) in LANES[boundary].completed_by:
                keeping.complete(handoff, event)
            if boundary is not Boundary.ADVOCACY:
                keeping.close_if_done(handoff, recorded)
                continue
            return

    def _end(self, event: Event, kind: EventKind, recorded: datetime) -> None:
        ended: list[Handoff] = []
        for boundary in ENDS.get(kind, ()):
            ended += self._live_at(event, boundary)
        if kind in ENDS_PASS and event.lead is not None and event.lead.outcome is not None:
            ended += self._live_at(event, Boundary.MQL)
        if kind is EventKind.EVENT_CORRECTED:
            ended += self.by_opener.get(event.corrects_id or 0, [])
        for handoff in ended:
            keeping.close(handoff, event, recorded)

    def _about(self, event: Event, boundary: Boundary) -> list[Handoff]:
        record_id = getattr(event, f"{LANES[boundary].subject}_id")
        return self.rounds[Subject(boundary, record_id)] if record_id else []

    def _live_at(self, event: Event, boundary: Boundary) -> list[Handoff]:
        return [h for h in self._about(event, boundary) if h.closed_at is None and h.opened_by_id < event.pk]

    def write(self) -> Counter[str]:
        """Save what changed and its notices, tell readings; count opened, kept, missed, returned, closed."""
        new = [h for h, _ in self.opened]
        changed = [
            h
            for rounds in self.rounds.values()
            for h in rounds
            if h.pk and rows.values(h) != self.before[h.pk]
        ]
        if not new and not changed:
            return Counter()
        if new:
            self._route(new)
            Handoff.objects.bulk_create(new)
        if len(changed) == 1:
            changed[0].save(update_fields=rows.COLUMNS)
        elif changed:
            rows.save(changed)
        counted = telling.tell(new, changed, self.before, self.withdrawn)
        promise_changed.send(sender=Handoff, handoffs=[*new, *changed])
        return counted

    def _route(self, new: list[Handoff]) -> None:
        """Choose owners now for one record; for many, as soon as they are committed.

        A file holds its leads' locks for seconds: nobody's choice may wait for it, nor may it wait for a lead while
        others wait for its turn at choosing. What is over by now keeps nobody waiting.
        """
        live = {h.lead_id or -(h.customer_id or 0) for h in new if h.closed_at is None}
        many = len(live) > 1
        for handoff in new if many else ():
            routing.put(handoff, routing.Route(None, routing.Why.QUEUED), self.latest)
        now = [h for h in new if not many or h.closed_at is not None]
        about = {id(h): event for h, event in self.opened}
        preferred = {i: preferred_owners(about[id(h)], h) for i, h in enumerate(now)}
        day = routing.Day.of(self.latest, self.ground.calendar)
        routing.route(now, preferred, day, self.latest, locking=not many)
        if many:
            transaction.on_commit(handing.hand_out, robust=True)


def _changes_no_promise(event: Event) -> bool:
    """History opens and keeps nothing; thousands of such events must cost nothing."""
    kind = EventKind(event.kind)
    if kind == EventKind.EVENT_CORRECTED:
        return not event.data.get("withdrawn")
    return not event.binding and kind not in ACTS_UNBOUND


def _at(event: Event, boundary: Boundary) -> bool:
    """True when the event can touch a round of this boundary."""
    kind = EventKind(event.kind)
    if boundary is Boundary.MQL and kind in ENDS_PASS:
        return True
    return boundary in {OPENS.get(kind), KEEPS.get(kind), RETURNS.get(kind), TAKES.get(kind)}
