"""Marketing's numbers: visitors, leads, MQL and the steps between them."""

from datetime import date
from decimal import Decimal

from django.db.models import Sum

from dashboards.kpis.kpi import PARTS, Direction, Frame, Kpi, Parts, Unit, Value, divide_rows, share
from dashboards.kpis.rowsets import cohort_share, cohort_step, entered, period_step, spend, visits
from funnel.stages import COHORT_DAYS, Department, Stage
from funnel.words import Words

FIRST = date(2026, 11, 22)
OURS = Department.MARKETING


def _visitors(parts: Parts, at: Frame) -> Value:
    return Value(parts["rows"].aggregate(total=Sum("visits"))["total"] or 0)


def _web(at: Frame) -> Parts:
    return {"numerator": entered(at, Stage.LEAD).filter(channel__is_web=True), "denominator": visits(at)}


def _per_visit(parts: Parts, at: Frame) -> Value:
    return share(parts["numerator"].count(), int(_visitors({"rows": parts["denominator"]}, at).value or 0))


def _bought(at: Frame) -> Parts:
    """Spend, and the leads of the channels on which it was spent."""
    spent = spend(at)
    return {
        "numerator": spent,
        "denominator": entered(at, Stage.LEAD).filter(channel__in=spent.values("channel")),
    }


def _cost_each(parts: Parts, at: Frame) -> Value:
    cost = parts["numerator"].aggregate(total=Sum("amount"))["total"] or Decimal()
    leads = parts["denominator"].count()
    value = cost / leads if leads and cost else None
    return Value(value, currency=at.currency, more={"spend": cost, "leads": leads})


KPIS = (
    Kpi(
        "visitors",
        Words("Visitors", "サイト訪問者数"),
        Words("How many visits did the sites get?", "サイトへの訪問はどれだけありましたか?"),
        Words("Sum of the traffic readings of the period", "期間内の訪問数の合計"),
        Unit.COUNT,
        OURS,
        FIRST,
        lambda at: {"rows": visits(at)},
        _visitors,
    ),
    Kpi(
        "visitor-lead-rate",
        Words("Visitor to lead rate", "CVR"),
        Words("How many visits turn into leads?", "訪問のうち、どれだけがリードになりましたか?"),
        Words(
            "Leads captured in the period through web channels ÷ visitors of the period",
            "期間内にWeb経由で獲得したリード数 ÷ 期間内のサイト訪問者数",
        ),
        Unit.RATE,
        OURS,
        FIRST,
        _web,
        _per_visit,
        part_names=PARTS,
    ),
    Kpi(
        "leads",
        Words("Leads", "リード獲得数"),
        Words("How many leads were captured?", "リードを何件獲得しましたか?"),
        Words(
            "Passes captured in the period; merged ones are out",
            "期間内に獲得したリードの件数(統合済みを除く)",
        ),
        Unit.COUNT,
        OURS,
        FIRST,
        lambda at: {"rows": entered(at, Stage.LEAD)},
    ),
    Kpi(
        "new-persons",
        Words("New persons", "新規リード数"),
        Words("How many people did we not know before?", "初めて接点を持った方は何人ですか?"),
        Words("First passes of a person captured in the period", "期間内に獲得したリードのうち、初回のもの"),
        Unit.COUNT,
        OURS,
        FIRST,
        lambda at: {"rows": entered(at, Stage.LEAD).filter(pass_no=1)},
    ),
    Kpi(
        "mql",
        Words("MQL", "MQL数"),
        Words("How many leads were certified MQL?", "MQLに認定したリードは何件ですか?"),
        Words(
            "Passes whose first entry into MQL lies in the period; later returns do not change it",
            "期間内に初めてMQLに認定したリードの件数(後の差し戻しでは変わりません)",
        ),
        Unit.COUNT,
        OURS,
        FIRST,
        lambda at: {"rows": entered(at, Stage.MQL)},
    ),
    Kpi(
        "cpl",
        Words("Cost per lead", "CPL(リード獲得単価)"),
        Words("What does a lead cost?", "リード1件の獲得にいくらかかっていますか?"),
        Words(
            "Spend of the period ÷ leads captured in it through the same channels",
            "期間内の広告・施策費用 ÷ 同じ流入経路から期間内に獲得したリード数",
        ),
        Unit.MONEY,
        OURS,
        FIRST,
        _bought,
        _cost_each,
        Direction.DOWN,
        part_names=PARTS,
        stands=True,
    ),
    Kpi(
        "mql-rate",
        Words("MQL rate (period)", "MQL化率(期間ベース)"),
        Words("How many MQL for each lead of the period?", "期間内のリードに対して、MQLはどれだけですか?"),
        Words("MQL of the period ÷ leads of the period", "期間内のMQL数 ÷ 期間内のリード獲得数"),
        Unit.RATE,
        OURS,
        FIRST,
        period_step(Stage.MQL),
        divide_rows,
        part_names=PARTS,
    ),
    Kpi(
        "mql-rate-cohort",
        Words("MQL rate (cohort)", "MQL化率(コホート)"),
        Words("How many of these leads became MQL?", "この期間のリードのうち、どれだけがMQLになりましたか?"),
        Words(
            f"Of the leads captured in the period, those certified MQL within {COHORT_DAYS[Stage.MQL]} days",
            f"期間内に獲得したリードのうち、{COHORT_DAYS[Stage.MQL]}日以内にMQLになった割合",
        ),
        Unit.RATE,
        OURS,
        FIRST,
        cohort_step(Stage.MQL),
        cohort_share(Stage.MQL),
        part_names=PARTS,
    ),
)
