"""Which records lie on a desk, one query for each kind of row; only ids are narrowed and ordered by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform

from funnel import normalise
from funnel.models import Activity, Customer, Deal, Event, Lead
from funnel.querysets import deals_due
from funnel.stages import CustomerPhase, DealState, Department, EventKind, Outcome, Result, Stage
from handoffs.lanes import Boundary, Decision
from handoffs.models import Handoff
from handoffs.querysets import HandoffQuerySet

NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Desk:
    """Whose desk, and which part of it: departments, words searched for, owner (a member's id or None).

    `today` and `tonight` (the moment it ends) are the organisation's: they decide what is to be done first.
    `unassigned` leaves the handoffs that nobody has.
    """

    departments: frozenset[str]
    search: str = ""
    owner: int | None = None
    today: date = date.min
    tonight: datetime = NEVER
    unassigned: bool = False


class Source(NamedTuple):
    """One kind of row: which records, in which order. `ascending` orders by a moment, else newest first."""

    kind: str
    rows: Callable[[Desk], QuerySet[Any]]
    ascending: str = ""


LEAD_SHOWN = ("person", "account", "channel", "campaign", "owner")


def _handoffs() -> HandoffQuerySet:
    shown = [f"lead__{name}" for name in LEAD_SHOWN]
    rows = Handoff.objects.with_promise().select_related(
        *shown, "deal__contract", "owner", "sender", "decided_by", "opened_by__note"
    )
    # Apart: only the fourth boundary has a customer, and its joins would double the others' cost.
    return rows.prefetch_related(Prefetch("customer", _customers()))


RETURNS = (EventKind.MQL_RETURNED, EventKind.SQL_RETURNED, EventKind.HANDOFF_RETURNED)


def _sent_back() -> QuerySet[Handoff]:
    """Handoffs that came back, with what the receiver wants to know (`asked`)."""
    told = Event.objects.filter(lead=OuterRef("lead"), kind__in=RETURNS, handoff_ref=OuterRef("pk"))
    return _handoffs().annotate(asked=Subquery(told.order_by("-id").values("note__text")[:1]))


def _leads() -> QuerySet[Lead]:
    return Lead.objects.select_related(*LEAD_SHOWN)


def _slept() -> QuerySet[Lead]:
    """Passes that ended, with what was heard when they did."""
    ended = Event.objects.filter(kind__in=[EventKind.LEAD_RECYCLED, EventKind.DEAL_LOST])
    told = Prefetch("events", ended.select_related("note").order_by("-id"), to_attr="endings")
    return _leads().prefetch_related(told)


def _deals() -> QuerySet[Deal]:
    return Deal.objects.select_related(
        "account", "owner", "next_step", *[f"lead__{name}" for name in LEAD_SHOWN]
    )


def _customers() -> QuerySet[Customer]:
    return Customer.objects.select_related(
        "account", "owner", *[f"origin_lead__{name}" for name in LEAD_SHOWN]
    )


def _fallen() -> QuerySet[Customer]:
    """Customers with the latest change of their health: when, from which band, into which."""
    latest = Event.objects.filter(kind=EventKind.HEALTH_CHANGED, customer=OuterRef("pk")).order_by("-id")
    return _customers().annotate(
        fell_at=Subquery(latest.values("occurred_at")[:1]),
        band=Subquery(latest.annotate(to=KeyTextTransform("to", "data")).values("to")[:1]),
        band_before=Subquery(latest.annotate(was=KeyTextTransform("from", "data")).values("was")[:1]),
    )


READERS: dict[str, Callable[[], QuerySet[Any]]] = {
    "promise": _handoffs, "kickoff": _handoffs, "handoff": _handoffs, "returned": _sent_back,
    "lead": _leads, "wake": _slept, "nurture": _slept, "deal": _deals,
    "step": _deals, "customer": _customers, "health": _fallen,
}  # fmt: skip


def _promises(desk: Desk) -> QuerySet[Handoff]:
    """Owed and not done, late or not: what is about to break comes first."""
    return _narrowed(Handoff.objects.owed().for_departments(desk.departments), desk, "lead__", "customer__")


def _due(desk: Desk) -> QuerySet[Handoff]:
    return _promises(desk).filter(due_at__lte=desk.tonight)


def _due_later(desk: Desk) -> QuerySet[Handoff]:
    return _promises(desk).filter(due_at__gt=desk.tonight)


def overdue(desk: Desk, now: datetime) -> QuerySet[Handoff]:
    """Promises owed and past their due moment."""
    return _promises(desk).filter(due_at__lt=now)


def _leads_in_hand(desk: Desk) -> QuerySet[Lead]:
    """Open leads of marketing (not certified yet) and of inside sales (contacted, not handed over yet).

    Whoever was woken up after being an MQL lies with inside sales too: somebody there knows him.
    """
    where = Q(pk__in=[])
    if Department.MARKETING in desk.departments:
        where |= Q(stage=Stage.LEAD)
    if Department.INSIDE_SALES in desk.departments:
        where |= Q(stage=Stage.MQL)
        where |= Q(stage=Stage.LEAD, owner__isnull=False, previous__mql_at__isnull=False)
    owed = Handoff.objects.owed().filter(boundary=Boundary.MQL, lead=OuterRef("pk"))
    rows = Lead.objects.filter(where, outcome__isnull=True).filter(~Exists(owed))
    rows = rows.filter(~Exists(_unanswered_returns().filter(lead=OuterRef("pk"))))
    return _narrowed(rows, desk)


def _open_deals(desk: Desk) -> QuerySet[Deal]:
    """Open deals that field sales has taken over."""
    if Department.FIELD_SALES not in desk.departments:
        return Deal.objects.none()
    waiting = Handoff.objects.pending().filter(boundary=Boundary.SQL, deal=OuterRef("pk"), is_self=False)
    return _narrowed(Deal.objects.filter(state=DealState.OPEN).filter(~Exists(waiting)), desk, "lead__")


def _steps_due(desk: Desk) -> QuerySet[Deal]:
    """Those of them whose next step is due today or was due before."""
    return deals_due(_open_deals(desk), desk.today)


def _deals_in_hand(desk: Desk) -> QuerySet[Deal]:
    """The others."""
    return _open_deals(desk).exclude(next_step_on__lte=desk.today, next_step_on__isnull=False)


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


def waiting(desk: Desk) -> QuerySet[Handoff]:
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


def returned(desk: Desk) -> QuerySet[Handoff]:
    """Returned to a department of this desk, which has not answered yet."""
    wanted = _unanswered_returns().filter(from_department__in=desk.departments).values("pk")
    return _narrowed(Handoff.objects.filter(pk__in=wanted), desk, "lead__")


def _nurture(desk: Desk) -> QuerySet[Lead]:
    """Passes that ended with a day to come back, and nobody has come back yet."""
    if not desk.departments - {Department.CUSTOMER_SUCCESS}:
        return Lead.objects.none()
    newer = Lead.objects.filter(person=OuterRef("person"), pass_no__gt=OuterRef("pass_no"))
    rows = Lead.objects.filter(outcome__in=[Outcome.RECYCLED, Outcome.LOST], wake_up_on__isnull=False)
    return _narrowed(rows.filter(~Exists(newer)), desk)


def _woken(desk: Desk) -> QuerySet[Lead]:
    """Those of them whose day has come: with marketing, or with inside sales once it has known them."""
    mine = Q(pk__in=[])
    if Department.MARKETING in desk.departments:
        mine |= Q(stage=Stage.LEAD)
    if Department.INSIDE_SALES in desk.departments:
        mine |= ~Q(stage=Stage.LEAD)
    return _nurture(desk).filter(mine, wake_up_on__lte=desk.today)


WORSE = (("healthy", "watch"), ("healthy", "at_risk"), ("watch", "at_risk"))


def _falling(desk: Desk) -> QuerySet[Customer]:
    """Customers whose health fell below a line, and to whom nobody has spoken since."""
    if Department.CUSTOMER_SUCCESS not in desk.departments:
        return Customer.objects.none()
    later = Event.objects.filter(
        kind=EventKind.HEALTH_CHANGED, customer=OuterRef("customer"), pk__gt=OuterRef("pk")
    )
    spoken = Activity.objects.filter(
        lead=OuterRef("customer__origin_lead"), is_human=True, occurred_at__gte=OuterRef("occurred_at")
    ).exclude(result=Result.NO_ANSWER)
    fell = Q(pk__in=[])
    for before, after in WORSE:
        fell |= Q(data__contains={"from": before, "to": after})
    events = Event.objects.filter(fell, kind=EventKind.HEALTH_CHANGED, customer__isnull=False)
    events = events.filter(~Exists(later), ~Exists(spoken))
    rows = Customer.objects.filter(pk__in=events.values("customer")).exclude(phase=CustomerPhase.CHURNED)
    return _narrowed(rows, desk, "origin_lead__", "")


SOURCES: dict[str, tuple[Source, ...]] = {
    "do": (
        Source("promise", _due, "due_at"),
        Source("wake", _woken, "wake_up_on"),
        Source("step", _steps_due, "next_step_on"),
        Source("health", _falling),
        Source("promise", _due_later, "due_at"),
        Source("kickoff", _kickoffs, "kept_at"),
        Source("deal", _deals_in_hand),
        Source("lead", _leads_in_hand),
        Source("customer", _onboarding),
    ),
    "waiting": (Source("handoff", waiting, "opened_at"),),
    "returned": (Source("returned", returned, "decided_at"),),
    "nurture": (Source("nurture", _nurture, "wake_up_on"),),
}


def _narrowed(
    rows: QuerySet[Any], desk: Desk, to_lead: str = "", to_customer: str | None = None
) -> QuerySet[Any]:
    """Apply search and owner; `to_lead` leads from the row to its lead."""
    if desk.unassigned:
        rows = rows.unassigned() if isinstance(rows, HandoffQuerySet) else rows.none()
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
