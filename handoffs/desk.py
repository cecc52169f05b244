"""What lies on a member's desk: promises by deadline, then the work in hand; one page of it, by keyset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import CharField, Exists, OuterRef, Prefetch, Q, QuerySet, Value

from funnel import normalise
from funnel.models import Customer, Deal, Lead
from funnel.stages import CustomerPhase, DealState, Department, Outcome, Stage
from handoffs.lanes import Boundary, Decision
from handoffs.models import Handoff
from handoffs.querysets import HandoffQuerySet

PAGE = 50
TABS = ("do", "waiting", "returned", "nurture")
COUNT_TO = 100
START = datetime(1, 1, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Desk:
    """Whose desk, and which part of it: departments, words searched for, owner (a member's id or None)."""

    departments: frozenset[str]
    search: str = ""
    owner: int | None = None


class Source(NamedTuple):
    """One kind of row: which records, in which order. `ascending` orders by a moment, else newest first."""

    kind: str
    rows: Callable[[Desk], QuerySet[Any]]
    ascending: str = ""


class Cursor(NamedTuple):
    """Where a page begins: a source, and the last row before it."""

    source: int = 0
    moment: datetime = START
    pk: int = 0

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Read a cursor from an address; anything that is none means the beginning."""
        try:
            source, seconds, pk = text.split("_")
            return cls(abs(int(source)), EPOCH + int(seconds) * MICROSECOND, abs(int(pk)))
        except (ValueError, OverflowError):
            return cls()

    def __str__(self) -> str:
        return f"{self.source}_{(self.moment - EPOCH) // MICROSECOND}_{self.pk}"


class Item(NamedTuple):
    """One row: the record it stands for, by kind."""

    kind: str
    record: Any


class Page(NamedTuple):
    """Rows in order, and where the next page begins (None at the end)."""

    items: list[Item]
    next: Cursor | None


def page(tab: str, desk: Desk, after: Cursor, size: int = PAGE) -> Page:
    """Return one page of a tab; at most two statements for each kind of row, whatever their number.

    First the ids in order, then what is shown of them: joining a dozen tables before narrowing is dear.
    """
    found: list[Item] = []
    sources = SOURCES[tab]
    for index in range(after.source, len(sources)):
        source = sources[index]
        wanted = size + 1 - len(found)
        if wanted <= 0:
            break
        start = after if index == after.source else Cursor(index)
        ids = list(_part(source, desk, start).values_list("pk", flat=True)[:wanted])
        found += _read(source.kind, ids)
        if len(found) > size:
            return Page(found[:size], _cursor(tab, found[size - 1]))
    return Page(found, None)


def _cursor(tab: str, last: Item) -> Cursor:
    index = next(i for i, source in enumerate(SOURCES[tab]) if source.kind == last.kind)
    attribute = SOURCES[tab][index].ascending
    moment = getattr(last.record, attribute) if attribute else START
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return Cursor(index, moment, last.record.pk)


def _part(source: Source, desk: Desk, after: Cursor) -> QuerySet[Any]:
    rows = source.rows(desk)
    if not source.ascending:
        return rows.filter(pk__lt=after.pk).order_by("-pk") if after.pk else rows.order_by("-pk")
    at = source.ascending
    if after.pk:
        rows = rows.filter(Q(**{f"{at}__gt": after.moment}) | Q(**{at: after.moment, "pk__gt": after.pk}))
    return rows.order_by(at, "pk")


def counts(desk: Desk, now: datetime) -> dict[str, int]:
    """How many rows each tab holds, and how many promises are `overdue`, up to 100 each; one statement."""
    wanted = [(tab, source.rows(desk)) for tab, sources in SOURCES.items() for source in sources]
    wanted.append(("overdue", _promises(desk).filter(due_at__lt=now)))
    parts = [
        rows.order_by().annotate(part=Value(name, CharField())).values_list("part", flat=True)[:COUNT_TO]
        for name, rows in wanted
    ]
    found = Counter(parts[0].union(*parts[1:], all=True))
    return {name: min(COUNT_TO, found[name]) for name, _rows in wanted}


def find(kind: str, pk: int) -> Item | None:
    """The row of one record, with all that it shows; None when there is none."""
    record = READERS[kind]().filter(pk=pk).first() if kind in READERS else None
    return Item(kind, record) if record else None


def _read(kind: str, ids: list[int]) -> list[Item]:
    records = READERS[kind]().in_bulk(ids) if ids else {}
    return [Item(kind, records[pk]) for pk in ids if pk in records]


LEAD_SHOWN = ("person", "account", "channel", "campaign", "owner")


def _handoffs() -> HandoffQuerySet:
    shown = [f"lead__{name}" for name in LEAD_SHOWN]
    rows = Handoff.objects.with_promise().select_related(
        *shown, "deal__contract", "owner", "sender", "opened_by__note"
    )
    # Apart: only the fourth boundary has a customer, and its joins would double the others' cost.
    return rows.prefetch_related(Prefetch("customer", _customers()))


def _leads() -> QuerySet[Lead]:
    return Lead.objects.select_related(*LEAD_SHOWN)


def _deals() -> QuerySet[Deal]:
    return Deal.objects.select_related("account", "owner", *[f"lead__{name}" for name in LEAD_SHOWN])


def _customers() -> QuerySet[Customer]:
    return Customer.objects.select_related(
        "account", "owner", *[f"origin_lead__{name}" for name in LEAD_SHOWN]
    )


READERS: dict[str, Callable[[], QuerySet[Any]]] = {
    "promise": _handoffs, "kickoff": _handoffs, "handoff": _handoffs,
    "lead": _leads, "deal": _deals, "customer": _customers,
}  # fmt: skip


def _promises(desk: Desk) -> QuerySet[Handoff]:
    """Owed and not done, late or not: what is about to break comes first."""
    return _narrowed(Handoff.objects.owed().for_departments(desk.departments), desk, "lead__", "customer__")


def _leads_in_hand(desk: Desk) -> QuerySet[Lead]:
    """Open leads of marketing (not certified yet) and of inside sales (contacted, not handed over yet)."""
    stages = [
        stage
        for department, stage in ((Department.MARKETING, Stage.LEAD), (Department.INSIDE_SALES, Stage.MQL))
        if department in desk.departments
    ]
    owed = Handoff.objects.owed().filter(boundary=Boundary.MQL, lead=OuterRef("pk"))
    rows = Lead.objects.filter(outcome__isnull=True, stage__in=stages).filter(~Exists(owed))
    rows = rows.filter(~Exists(_unanswered_returns().filter(lead=OuterRef("pk"))))
    return _narrowed(rows, desk)


def _deals_in_hand(desk: Desk) -> QuerySet[Deal]:
    """Open deals that field sales has taken over."""
    if Department.FIELD_SALES not in desk.departments:
        return Deal.objects.none()
    waiting = Handoff.objects.pending().filter(boundary=Boundary.SQL, deal=OuterRef("pk"), is_self=False)
    return _narrowed(Deal.objects.filter(state=DealState.OPEN).filter(~Exists(waiting)), desk, "lead__")


def _kickoffs(desk: Desk) -> QuerySet[Handoff]:
    """Kickoffs that are set and not held yet."""
    rows = Handoff.objects.live().for_departments(desk.departments)
    return _narrowed(rows.filter(boundary=Boundary.WON, kept_at__isnull=False), desk, "lead__")


def _onboarding(desk: Desk) -> QuerySet[Customer]:
    """Customers whose kickoff was held and who have not reached first value."""
    if Department.CUSTOMER_SUCCESS not in desk.departments:
        return Customer.objects.none()
    owed = Handoff.objects.live().filter(boundary=Boundary.WON, deal__contract__customer=OuterRef("pk"))
    rows = Customer.objects.filter(phase=CustomerPhase.ONBOARDING, onboarded_at__isnull=True).filter(
        ~Exists(owed)
    )
    return _narrowed(rows, desk, "origin_lead__", "")


def _waiting(desk: Desk) -> QuerySet[Handoff]:
    """Handed over and neither accepted nor returned."""
    rows = Handoff.objects.pending().for_departments(desk.departments).filter(is_self=False)
    return _narrowed(rows, desk, "lead__", "customer__")


def _unanswered_returns() -> QuerySet[Handoff]:
    """Returned rounds to which the sender has not answered: not closed, not sent again."""
    newer = Handoff.objects.filter(
        boundary=OuterRef("boundary"), lead=OuterRef("lead"), round__gt=OuterRef("round")
    )
    still = (
        Q(boundary=Boundary.MQL, lead__stage=Stage.LEAD, lead__outcome__isnull=True)
        | Q(boundary=Boundary.SQL, deal__state=DealState.RETURNED, lead__outcome__isnull=True)
        | Q(boundary=Boundary.WON, deal__state=DealState.WON)
    )
    same_deal = Q(deal=OuterRef("deal")) | Q(boundary=Boundary.MQL)
    return Handoff.objects.filter(still, decision=Decision.RETURNED).filter(~Exists(newer.filter(same_deal)))


def _returned(desk: Desk) -> QuerySet[Handoff]:
    wanted = _unanswered_returns().filter(from_department__in=desk.departments).values("pk")
    return _narrowed(Handoff.objects.filter(pk__in=wanted), desk, "lead__")


def _nurture(desk: Desk) -> QuerySet[Lead]:
    """Passes that ended with a day to come back, and nobody has come back yet."""
    if not desk.departments - {Department.CUSTOMER_SUCCESS}:
        return Lead.objects.none()
    newer = Lead.objects.filter(person=OuterRef("person"), pass_no__gt=OuterRef("pass_no"))
    rows = Lead.objects.filter(outcome__in=[Outcome.RECYCLED, Outcome.LOST], wake_up_on__isnull=False)
    return _narrowed(rows.filter(~Exists(newer)), desk)


SOURCES: dict[str, tuple[Source, ...]] = {
    "do": (
        Source("promise", _promises, "due_at"),
        Source("kickoff", _kickoffs, "kept_at"),
        Source("deal", _deals_in_hand),
        Source("lead", _leads_in_hand),
        Source("customer", _onboarding),
    ),
    "waiting": (Source("handoff", _waiting, "opened_at"),),
    "returned": (Source("handoff", _returned, "decided_at"),),
    "nurture": (Source("lead", _nurture, "wake_up_on"),),
}


def _narrowed(
    rows: QuerySet[Any], desk: Desk, to_lead: str = "", to_customer: str | None = None
) -> QuerySet[Any]:
    """Apply search and owner; `to_lead` leads from the row to its lead."""
    if desk.owner is not None:
        own = (
            Q(owner=desk.owner) | Q(**{f"{to_lead}owner": desk.owner, "owner": None})
            if to_lead
            else Q(owner=desk.owner)
        )
        rows = rows.filter(own)
    return rows.filter(_matching(desk.search, to_lead, to_customer)) if desk.search else rows


def _matching(search: str, to_lead: str, to_customer: str | None) -> Q:
    found = Q()
    paths: Iterable[str] = (
        f"{to_lead}account__",
        *([f"{to_customer}account__"] if to_customer is not None else []),
    )
    company, name = normalise.company(search), normalise.person_name(search)
    for path in paths:
        found |= Q(**{f"{path}name__icontains": search})
        found |= Q(**{f"{path}name_norm__contains": company}) if company else Q()
    found |= Q(**{f"{to_lead}person__name__icontains": search}) | Q(
        **{f"{to_lead}person__email__icontains": search}
    )
    return found | Q(**{f"{to_lead}person__name_norm__contains": name}) if name else found
