"""What customers say and how they use it: NPS, satisfaction, active users."""

from datetime import date, timedelta
from decimal import Decimal
from math import sqrt

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Cast

from dashboards.intervals import Z_95
from dashboards.kpis.kpi import PARTS, Frame, Kpi, Parts, Rows, Unit, Value, divide_rows, share
from dashboards.kpis.subscriptions import Span, at_end, contracts
from funnel.models import SurveyResponse, UsageReading
from funnel.stages import Department
from funnel.transitions.customers import USAGE_METRIC
from funnel.words import Words

FIRST = date(2026, 11, 23)
OURS = Department.CUSTOMER_SUCCESS
LOOKS_BACK = timedelta(days=30)
SATISFIED, PROMOTER, DETRACTOR = 4, 9, 6
VOID_WINS = Words(
    "A second answer in one wave replaces the first", "同じ調査回の再回答は、後の回答だけを数えます"
)


def _answers(at: Frame, kind: str) -> Rows:
    return SurveyResponse.objects.filter(
        at.of(channel="customer__origin_lead__channel", owner="customer__owner"),
        kind=kind,
        answered_on__gte=at.scope.start,
        answered_on__lte=at.scope.end,
    )


def _nps(parts: Parts, at: Frame) -> Value:
    """100 × (promoters − detractors) ÷ answers, with its margin of error at 95 %."""
    found = parts["rows"].aggregate(
        n=Count("pk"),
        promoters=Count("pk", filter=Q(score__gte=PROMOTER)),
        detractors=Count("pk", filter=Q(score__lte=DETRACTOR)),
    )
    n = found["n"]
    if not n:
        return Value(None, more=found | {"margin": None})
    p, d = found["promoters"] / n, found["detractors"] / n
    margin = Z_95 * 100 * sqrt((p + d - (p - d) ** 2) / n)
    value = 100 * (found["promoters"] - found["detractors"]) / n
    low, high = max(-100.0, value - margin), min(100.0, value + margin)
    return Value(value, None, n, low, high, more=found | {"margin": margin})


def _satisfied(at: Frame) -> Parts:
    rows = _answers(at, SurveyResponse.Kind.CSAT)
    return {"numerator": rows.filter(score__gte=SATISFIED), "denominator": rows}


def _using(at: Frame) -> Parts:
    """Customers at the end whose seats and active users are known, with both."""
    closing = Span.of_period(at).closing
    seats = contracts(at, closing).order_by().values("customer").annotate(n=Sum("seats")).values("n")
    seen = UsageReading.objects.filter(
        customer=OuterRef("pk"), metric=USAGE_METRIC, day__gt=closing - LOOKS_BACK, day__lte=closing
    )
    latest = Cast(Subquery(seen.order_by("-day").values("value")[:1]), IntegerField())
    without = Exists(contracts(at, closing).filter(seats=None))
    rows = at_end(at).filter(~without, Exists(seen))
    return {"rows": rows.annotate(seats=Subquery(seats), active=latest).filter(seats__gt=0)}


def _active(parts: Parts, at: Frame) -> Value:
    found = parts["rows"].aggregate(used=Sum("active"), paid=Sum("seats"), customers=Count("pk"))
    return share(found["used"] or 0, found["paid"] or 0, customers=found["customers"])


KPIS = (
    Kpi(
        "nps",
        Words("NPS", "NPS"),
        Words("Would customers recommend us?", "顧客は当社を薦めてくださいますか?"),
        Words(
            "100 × (answers of 9 and 10 − answers of 0 to 6) ÷ answers given in the period",
            "100 ×(9〜10点の回答 − 0〜6点の回答)÷ 期間内の回答数",
        ),
        Unit.POINTS,
        OURS,
        FIRST,
        lambda at: {"rows": _answers(at, SurveyResponse.Kind.NPS)},
        _nps,
        excludes=VOID_WINS,
        owner="customer__owner",
        minimum=Decimal(-100),
        maximum=Decimal(100),
    ),
    Kpi(
        "csat",
        Words("Customer satisfaction", "顧客満足度(CSAT)"),
        Words("How many customers are satisfied?", "どれだけの顧客が満足していますか?"),
        Words(
            "Answers of 4 and 5 ÷ answers on a scale of 1 to 5 given in the period",
            "期間内の5段階評価のうち、4〜5の回答 ÷ 全回答",
        ),
        Unit.RATE,
        OURS,
        FIRST,
        _satisfied,
        divide_rows,
        part_names=PARTS,
        excludes=VOID_WINS,
        owner="customer__owner",
    ),
    Kpi(
        "active-user-rate",
        Words("Active-user rate", "製品利用率"),
        Words(
            "How much of what is paid for is used?", "契約したアカウントのうち、どれだけが使われていますか?"
        ),
        Words(
            "Active users, by the latest reading of the last 30 days, ÷ contracted seats, of the customers on the "
            "last day of the period (today while it runs)",
            "期間の最終日(進行中は本日)の顧客について、直近30日の最新の利用者数 ÷ 契約アカウント数",
        ),
        Unit.RATE,
        OURS,
        FIRST,
        _using,
        _active,
        excludes=Words(
            "Customers without a reading in 30 days, or with a contract whose seats are not known",
            "30日以内の利用実績がない顧客、アカウント数が未入力の契約がある顧客",
        ),
    ),
)
