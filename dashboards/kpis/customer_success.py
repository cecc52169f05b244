"""Customer success' numbers: onboarded, renewed, referred, and the promises at both ends."""

from datetime import date

from django.db.models import Q

from dashboards.kpis import retention, starting, voice
from dashboards.kpis.kpi import PARTS, Frame, Kpi, Parts, Unit, divide_rows
from dashboards.kpis.promises import acceptance_of, compliance_of
from dashboards.kpis.rowsets import UNCOUNTED, cohort_share, cohort_step, entered, period_step
from funnel.models import Contract
from funnel.stages import COHORT_DAYS, Department, Stage
from funnel.words import Words
from handoffs.lanes import Boundary

FIRST, LATER = date(2026, 11, 22), date(2026, 11, 23)
OURS = Department.CUSTOMER_SUCCESS


def _reached(stage: Stage, names: Words, question: Words, formula: Words) -> Kpi:
    return Kpi(
        stage,
        names,
        question,
        formula,
        Unit.COUNT,
        OURS,
        FIRST,
        lambda at: {"rows": entered(at, stage)},
        excludes=UNCOUNTED,
    )


def _cohort(stage: Stage, slug: str, names: Words, question: Words, done: Words) -> Kpi:
    days = COHORT_DAYS[stage]
    return Kpi(
        slug,
        names,
        question,
        Words(
            f"Of the passes won in the period, those {done.en} within {days} days",
            f"期間内の受注のうち、{days}日以内に{done.ja}割合",
        ),
        Unit.RATE,
        OURS,
        FIRST,
        cohort_step(stage),
        cohort_share(stage),
        part_names=PARTS,
        excludes=UNCOUNTED,
    )


def _came_up(at: Frame) -> Parts:
    """Contracts whose end lies in the period and about which it is known what became of them."""
    rows = Contract.objects.filter(
        at.of(channel="customer__origin_lead__channel", owner="customer__owner"),
        Q(ended_on__isnull=False) | Q(ends_on__lt=at.today),
        voided_at=None,
        ends_on__gte=at.scope.start,
        ends_on__lte=at.scope.end,
    )
    return {"numerator": rows.filter(renewed_by__isnull=False), "denominator": rows}


def _period(stage: Stage, slug: str, names: Words, question: Words, formula: Words) -> Kpi:
    return Kpi(
        slug, names, question, formula, Unit.RATE, OURS, LATER, period_step(stage), divide_rows, part_names=PARTS,
        excludes=UNCOUNTED,
    )  # fmt: skip


KPIS = (
    _reached(
        Stage.ONBOARDED,
        Words("Onboarded", "導入完了数"),
        Words("How many customers reached first value?", "最初の価値を実感した顧客は何社ですか?"),
        Words(
            "Passes whose customer first reached value in the period", "期間内に初めて価値実感に至った件数"
        ),
    ),
    _cohort(
        Stage.ONBOARDED,
        "onboarding-rate",
        Words("30-day onboarding rate", "30日オンボーディング完了率"),
        Words("How many reach first value in time?", "どれだけの顧客が期間内に価値実感に至りましたか?"),
        Words("that reached first value", "価値実感に至った"),
    ),
    _period(
        Stage.ONBOARDED,
        "onboarded-rate",
        Words("Onboarded on wins", "受注数に対する導入完了数"),
        Words(
            "How many onboardings for each win of the period?",
            "期間内の受注に対して、導入完了はどれだけですか?",
        ),
        Words("Onboarded of the period ÷ won of the period", "期間内の導入完了数 ÷ 期間内の受注数"),
    ),
    _period(
        Stage.RENEWED,
        "renewed-rate",
        Words("Renewed on wins", "受注数に対する更新数"),
        Words("How many renewals for each win of the period?", "期間内の受注に対して、更新はどれだけですか?"),
        Words("Renewed of the period ÷ won of the period", "期間内の更新数 ÷ 期間内の受注数"),
    ),
    _period(
        Stage.REFERRED,
        "referred-rate",
        Words("Referred on wins", "受注数に対する紹介数"),
        Words(
            "How many referrals for each win of the period?", "期間内の受注に対して、紹介はどれだけですか?"
        ),
        Words("Referred of the period ÷ won of the period", "期間内の紹介数 ÷ 期間内の受注数"),
    ),
    compliance_of(Boundary.WON, OURS),
    acceptance_of(Boundary.WON, Department.FIELD_SALES),
    _reached(
        Stage.RENEWED,
        Words("Renewed", "更新数"),
        Words("How many customers renewed?", "契約を更新した顧客は何社ですか?"),
        Words("Passes whose contract was first renewed in the period", "期間内に初めて契約を更新した件数"),
    ),
    Kpi(
        "contract-renewal-rate",
        Words("Contract renewal rate", "契約更新率"),
        Words(
            "How many of the contracts that came up were renewed?",
            "満了を迎えた契約のうち、どれだけが更新されましたか?",
        ),
        Words(
            "Renewed ÷ contracts whose end lies in the period and that were renewed, ended or have run out",
            "更新 ÷ 期間内に満了日があり、更新・終了・期間満了のいずれかとなった契約の件数",
        ),
        Unit.RATE,
        OURS,
        FIRST,
        _came_up,
        divide_rows,
        part_names=PARTS,
        excludes=Words("Void contracts", "取り消した契約"),
        owner="customer__owner",
    ),
    _cohort(
        Stage.RENEWED,
        "renewal-rate",
        Words("Renewal rate (cohort)", "更新率(コホート)"),
        Words("How many of these wins renewed?", "この期間の受注のうち、どれだけが更新しましたか?"),
        Words("renewed", "更新した"),
    ),
    _reached(
        Stage.REFERRED,
        Words("Referred", "紹介数"),
        Words("How many customers brought another?", "紹介をくださった顧客は何社ですか?"),
        Words(
            "Passes whose customer first referred somebody in the period", "期間内に初めて紹介があった件数"
        ),
    ),
    _cohort(
        Stage.REFERRED,
        "referral-rate",
        Words("Referral rate (cohort)", "紹介率(コホート)"),
        Words(
            "How many of these wins brought another?",
            "この期間の受注のうち、どれだけが紹介につながりましたか?",
        ),
        Words("that referred somebody", "紹介があった"),
    ),
    compliance_of(Boundary.ADVOCACY, Department.MARKETING),
    *starting.KPIS,
    *retention.KPIS,
    *voice.KPIS,
)
