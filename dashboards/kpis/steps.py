"""How long each step of the funnel takes, and who waits for it longer than nine in ten did."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Subquery
from django.db.models import Value as Constant
from django.db.models.expressions import CombinedExpression

from dashboards.kpis.kpi import Direction, Frame, Kpi, Parts, Rows, Unit, Value
from dashboards.kpis.rowsets import UNCOUNTED, entered
from dashboards.queries import DAY, Percentile
from funnel.calendar import BusinessCalendar
from funnel.models import Lead
from funnel.stages import STAGE_DEPARTMENT, STAGE_WORDS, Stage, previous
from funnel.words import Words

FIRST = date(2026, 11, 23)
WINDOW, WINDOWS = timedelta(days=28), 8
"""What is usual is that of so many windows before the latest."""
NINE_IN_TEN = 0.9
TIMED = (Stage.MQL, Stage.SQL, Stage.WON, Stage.ONBOARDED)
AWAITED = (Stage.SQL, Stage.WON, Stage.ONBOARDED)
"""The steps that a department owes whoever stands before them; nobody owes a lead its certification."""
NO_DATES = Words(
    "Passages without a date of their own, dates out of order; merged and withdrawn leads",
    "日付の記録がない通過、日付が前後する記録、統合・取り消し済みのリード",
)


def lately(at: Frame) -> tuple[date, date]:
    """The days of the latest window, both ends included: it ends today, whatever the period."""
    return at.today - WINDOW + timedelta(days=1), at.today


def turn(at: Frame) -> datetime:
    """When the latest window begins, and what is usual ends."""
    return BusinessCalendar(zone=at.zone.key).start_of_day(lately(at)[0])


def usually(at: Frame) -> Frame:
    """The windows before the latest as one period."""
    end = turn(at)
    start = BusinessCalendar(zone=at.zone.key).start_of_day(lately(at)[0] - WINDOWS * WINDOW)
    return at._replace(start=start, end=end)


def before(stage: Stage) -> str:
    """The column that says when the stage before was entered."""
    return f"{previous(stage)}_at"


def took(stage: Stage) -> CombinedExpression:
    """How long the step into a stage took."""
    return F(f"{stage}_at") - F(before(stage))


def timed(at: Frame, stage: Stage) -> Rows:
    """Passes that made the step into `stage` in the period, with both dates known and in order."""
    rows = entered(at, stage).filter(**{f"{before(stage)}__isnull": False}, date_conflict=False)
    return rows.exclude(inferred__overlap=[str(stage), str(previous(stage))])


def awaited(at: Frame, stage: Stage) -> Rows:
    """Passes that stand before the step into `stage` now, whatever the period."""
    came = Q(**{f"{before(stage)}__isnull": False, f"{stage}_at__isnull": True}, is_counted=True)
    if stage != Stage.ONBOARDED:
        came &= Q(stage=str(previous(stage)), outcome__isnull=True)
    return Lead.objects.filter(came, at.of(channel="channel", owner="owner"))


def overlong(at: Frame, stage: Stage) -> Rows:
    """Of those who wait for the step now, who waits longer than nine in ten of those who made it usually did."""
    usual = timed(usually(at), stage).order_by().annotate(one=Constant(1)).values("one")
    p90 = Subquery(usual.annotate(p90=Percentile(took(stage), NINE_IN_TEN)).values("p90"))
    until = ExpressionWrapper(Constant(at.now, DateTimeField()) - p90, DateTimeField())
    return awaited(at, stage).filter(**{f"{before(stage)}__lte": until})


def _median(stage: Stage) -> Kpi:
    source, target = STAGE_WORDS[str(previous(stage))], STAGE_WORDS[stage]

    def measure(parts: Parts, at: Frame) -> Value:
        found = parts["rows"].order_by().aggregate(median=Percentile(took(stage), 0.5))["median"]
        return Value(found / DAY if found is not None else None)

    return Kpi(
        f"days-to-{stage}",
        Words(f"Days: {source.en} to {target.en}", f"{source.ja}から{target.ja}までの日数"),
        Words(
            f"How long does the step from {source.en} to {target.en} take?",
            f"{source.ja}から{target.ja}まで何日かかりますか?",
        ),
        Words(
            f"Median days from the first entry into {source.en} to that into {target.en}, of passes that made the "
            "step in the period; hours count",
            f"期間内に{target.ja}に進んだリードについて、{source.ja}になってからの日数の中央値(時間単位まで計算)",
        ),
        Unit.DAYS,
        STAGE_DEPARTMENT[stage],
        FIRST,
        lambda at: {"rows": timed(at, stage)},
        measure,
        Direction.DOWN,
        excludes=NO_DATES,
        stands=True,
    )


def _overlong(stage: Stage) -> Kpi:
    source, target = STAGE_WORDS[str(previous(stage))], STAGE_WORDS[stage]
    return Kpi(
        f"overlong-before-{stage}",
        Words(f"Waiting too long for {target.en}", f"{target.ja}待ちの長期滞留"),
        Words(
            f"Who stands before {target.en} longer than nine in ten usually did?",
            f"通常なら9割が{target.ja}に進む日数を超えて、待っているのはどれですか?",
        ),
        Words(
            f"Passes at {source.en} now for longer than nine in ten of those took that went on to {target.en} in the "
            f"{WINDOWS * WINDOW.days // 7} weeks before the last {WINDOW.days // 7}, whatever the period",
            f"現在{source.ja}にあり、直近{WINDOW.days // 7}週を除く過去{WINDOWS * WINDOW.days // 7}週に{target.ja}へ進んだ"
            "ものの9割が要した日数を超えている件数(期間の指定によりません)",
        ),
        Unit.COUNT,
        STAGE_DEPARTMENT[stage],
        FIRST,
        lambda at: {"rows": overlong(at, stage)},
        direction=Direction.DOWN,
        excludes=UNCOUNTED,
        is_now=True,
        stands=True,
    )


KPIS = (*(_median(stage) for stage in TIMED), *(_overlong(stage) for stage in AWAITED))
