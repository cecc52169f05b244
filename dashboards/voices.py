"""What customers say, beside the numbers: how they score us, why deals were lost and handoffs sent back."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Count, F, OuterRef, QuerySet, Subquery

from dashboards import kpis
from dashboards.kpis import Frame, Value
from dashboards.kpis.rowsets import closed_deals
from funnel.models import Reason
from funnel.stages import DealState
from handoffs.lanes import Decision
from handoffs.models import Handoff

MOST = 3


class Said(NamedTuple):
    """A reason by its code, in both languages as the organisation words it, and how often it was given."""

    code: str
    en: str | None
    ja: str | None
    n: int

    def say(self, language: str | None) -> str:
        """The reason in `language`; one that is no longer offered by its code."""
        return (self.ja if (language or "").startswith("ja") else self.en) or self.code


class Voices(NamedTuple):
    """NPS of the period, and the most frequent reasons for losses and returns in it."""

    nps: Value
    lost: list[Said]
    returned: list[Said]


def read(at: Frame) -> Voices:
    """Read what was said in the period, in three statements."""
    nps = kpis.get("nps")
    returned = Handoff.objects.filter(
        at.inside("decided_at"),
        at.of(channel="lead__channel", owner="owner"),
        decision=Decision.RETURNED,
    )
    return Voices(
        nps.measure(nps.select(at), at),
        _reasons(closed_deals(at, DealState.LOST).exclude(reason=""), "reason", Reason.For.LOSS),
        _reasons(returned, "return_reason", Reason.For.RETURN),
    )


def _reasons(rows: QuerySet[Any], column: str, act: str) -> list[Said]:
    labels = Reason.objects.filter(act=act, code=OuterRef("code"))
    found = (
        rows.order_by()
        .values(code=F(column))
        .annotate(n=Count("pk"))
        .annotate(en=Subquery(labels.values("label_en")[:1]), ja=Subquery(labels.values("label_ja")[:1]))
        .order_by("-n", "code")
    )
    return [Said(row["code"], row["en"], row["ja"], row["n"]) for row in found[:MOST]]
