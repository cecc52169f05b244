"""Finding facts the way people ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple, TypeVar

from django.db.models import Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Greatest

from funnel.models import Activity, Contract, Customer, Deal, Event, Lead
from funnel.search import Hits, customers_found, hits
from funnel.stages import DEAL_STEP_PERCENT, ActivityKind, DealState, EventKind

M = TypeVar("M", bound=Model)
PIECE = 5_000
"""Rows read at once on the way into a file: a hundredth of the time that a statement may take, a few megabytes."""

STEPS_FORWARD = (EventKind.DEAL_STEP_CHANGED, EventKind.DEAL_REOPENED)


def values_in_pieces(rows: QuerySet[M], *columns: Any) -> Iterator[tuple[Any, ...]]:
    """Every row as plain values after its id, the newest first, however many there are.

    Each piece is a short statement of its own that goes on below the last id. A cursor over all of them would compute
    the whole answer before its first row, and a transaction would last as long as a slow reader takes.
    """
    rows, below = rows.order_by("-pk"), None
    while True:
        known = rows if below is None else rows.filter(pk__lt=below)
        found = list(known.values_list("pk", *columns)[:PIECE])
        yield from found
        if len(found) < PIECE:
            return
        below = found[-1][0]


def in_pieces(rows: QuerySet[M], size: int) -> Iterator[M]:
    """Every row as an object, the oldest first, `size` in each statement."""
    rows, above = rows.order_by("pk"), 0
    while True:
        found = list(rows.filter(pk__gt=above)[:size])
        yield from found
        if len(found) < size:
            return
        above = found[-1].pk


def leads_like(rows: QuerySet[Lead], text: str) -> QuerySet[Lead]:
    """Narrow leads to those whose name, kana, company, e-mail, phone or external id `text` means.

    Width, case, spaces and the legal form of a company do not matter. Blank text narrows nothing.
    """
    return hits(text).whole().narrow(rows)


def customers_of(rows: QuerySet[Customer], found: Hits, text: str) -> QuerySet[Customer]:
    """Narrow customers to the companies of the people found, or of this external id."""
    if not found.asked:
        return rows
    return rows.filter(customers_found(found) | Q(external_id=text.strip()))


def customers_in_fact(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    """Leave out those whose every contract is void: somebody won them by mistake and took it back."""
    contracts = Contract.objects.filter(customer=OuterRef("pk"))
    void = Exists(contracts.filter(voided_at__isnull=False))
    return rows.filter(~void | Exists(contracts.filter(voided_at=None)))


def deals_due(rows: QuerySet[Deal], today: date) -> QuerySet[Deal]:
    """Narrow deals to the open ones whose next step is due on the organisation's `today`, or late.

    Ordered by `next_step_on, id` it is read from the index `deal_next_step_due`.
    """
    return rows.filter(state=DealState.OPEN, next_step_on__lte=today)


def with_moved_at(rows: QuerySet[Deal]) -> QuerySet[Deal]:
    """Annotate each deal with `moved_at`: its opening, last change of step, or last thing a person did with its lead.

    A note is not movement, nor is what was undone.
    """
    steps = Event.objects.filter(deal=OuterRef("pk"), kind__in=STEPS_FORWARD).order_by("-id")
    done = (
        Activity.objects.filter(lead=OuterRef("lead"), is_human=True)
        .exclude(kind=ActivityKind.NOTE)
        .exclude(event__corrections__data__withdrawn=True)
        .order_by("-occurred_at")
    )
    return rows.annotate(
        moved_at=Greatest(
            F("opened_at"),
            Subquery(steps.values("occurred_at")[:1]),
            Subquery(done.values("occurred_at")[:1]),
        )
    )


class Worth(NamedTuple):
    """What some deals in one currency are worth: how many, their amounts, and these times the probability of the step.

    `unknown` of them have no amount yet and add nothing. `weighted` is in whole units, halves rounded up.
    """

    currency: str
    number: int = 0
    unknown: int = 0
    amount: Decimal = Decimal()
    exact: Decimal = Decimal()

    @property
    def weighted(self) -> Decimal:
        """Amount times probability."""
        return self.exact.quantize(Decimal(1), ROUND_HALF_UP)

    def plus(self, other: Worth) -> Worth:
        """Both together; of one currency."""
        return Worth(
            self.currency,
            self.number + other.number,
            self.unknown + other.unknown,
            self.amount + other.amount,
            self.exact + other.exact,
        )


def worth(rows: QuerySet[Deal], by: str) -> dict[str, list[Worth]]:
    """What deals are worth by their `step` or `state`, each currency by itself; one statement."""
    groups = rows.order_by().values_list(by, "step", "currency")
    found: dict[str, dict[str, Worth]] = {}
    for group, step, currency, count, known, amount in groups.annotate(
        n=Count("pk"), known=Count("amount"), total=Sum("amount")
    ):
        total = amount or Decimal()
        one = Worth(currency, count, count - known, total, total * DEAL_STEP_PERCENT[step] / 100)
        several = found.setdefault(group, {})
        several[currency] = several.get(currency, Worth(currency)).plus(one)
    return {group: [several[code] for code in sorted(several)] for group, several in found.items()}
