"""Marketing's numbers: visitors, leads, MQL and the steps between them."""

from collections.abc import Callable
from datetime import date

from django.db.models import Exists, OuterRef, Sum

from dashboards.kpis import costs
from dashboards.kpis.kpi import PARTS, Frame, Kpi, Parts, Unit, Value, divide_rows, share
from dashboards.kpis.rowsets import UNCOUNTED, cohort_share, cohort_step, entered, period_step, visits
from funnel.models import Lead
from funnel.stages import COHORT_DAYS, Department, Stage
from funnel.words import Words

FIRST, LATER = date(2026, 11, 22), date(2026, 11, 23)
OURS = Department.MARKETING


def _visitors(parts: Parts, at: Frame) -> Value:
    return Value(parts["rows"].aggregate(total=Sum("visits"))["total"] or 0)


def _web(at: Frame) -> Parts:
    return {"numerator": entered(at, Stage.LEAD).filter(channel__is_web=True), "denominator": visits(at)}


def _captured(at: Frame) -> Parts:
    return {"numerator": entered(at, Stage.LEAD), "denominator": visits(at)}


def _per_visit(parts: Parts, at: Frame) -> Value:
    return share(parts["numerator"].count(), int(_visitors({"rows": parts["denominator"]}, at).value or 0))


def _mql_by_past(at: Frame, *, again: bool) -> Parts:
    """MQL of the period whose person had been one in an earlier pass, or had not."""
    earlier = Lead.objects.filter(
        person=OuterRef("person"), pass_no__lt=OuterRef("pass_no"), mql_at__isnull=False, is_counted=True
    )
    return {"rows": entered(at, Stage.MQL).filter(Exists(earlier) if again else ~Exists(earlier))}


def _referred(stage: Stage) -> Callable[[Frame], Parts]:
    return lambda at: {"rows": entered(at, stage).filter(referred_by__isnull=False)}


def _referrals(stage: Stage, slug: str, names: Words, question: Words, formula: Words) -> Kpi:
    return Kpi(slug, names, question, formula, Unit.COUNT, OURS, LATER, _referred(stage), excludes=UNCOUNTED)


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
        excludes=UNCOUNTED,
    ),
    Kpi(
        "lead-rate",
        Words("Leads on visits", "訪問数に対するリード数"),
        Words("How many leads come for each visit?", "訪問数に対して、リードはどれだけ獲得できましたか?"),
        Words(
            "Leads captured in the period, through whatever channel, ÷ visitors of the period",
            "期間内に獲得したリード数(全流入経路) ÷ 期間内のサイト訪問者数",
        ),
        Unit.RATE,
        OURS,
        LATER,
        _captured,
        _per_visit,
        part_names=PARTS,
        excludes=UNCOUNTED,
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
        excludes=UNCOUNTED,
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
        excludes=UNCOUNTED,
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
        excludes=UNCOUNTED,
    ),
    Kpi(
        "first-mql",
        Words("First-ever MQL", "初回MQL数"),
        Words("How many people became MQL for the first time?", "初めてMQLになった方は何人ですか?"),
        Words(
            "MQL of the period whose person had not been an MQL in an earlier pass",
            "期間内のMQLのうち、以前にMQLになったことがない方の件数",
        ),
        Unit.COUNT,
        OURS,
        LATER,
        lambda at: _mql_by_past(at, again=False),
        excludes=UNCOUNTED,
    ),
    Kpi(
        "re-mql",
        Words("Re-MQL", "再MQL数"),
        Words("How many people became MQL again?", "再びMQLになった方は何人ですか?"),
        Words(
            "MQL of the period whose person had been an MQL in an earlier pass",
            "期間内のMQLのうち、以前にもMQLになったことがある方の件数",
        ),
        Unit.COUNT,
        OURS,
        LATER,
        lambda at: _mql_by_past(at, again=True),
        excludes=UNCOUNTED,
    ),
    _referrals(
        Stage.LEAD,
        "referred-leads",
        Words("Leads by referral", "紹介リード数"),
        Words("How many leads came through a customer?", "顧客の紹介によるリードは何件ですか?"),
        Words(
            "Leads captured in the period that a customer referred",
            "期間内に獲得したリードのうち、顧客の紹介によるもの",
        ),
    ),
    _referrals(
        Stage.SQL,
        "referred-sql",
        Words("SQL by referral", "紹介によるSQL数"),
        Words("How many SQL came through a customer?", "顧客の紹介によるSQLは何件ですか?"),
        Words("SQL of the period that a customer referred", "期間内のSQLのうち、顧客の紹介によるもの"),
    ),
    _referrals(
        Stage.WON,
        "referred-won",
        Words("Wins by referral", "紹介による受注数"),
        Words("How many wins came through a customer?", "顧客の紹介による受注は何件ですか?"),
        Words(
            "Passes first won in the period that a customer referred",
            "期間内の受注のうち、顧客の紹介によるもの",
        ),
    ),
    *costs.KPIS,
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
        excludes=UNCOUNTED,
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
        excludes=UNCOUNTED,
    ),
)
