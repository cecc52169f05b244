"""Inside sales' numbers: how fast, how many SQL, and what field sales accepted."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from dashboards.kpis import meetings
from dashboards.kpis.kpi import PARTS, Direction, Frame, Kpi, Parts, Unit, Value, divide_rows
from dashboards.kpis.promises import acceptance_of, compliance_of
from dashboards.kpis.rowsets import UNCOUNTED, cohort_share, cohort_step, entered, period_step
from dashboards.queries import waits
from funnel.stages import COHORT_DAYS, Department, Stage
from funnel.words import Words
from handoffs.lanes import Boundary
from handoffs.models import Handoff

FIRST, LATER = date(2026, 11, 22), date(2026, 11, 23)
NO_DATE = Words(
    "MQL without a date of their own; merged and withdrawn leads",
    "日付の記録がないMQL、統合・取り消し済みのリード",
)
OURS = Department.INSIDE_SALES


def responses(at: Frame) -> Parts:
    """MQL of the period that were contacted, or that somebody owes or owed a contact; dated ones only.

    What was returned and certified again is timed from the last time.
    """
    rows = entered(at, Stage.MQL).exclude(inferred__contains=[Stage.MQL])
    rows = rows.annotate(asked_at=Coalesce("contact_owed_since", "mql_at"))
    return {"rows": rows.filter(Q(first_contact_at__gte=F("mql_at")) | Q(contact_owed_since__isnull=False))}


def response_times(parts: Parts, ats: Sequence[Frame]) -> list[Value]:
    """The response time of each of these periods, from rows that hold those of all."""
    columns = ("mql_at", "first_contact_at", "closed_at", "asked_at")
    spreads = waits(parts["rows"], columns, ats[0].now, [(at.start, at.end) for at in ats])
    return [Value(found.median, more=found._asdict()) for found in spreads]


def _handed_over(at: Frame) -> Parts:
    """Handoffs to field sales submitted in the period, by whoever sent them."""
    rows = Handoff.objects.filter(at.inside("opened_at"), boundary=Boundary.SQL)
    return {"rows": rows.filter(at.of(channel="lead__channel", owner="sender"))}


def _answered(at: Frame) -> Parts:
    """MQL of the period that were contacted."""
    return {"rows": responses(at)["rows"].filter(first_contact_at__gte=F("asked_at"))}


def _mean_time(parts: Parts, at: Frame) -> Value:
    found = response_times(parts, [at])[0]
    return Value(found.more["mean"], more={"n": found.more["ended"]})


def _response_time(parts: Parts, at: Frame) -> Value:
    return response_times(parts, [at])[0]


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
        _response_time,
        Direction.DOWN,
        excludes=NO_DATE,
    ),
    Kpi(
        "average-response-time",
        Words("Average response time", "平均対応時間"),
        Words(
            "How long is the mean wait for the first contact?",
            "初回コンタクトまで、平均でどれだけ待ちますか?",
        ),
        Words(
            "Arithmetic mean of the hours from MQL to the first human outbound contact, of MQL of the period that "
            "were contacted; a few long waits move it more than the median",
            "期間内のMQLのうち対応済みのものについて、認定から最初の発信(人によるもの)までの時間の平均。"
            "少数の長い待ち時間に左右されるため、中央値とあわせて読みます",
        ),
        Unit.HOURS,
        OURS,
        LATER,
        _answered,
        _mean_time,
        Direction.DOWN,
        excludes=NO_DATE,
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
        excludes=UNCOUNTED,
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
        excludes=UNCOUNTED,
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
        excludes=UNCOUNTED,
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
        excludes=UNCOUNTED,
    ),
    Kpi(
        "handovers",
        Words("Handed to field sales", "FSへの受け渡し件数"),
        Words("How many handoffs went to field sales?", "フィールドセールスへの引き渡しは何件ですか?"),
        Words(
            "Handoffs to field sales submitted in the period, each round counted, by their sender",
            "期間内にフィールドセールスへ提出した引き渡しの件数(再引き渡しも1件、引き渡した担当者別)",
        ),
        Unit.COUNT,
        OURS,
        FIRST,
        _handed_over,
        owner="sender",
    ),
    *meetings.KPIS,
    compliance_of(Boundary.SQL, OURS),
    acceptance_of(Boundary.SQL, OURS),
)
