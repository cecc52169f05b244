"""What had been won of a period, as the ledger said it at a moment: amounts and days of then, not those of now."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    DateTimeField,
    DecimalField,
    OuterRef,
    Q,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, TruncDate

from dashboards.kpis import Frame
from dashboards.kpis.together import Ended, ended
from funnel.models import Event
from funnel.stages import DealState, EventKind


def won(then: Frame) -> Ended:
    """Return bookings and their course of the frame's period as they were known at `then.now`; one statement.

    A win counts with the amount it was recorded or restated with by then, on the day it had by then, unless it had
    been withdrawn by then. Channel, campaign, segment and owner are those of now. The win rate in it is not of then.
    """
    recorded = Event.objects.filter(recorded_at__lte=then.now)
    wins = recorded.filter(kind=EventKind.DEAL_WON)
    moved = recorded.filter(corrects__kind=EventKind.DEAL_WON)
    correction = recorded.filter(corrects=OuterRef("pk")).order_by("-id").values("data")[:1]
    restated = recorded.filter(
        kind=EventKind.SETTING_CHANGED, deal=OuterRef("deal"), id__gt=OuterRef("pk"), data__what="deal"
    ).order_by("-id")
    found: Any = (
        wins.filter(
            Q(occurred_at__gte=then.start, occurred_at__lt=then.end) | Q(pk__in=moved.values("corrects")),
            then.of(channel="deal__lead__channel", owner="deal__owner"),
        )
        .annotate(
            correction=Subquery(correction),
            amount=_latest(restated, "amount"),
            in_currency=_latest(restated, "currency"),
        )
        .annotate(
            at=Coalesce(Cast(KT("correction__occurred_at"), DateTimeField()), "occurred_at"),
            is_withdrawn=Coalesce(Cast(KT("correction__withdrawn"), BooleanField()), Value(value=False)),
        )
        .filter(is_withdrawn=False, at__gte=then.start, at__lt=then.end)
        .order_by()
        .annotate(day=TruncDate("at", tzinfo=then.zone))
        .values_list("in_currency", "day")
        .annotate(n=Count("pk"), total=Sum(Cast("amount", DecimalField(max_digits=18, decimal_places=2))))
    )
    days = sorted(found, key=lambda row: row[1])
    return ended([(currency, DealState.WON.value, day, n, total) for currency, day, n, total in days], then)


def _latest(restated: Any, name: str) -> Coalesce:
    """A fact of the deal as it was last restated, or as it was won."""
    said = restated.filter(**{f"data__new__{name}__isnull": False}).annotate(said=KT(f"data__new__{name}"))
    return Coalesce(Subquery(said.values("said")[:1], output_field=TextField()), KT(f"data__{name}"))
