"""From the recurring revenue before a period to that at its end: what was won, grown, shrunk, lost and won back."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from dashboards.kpis import Frame
from dashboards.kpis.subscriptions import MONEY, Span, contracts, revenue, unknown
from funnel.models import Contract, Customer


class Bridge(NamedTuple):
    """Monthly recurring revenue in the organisation's currency; contraction and churn are positive amounts lost.

    `new` is of accounts that had never paid, `reactivation` of those who had and did not before the period.
    `unknown` customers have a contract of unknown revenue or in another currency, and are left out.
    """

    opening: Decimal
    new: Decimal
    reactivation: Decimal
    expansion: Decimal
    contraction: Decimal
    churn: Decimal
    closing: Decimal
    customers: int
    unknown: int


def read(at: Frame) -> Bridge | None:
    """Read the bridge of a period in one statement, up to today while it runs; None for one that has not begun."""
    span = Span.of_period(at)
    if span.closing <= span.opening:
        return None
    paid_before = Contract.objects.filter(
        ~Q(mrr=0), customer=OuterRef("pk"), voided_at=None, starts_on__lte=span.opening
    )
    rows = (
        Customer.objects.filter(at.of(channel="origin_lead__channel", owner="owner"))
        .filter(Exists(contracts(at, span.opening)) | Exists(contracts(at, span.closing)))
        .annotate(
            before=revenue(at, span.opening),
            after=revenue(at, span.closing),
            is_vague=unknown(at, *span),
            had_paid=Exists(paid_before),
        )
    )
    known = Q(is_vague=False)
    came, went = Q(before=0, after__gt=0), Q(before__gt=0, after=0)
    sums = {
        "opening": (F("before"), Q()),
        "new": (F("after"), came & Q(had_paid=False)),
        "reactivation": (F("after"), came & Q(had_paid=True)),
        "expansion": (F("after") - F("before"), Q(before__gt=0, after__gt=F("before"))),
        "contraction": (F("before") - F("after"), Q(after__gt=0, after__lt=F("before"))),
        "churn": (F("before"), went),
        "closing": (F("after"), Q()),
    }
    found = rows.aggregate(
        **{
            name: Coalesce(Sum(what, filter=known & those), Decimal(), output_field=MONEY)
            for name, (what, those) in sums.items()
        },
        customers=Count("pk", filter=known),
        unknown=Count("pk", filter=Q(is_vague=True)),
    )
    return Bridge(**found)
