"""Field sales' pipeline: what is open, what it is worth, and how fast it turns into wins."""

from datetime import date
from decimal import Decimal

from django.db.models import Case, Count, DecimalField, F, Q, Sum, When
from django.db.models import Value as Constant

from dashboards.kpis.field_sales import MISTAKES, bookings
from dashboards.kpis.kpi import Frame, Kpi, Parts, Rows, Unit, Value
from dashboards.kpis.rowsets import closed_deals
from dashboards.queries import amounts, median_days
from funnel.models import Deal
from funnel.stages import DEAL_STEP_PERCENT, DealState, Department
from funnel.words import Words

FIRST = date(2026, 11, 23)
OURS = Department.FIELD_SALES
NOW = Words("whatever the period", "期間の指定によりません")


def open_deals(at: Frame) -> Rows:
    """Deals that can still be won or lost."""
    rows = Deal.objects.filter(state__in=[DealState.OPEN, DealState.RETURNED])
    return rows.filter(at.of(channel="lead__channel", owner="owner"))


def _worth(parts: Parts, at: Frame) -> Value:
    """Sum of the amounts known, with the same weighted by how likely each step is won."""
    known = parts["rows"].filter(amount__isnull=False)
    found = bookings(amounts(known), at)
    likely = Case(*[When(step=step, then=Constant(percent)) for step, percent in DEAL_STEP_PERCENT.items()])
    weighted = known.filter(currency=found.currency).aggregate(
        total=Sum(F("amount") * likely, output_field=DecimalField())
    )["total"]
    more = {
        **found.more,
        "weighted": (weighted or Decimal()) / 100,
        "without_amount": parts["rows"].filter(amount=None).count(),
    }
    return found._replace(more=more)


def _flow(at: Frame) -> Parts:
    return {"rows": open_deals(at), "closed": closed_deals(at, DealState.WON, DealState.LOST)}


def _velocity(parts: Parts, at: Frame) -> Value:
    """Open deals × win rate × deal size ÷ days of the sales cycle; null where one of them is unknown."""
    won = parts["closed"].filter(state=DealState.WON)
    counted = parts["closed"].aggregate(every=Count("pk"), won=Count("pk", filter=Q(state=DealState.WON)))
    size = bookings(amounts(won), at, mean=True)
    days = median_days(won, F("opened_at"), F("closed_at"), at.zone)
    standing = parts["rows"].count()
    more = {
        "open": standing,
        "won": counted["won"],
        "closed": counted["every"],
        "deal_size": size.value,
        "days": days,
    }
    if not counted["every"] or not days or size.value is None:
        return Value(None, currency=size.currency, more=more)
    value = standing * Decimal(counted["won"]) / counted["every"] * Decimal(size.value) / Decimal(str(days))
    return Value(value, currency=size.currency, more=more)


def _size(at: Frame, recurring: Q) -> Parts:
    return {"rows": closed_deals(at, DealState.WON).filter(recurring)}


RECURRING = Q(contract__mrr__gt=0)
ONCE = Q(contract__mrr=0) | Q(contract__mrr=None)


def _mean(parts: Parts, at: Frame) -> Value:
    return bookings(amounts(parts["rows"]), at, mean=True)


KPIS = (
    Kpi(
        "open-deals",
        Words("Open deals", "進行中の商談数"),
        Words("How many deals are open?", "進行中の商談は何件ですか?"),
        Words(
            f"Deals that are open or returned now, {NOW.en}",
            f"現在、進行中または差し戻し中の商談の件数({NOW.ja})",
        ),
        Unit.COUNT,
        OURS,
        FIRST,
        lambda at: {"rows": open_deals(at)},
        excludes=MISTAKES,
        is_now=True,
        stands=True,
    ),
    Kpi(
        "pipeline",
        Words("Open pipeline", "パイプライン金額"),
        Words("What are the open deals worth?", "進行中の商談はいくらになりますか?"),
        Words(
            f"Sum of the amounts of deals that are open or returned now, by currency, excluding tax, {NOW.en}; "
            "weighted by the step's likelihood beside it",
            f"現在、進行中または差し戻し中の商談の金額合計(通貨別、税抜。{NOW.ja})。段階ごとの確度を掛けた額を併記",
        ),
        Unit.MONEY,
        OURS,
        FIRST,
        lambda at: {"rows": open_deals(at)},
        _worth,
        excludes=Words(
            "Deals without an amount add nothing; they are counted apart",
            "金額未定の商談は合計に含めず、件数を別に示します",
        ),
        is_now=True,
        stands=True,
    ),
    Kpi(
        "pipeline-velocity",
        Words("Pipeline velocity per day", "パイプライン速度(1日あたり)"),
        Words(
            "How much does the pipeline turn into wins each day?",
            "パイプラインは1日あたりいくらの受注になりますか?",
        ),
        Words(
            "Deals open now × win rate (closed deals) × deal size ÷ sales cycle in days, the last three of the period",
            "現在の進行中商談数 × 受注率(決着ベース)× 平均受注単価 ÷ セールスサイクル(日)。後の3つは期間内の値",
        ),
        Unit.MONEY,
        OURS,
        FIRST,
        _flow,
        _velocity,
        part_names=("rows", "closed"),
        excludes=MISTAKES,
        stands=True,
    ),
    Kpi(
        "deal-size-recurring",
        Words("Deal size (recurring)", "平均受注単価(継続契約)"),
        Words(
            "How large is a won deal with monthly revenue?", "月額のある受注1件あたりの金額はいくらですか?"
        ),
        Words(
            "Bookings ÷ deals won in the period whose contract has monthly revenue, by currency",
            "期間内に受注した月額契約のある商談の、受注金額 ÷ 件数(通貨別)",
        ),
        Unit.MONEY,
        OURS,
        FIRST,
        lambda at: _size(at, RECURRING),
        _mean,
        excludes=MISTAKES,
        stands=True,
    ),
    Kpi(
        "deal-size-once",
        Words("Deal size (one-off)", "平均受注単価(単発)"),
        Words(
            "How large is a won deal without monthly revenue?", "月額のない受注1件あたりの金額はいくらですか?"
        ),
        Words(
            "Bookings ÷ deals won in the period whose contract has no monthly revenue on record, by currency",
            "期間内に受注した月額の記録がない商談の、受注金額 ÷ 件数(通貨別)",
        ),
        Unit.MONEY,
        OURS,
        FIRST,
        lambda at: _size(at, ONCE),
        _mean,
        excludes=MISTAKES,
        stands=True,
    ),
)
