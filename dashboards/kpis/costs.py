"""What an entry into a stage costs: the spend of the channels through which it came."""

from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from dashboards.kpis.kpi import PARTS, Direction, Frame, Kpi, Parts, Unit, Value
from dashboards.kpis.rowsets import entered, spend
from funnel.stages import Department, Stage
from funnel.words import Words

SAME_CHANNELS = Words(
    "Entries through channels without spend, and those without a channel; merged and withdrawn leads",
    "費用のない流入経路・経路なしの分、統合・取り消し済みのリード",
)


def cost_each(parts: Parts, at: Frame) -> Value:
    """Spend ÷ entries; null where either is nothing."""
    cost = parts["numerator"].aggregate(total=Sum("amount"))["total"] or Decimal()
    entries = parts["denominator"].count()
    value = cost / entries if entries and cost else None
    return Value(value, currency=at.currency, more={"spend": cost, "entries": entries})


def cost_of(
    stage: Stage, slug: str, names: Words, question: Words, entries: Words, *, changed_on: date
) -> Kpi:
    """The cost of one entry into a stage, by the period of the entry."""

    def select(at: Frame) -> Parts:
        spent = spend(at)
        through = Q(channel__in=spent.values("channel"))
        return {"numerator": spent, "denominator": entered(at, stage).filter(through)}

    return Kpi(
        slug,
        names,
        question,
        Words(
            f"Spend of the period ÷ {entries.en} through the same channels",
            f"期間内の広告・施策費用 ÷ 同じ流入経路の{entries.ja}",
        ),
        Unit.MONEY,
        Department.MARKETING,
        changed_on,
        select,
        cost_each,
        Direction.DOWN,
        PARTS,
        excludes=SAME_CHANNELS,
        stands=True,
        owner=None,
    )


FIRST, LATER = date(2026, 11, 22), date(2026, 11, 23)
KPIS = (
    cost_of(
        Stage.LEAD,
        "cpl",
        Words("Cost per lead", "CPL(リード獲得単価)"),
        Words("What does a lead cost?", "リード1件の獲得にいくらかかっていますか?"),
        Words("leads captured in it", "期間内のリード獲得数"),
        changed_on=FIRST,
    ),
    cost_of(
        Stage.MQL,
        "cost-per-mql",
        Words("Cost per MQL", "MQL獲得単価"),
        Words("What does an MQL cost?", "MQL1件にいくらかかっていますか?"),
        Words("MQL certified in it", "期間内のMQL数"),
        changed_on=LATER,
    ),
    cost_of(
        Stage.SQL,
        "cost-per-sql",
        Words("Cost per SQL", "SQL獲得単価"),
        Words("What does an SQL cost?", "SQL1件にいくらかかっていますか?"),
        Words("SQL certified in it", "期間内のSQL数"),
        changed_on=LATER,
    ),
    cost_of(
        Stage.WON,
        "cost-per-won",
        Words("Cost per win", "受注獲得単価"),
        Words("What does a win cost in marketing?", "受注1件に、集客費用がいくらかかっていますか?"),
        Words("passes first won in it", "期間内の受注数"),
        changed_on=LATER,
    ),
)
