"""How fast a signed contract is taken over: business days to the kickoff set, and to its being held."""

from datetime import date

from django.db.models import Count, DateField, F, Min
from django.db.models.functions import Cast, TruncDate

from dashboards.kpis.kpi import Direction, Frame, Kpi, Parts, Unit, Value
from dashboards.queries import Percentile, business_days
from funnel.models import Organization
from funnel.stages import Department
from funnel.words import Words
from handoffs.lanes import Boundary
from handoffs.models import Handoff

FIRST = date(2026, 11, 23)
OURS = Department.CUSTOMER_SUCCESS
SELF = Words("Handoffs to oneself, history without a promise", "自部門内の引き渡し、約束のない過去データ")


def _done(at: Frame, column: str) -> Parts:
    rows = Handoff.objects.filter(
        at.inside(column),
        at.of(channel="lead__channel", owner="owner"),
        boundary=Boundary.WON,
        is_self=False,
        deal__contract__isnull=False,
    )
    done_on = Cast(TruncDate(column, tzinfo=at.zone), DateField())
    return {"rows": rows.annotate(signed_on=F("deal__contract__signed_on"), done_on=done_on)}


def _business_days(parts: Parts, at: Frame) -> Value:
    """The median of the business days after the signing day, with mean and p90."""
    first = parts["rows"].aggregate(first=Min("signed_on"))["first"]
    if first is None:
        return Value(None, more={"n": 0, "p90": None})
    passed = business_days(
        F("signed_on"), F("done_on"), Organization.current().calendar(), first, max(at.scope.end, first)
    )
    found = parts["rows"].aggregate(
        median=Percentile(passed, 0.5), p90=Percentile(passed, 0.9), n=Count("pk")
    )
    return Value(found.pop("median"), more=found)


KPIS = (
    Kpi(
        "kickoff-set-time",
        Words("Kickoff set time", "キックオフ設定時間"),
        Words("How soon is the kickoff set?", "契約からキックオフ設定まで何営業日かかりますか?"),
        Words(
            "Median business days from the signing day to the day the kickoff was set, of those set in the period",
            "期間内にキックオフを設定した契約の、締結日から設定日までの営業日数の中央値",
        ),
        Unit.DAYS,
        OURS,
        FIRST,
        lambda at: _done(at, "kept_at"),
        _business_days,
        Direction.DOWN,
        excludes=SELF,
    ),
    Kpi(
        "handover-time",
        Words("Handoff completion time", "引き継ぎ完了時間"),
        Words("How soon is a new customer taken over?", "契約から引き継ぎ完了まで何営業日かかりますか?"),
        Words(
            "Median business days from the signing day to the day the kickoff was held, of those completed in the period",
            "期間内にキックオフを実施して引き継ぎが完了した契約の、締結日から完了日までの営業日数の中央値",
        ),
        Unit.DAYS,
        OURS,
        FIRST,
        lambda at: _done(at, "completed_at"),
        _business_days,
        Direction.DOWN,
        excludes=SELF,
    ),
)
