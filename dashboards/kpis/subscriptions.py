"""Recurring revenue: who is a customer on a day, and what became of those who were one at the start of a period."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import DecimalField, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models import Value as Constant
from django.db.models.functions import Coalesce, Greatest, Least

from dashboards.kpis.kpi import Frame, Parts, Rows, Value, share
from funnel.calendar import ONE_DAY, add_months, month_end, month_start
from funnel.models import Contract, Customer, Lead

MONEY = DecimalField(max_digits=20, decimal_places=2)
MONTHS = 12
FEWEST_CUSTOMERS = 30
LONGEST_LIFE = 60


class Span(NamedTuple):
    """From the eve of a period to its last day, or today while it runs; what happened between belongs to it."""

    opening: date
    closing: date

    @classmethod
    def of_period(cls, at: Frame) -> Span:
        """The period of the scope."""
        return cls(at.scope.start - ONE_DAY, min(at.scope.end, at.today))

    @classmethod
    def of_year(cls, at: Frame) -> Span:
        """The twelve months that end with the period, or today while it runs."""
        closing = min(at.scope.end, at.today)
        return cls(add_months(closing + ONE_DAY, -MONTHS) - ONE_DAY, closing)


def running(day: date, today: date) -> Q:
    """Contracts that run on a day: revenue leaves on the end date, also when a contract just runs out.

    Void contracts and those without any revenue (trials, free use) are no contracts here. What is to end has not
    ended before that day has passed.
    """
    has_not_run_out = Q(ends_on=None) | Q(ends_on__gt=day) | Q(ends_on__gte=today)
    ended = Q(ended_on__gt=day) | Q(ended_on=None) & has_not_run_out
    return Q(voided_at=None, starts_on__lte=day) & ~Q(mrr=0) & ended


def contracts(at: Frame, day: date) -> Rows:
    """Contracts of the customer of the outer row that run on a day."""
    return Contract.objects.filter(running(day, at.today), customer=OuterRef("pk"))


def customers(at: Frame, day: date) -> Rows:
    """Customers of the scope on a day; nobody on a day that has not come."""
    if day > at.today:
        return Customer.objects.none()
    rows = Customer.objects.filter(at.of(channel="origin_lead__channel", owner="owner"))
    return rows.filter(Exists(contracts(at, day)))


def at_end(at: Frame) -> Rows:
    """Customers on the last day of the period, or today; nobody in a period that has not begun."""
    if at.scope.start > at.today:
        return Customer.objects.none()
    return customers(at, Span.of_period(at).closing)


def revenue(at: Frame, day: date) -> Coalesce:
    """The monthly recurring revenue of the customer of the row on a day."""
    total = contracts(at, day).order_by().values("customer").annotate(total=Sum("mrr")).values("total")
    return Coalesce(Subquery(total, output_field=MONEY), Constant(Decimal()), output_field=MONEY)


def unknown(at: Frame, *days: date) -> Exists:
    """Say of a customer whether on one of the days it has a contract of unknown revenue or in another currency."""
    runs = Q(pk__in=[])
    for day in days:
        runs |= running(day, at.today)
    vague = Q(mrr=None) | ~Q(currency=at.currency)
    return Exists(Contract.objects.filter(runs, vague, customer=OuterRef("pk")))


def base(at: Frame, span: Span) -> Rows:
    """The opening customers of known revenue, each with its revenue `before` and `after` the span."""
    rows = customers(at, span.opening).filter(~unknown(at, *span))
    return rows.annotate(before=revenue(at, span.opening), after=revenue(at, span.closing))


def opening(at: Frame) -> Parts:
    """The customers at the start of the period, with their revenue then and at its end."""
    return {"rows": base(at, Span.of_period(at))}


def opening_of_year(at: Frame) -> Parts:
    """The customers of twelve months before the end of the period, with their revenue then and at that end."""
    return {"rows": base(at, Span.of_year(at))}


def movement(parts: Parts) -> dict[str, Any]:
    """What became of the revenue of the opening customers; `before` is what they paid then."""
    more, less = Greatest(F("after") - F("before"), Decimal()), Greatest(F("before") - F("after"), Decimal())
    none = Decimal()
    found = parts["rows"].aggregate(
        opening=Coalesce(Sum("before"), none, output_field=MONEY),
        closing=Coalesce(Sum("after"), none, output_field=MONEY),
        retained=Coalesce(Sum(Least("before", "after")), none, output_field=MONEY),
        expansion=Coalesce(Sum(more), none, output_field=MONEY),
        contraction=Coalesce(Sum(less, filter=Q(after__gt=0)), none, output_field=MONEY),
        churn=Coalesce(Sum("before", filter=Q(after__lte=0)), none, output_field=MONEY),
    )
    return found | {"customers": parts["rows"].count()}


def _of_opening(part: Decimal, found: dict[str, Any], at: Frame) -> Value:
    """A share of the opening revenue; null over none."""
    value = float(part / found["opening"]) if found["opening"] else None
    return Value(value, currency=at.currency, more=found)


def gross_churn(parts: Parts, at: Frame) -> Value:
    """(Churn + contraction) ÷ opening revenue."""
    found = movement(parts)
    return _with_year(_of_opening(found["churn"] + found["contraction"], found, at), at)


def gross_retention(parts: Parts, at: Frame) -> Value:
    """Σ min(after, before) ÷ Σ before: at most 1 by construction."""
    found = movement(parts)
    return _of_opening(found["retained"], found, at)


def net_retention(parts: Parts, at: Frame) -> Value:
    """Σ after ÷ Σ before, of the opening customers alone."""
    found = movement(parts)
    return _of_opening(found["closing"], found, at)


def lost(at: Frame) -> Parts:
    """Opening customers without any contract at the end, over all of them."""
    span = Span.of_period(at)
    opening = customers(at, span.opening)
    if span.closing <= span.opening:
        opening = opening.none()
    return {
        "numerator": opening.filter(~Exists(contracts(at, span.closing))),
        "denominator": opening,
    }


def logo_churn(parts: Parts, at: Frame) -> Value:
    """Customers lost ÷ opening customers, with the same for a year at this pace."""
    return _with_year(share(parts["numerator"].count(), parts["denominator"].count()), at)


def _with_year(value: Value, at: Frame) -> Value:
    """Add `annual`: what a year at this pace comes to, for whole months that are over."""
    scope, months = at.scope, len(at.scope.months())
    whole = scope.start == month_start(scope.start) and scope.end == month_end(scope.end)
    if not whole or scope.end >= at.today or value.value is None:
        return value
    left = max(0.0, 1 - float(value.value))
    return value._replace(more={**value.more, "annual": 1 - left ** (MONTHS / months)})


def expanded(at: Frame) -> Parts:
    """Opening customers who bought more in the period, over all of them; with the revenue of those known."""
    span = Span.of_period(at)
    grown = Q(deal__kind__in=["upsell", "cross_sell"]) | Q(mrr__gt=F("renewal_of__mrr"))
    signed = Contract.objects.filter(
        grown,
        customer=OuterRef("pk"),
        voided_at=None,
        signed_on__gt=span.opening,
        signed_on__lte=span.closing,
    )
    opening = customers(at, span.opening)
    return {"numerator": opening.filter(Exists(signed)), "denominator": opening}


def expansion(parts: Parts, at: Frame) -> Value:
    """Customers with an expansion ÷ opening customers; expansion revenue ÷ opening revenue beside it."""
    found = movement(opening(at))
    rate = float(found["expansion"] / found["opening"]) if found["opening"] else None
    more = {"expansion": found["expansion"], "opening": found["opening"], "of_revenue": rate}
    value = share(parts["numerator"].count(), parts["denominator"].count(), **more)
    return value._replace(currency=at.currency)


def paying(at: Frame) -> Parts:
    """Customers at the end of the period of known revenue, with it."""
    rows = at_end(at)
    closing = Span.of_period(at).closing
    return {"rows": rows.filter(~unknown(at, closing)).annotate(after=revenue(at, closing))}


def recurring_revenue(parts: Parts, at: Frame) -> Value:
    """The sum of monthly recurring revenue; null for a period that has not begun."""
    if at.scope.start > at.today:
        return Value(None, currency=at.currency)
    return Value(parts["rows"].aggregate(total=Sum("after"))["total"] or Decimal(), currency=at.currency)


def lifetime(parts: Parts, at: Frame) -> Value:
    """Average revenue per customer × months it stays, from the churn of twelve months; capped at five years.

    Null with fewer than 30 customers then, without any churn, or less than twelve months after the first contract.
    """
    found = movement(parts)
    loss = found["churn"] + found["contraction"]
    known_since = (
        Contract.objects.filter(voided_at=None).order_by("starts_on").values_list("starts_on", flat=True)
    )
    first = known_since.first()
    enough = first is not None and first <= Span.of_year(at).opening
    if not enough or found["customers"] < FEWEST_CUSTOMERS or not loss:
        return Value(None, currency=at.currency, more=found)
    months = min(Decimal(LONGEST_LIFE), found["opening"] * MONTHS / loss)
    mean = found["opening"] / found["customers"]
    return Value(mean * months, currency=at.currency, more=found | {"months": float(months)})


def referring(at: Frame) -> Parts:
    """Customers at the end of the period through whom a lead came in it, over all of them."""
    came = Lead.objects.filter(at.inside("lead_at"), referred_by=OuterRef("pk"), is_counted=True)
    rows = at_end(at)
    return {"numerator": rows.filter(Exists(came)), "denominator": rows}


def new(at: Frame) -> Parts:
    """Customers whose first contract was signed in the period; one per account."""
    rows: Any = Customer.objects
    signed = Q(since__gte=at.scope.start, since__lte=at.scope.end)
    return {"rows": rows.standing().filter(signed, at.of(channel="origin_lead__channel", owner="owner"))}
