"""Inside sales' numbers: how fast, how many SQL, and what field sales accepted."""

from datetime import date

from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.db.models import Value as Constant
from django.db.models.fields import DateTimeField
from django.db.models.functions import Coalesce

from dashboards.kpis.kpi import PARTS, Direction, Frame, Kpi, Parts, Unit, Value, divide_rows
from dashboards.kpis.promises import acceptance_of, compliance_of
from dashboards.kpis.rowsets import cohort_share, cohort_step, entered, period_step
from dashboards.queries import Spread, spreads
from funnel.stages import COHORT_DAYS, Department, Stage
from funnel.words import Words
from handoffs.lanes import Boundary
from handoffs.models import Handoff

FIRST = date(2026, 11, 22)
OURS = Department.INSIDE_SALES
ANSWERED = Q(first_contact_at__gte=F("asked_at"))


def responses(at: Frame) -> Parts:
    """MQL of the period that were contacted, or that somebody owes or owed a contact; dated ones only.

    What was returned and certified again is timed from the last time.
    """
    rounds = Handoff.objects.filter(lead=OuterRef("pk"), boundary=Boundary.MQL).order_by("-round")
    asked = Subquery(rounds.values("opened_at")[:1])
    rows = entered(at, Stage.MQL).exclude(inferred__contains=[Stage.MQL])
    rows = rows.annotate(asked_at=Coalesce(asked, "mql_at"), owed_since=asked)
    until = Coalesce("closed_at", Constant(at.now), output_field=DateTimeField())
    answered = Case(When(ANSWERED, then=F("first_contact_at")), default=until, output_field=DateTimeField())
    return {
        "rows": rows.filter(ANSWERED | Q(owed_since__isnull=False)).annotate(waited=answered - F("asked_at"))
    }


def _measured(parts: Parts, at: Frame) -> Value:
    return response_time(spreads(parts["rows"], ended=ANSWERED, duration="waited", parts=[Q()])[0])


def response_time(found: Spread) -> Value:
    """The median, with the rest beside it."""
    return Value(found.median, more=found._asdict())


KPIS = (
    Kpi(
        "response-time",
        Words("First response time", "初回対応時間"),
        Words(
            "How long does an MQL wait for its first contact?", "MQLは初回コンタクトまでどれだけ待ちますか?"
        ),
        Words(
            "Median hours from MQL to the first human outbound contact, of MQL of the period; "
            "p90 includes the unanswered, as long as they have waited until now or until they were closed",
            "期間内のMQLについて、認定から最初の発信(人によるもの)までの時間の中央値。"
            "90パーセンタイルには未対応分を、現在または終了までの待ち時間として含みます",
        ),
        Unit.HOURS,
        OURS,
        FIRST,
        responses,
        _measured,
        Direction.DOWN,
    ),
    compliance_of(Boundary.MQL, OURS),
    acceptance_of(Boundary.MQL, Department.MARKETING),
    Kpi(
        "sql",
        Words("SQL", "SQL数"),
        Words("How many leads were certified SQL?", "SQLに認定したリードは何件ですか?"),
        Words(
            "Passes whose first entry into SQL lies in the period", "期間内に初めてSQLに認定したリードの件数"
        ),
        Unit.COUNT,
        OURS,
        FIRST,
        lambda at: {"rows": entered(at, Stage.SQL)},
    ),
    Kpi(
        "sql-rate",
        Words("SQL rate on MQL (period)", "商談化率(MQL基準・期間ベース)"),
        Words("How many SQL for each MQL of the period?", "期間内のMQLに対して、SQLはどれだけですか?"),
        Words("SQL of the period ÷ MQL of the period", "期間内のSQL数 ÷ 期間内のMQL数"),
        Unit.RATE,
        OURS,
        FIRST,
        period_step(Stage.SQL),
        divide_rows,
        part_names=PARTS,
    ),
    Kpi(
        "sql-rate-cohort",
        Words("SQL rate on MQL (cohort)", "商談化率(MQL基準・コホート)"),
        Words("How many of these MQL became SQL?", "この期間のMQLのうち、どれだけがSQLになりましたか?"),
        Words(
            f"Of the MQL of the period, those certified SQL within {COHORT_DAYS[Stage.SQL]} days",
            f"期間内のMQLのうち、{COHORT_DAYS[Stage.SQL]}日以内にSQLになった割合",
        ),
        Unit.RATE,
        OURS,
        FIRST,
        cohort_step(Stage.SQL),
        cohort_share(Stage.SQL),
        part_names=PARTS,
    ),
    Kpi(
        "sql-rate-on-leads",
        Words("SQL rate on leads (period)", "商談化率(リード基準・期間ベース)"),
        Words("How many SQL for each lead of the period?", "期間内のリードに対して、SQLはどれだけですか?"),
        Words("SQL of the period ÷ leads of the period", "期間内のSQL数 ÷ 期間内のリード獲得数"),
        Unit.RATE,
        OURS,
        FIRST,
        period_step(Stage.SQL, Stage.LEAD),
        divide_rows,
        part_names=PARTS,
    ),
    compliance_of(Boundary.SQL, OURS),
    acceptance_of(Boundary.SQL, OURS),
)
