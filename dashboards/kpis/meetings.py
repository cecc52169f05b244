"""Inside sales' meetings: set, held, not held; and how complete what is handed over is."""

from datetime import date

from django.db.models import Avg, Count, Exists, OuterRef
from django.db.models.functions import TruncDate

from dashboards.kpis.kpi import PARTS, Direction, Frame, Kpi, Parts, Unit, Value, divide_rows
from funnel.models import Activity, Deal
from funnel.stages import ActivityKind, DealState, Department, Result
from funnel.words import Words
from handoffs.models import CustomerSheet

FIRST, LATER = date(2026, 11, 22), date(2026, 11, 23)
OURS = Department.INSIDE_SALES
MET = (ActivityKind.MEETING, ActivityKind.DEMO)
MISTAKES = Words("Deals entered by mistake", "誤登録の商談")


def _set(at: Frame) -> Parts:
    rows = Deal.objects.filter(at.inside("opened_at"), meeting_at__isnull=False)
    return {"rows": rows.filter(at.of(channel="lead__channel", owner="lead__owner"))}


def _held(at: Frame, kind: ActivityKind) -> Parts:
    rows = Activity.objects.filter(at.inside("occurred_at"), kind=kind, result=Result.HELD)
    return {"rows": rows.filter(at.of(channel="lead__channel", owner="lead__owner"), lead__is_counted=True)}


def _not_held(at: Frame) -> Parts:
    """Deals whose meeting of the period is past, and those of them with none held since that day."""
    past = Deal.objects.filter(
        at.inside("meeting_at"), at.of(channel="lead__channel", owner="owner"), meeting_at__lt=at.now
    ).exclude(state=DealState.VOID)
    held = Activity.objects.annotate(held_on=TruncDate("occurred_at", tzinfo=at.zone)).filter(
        lead=OuterRef("lead"), kind__in=MET, result=Result.HELD, held_on__gte=OuterRef("meeting_on")
    )
    past = past.annotate(meeting_on=TruncDate("meeting_at", tzinfo=at.zone))
    return {"numerator": past.filter(~Exists(held)), "denominator": past}


def _sheets(at: Frame) -> Parts:
    rows = CustomerSheet.objects.filter(at.inside("submitted_at"))
    return {"rows": rows.filter(at.of(channel="deal__lead__channel", owner="submitted_by"))}


def _completeness(parts: Parts, at: Frame) -> Value:
    found = parts["rows"].aggregate(mean=Avg("score"), n=Count("pk"))
    return Value(None if found["mean"] is None else float(found["mean"]), more={"n": found["n"]})


def _of_kind(kind: ActivityKind, slug: str, names: Words, question: Words, what: Words) -> Kpi:
    return Kpi(
        slug,
        names,
        question,
        Words(
            f"{what.en} held in the period, by the owner of the lead",
            f"期間内に実施した{what.ja}の件数(リード担当者別)",
        ),
        Unit.COUNT,
        Department.FIELD_SALES,
        LATER,
        lambda at: _held(at, kind),
        excludes=Words("No-shows, merged and withdrawn leads", "不実施、統合・取り消し済みのリード"),
        owner="lead__owner",
    )


KPIS = (
    Kpi(
        "meetings",
        Words("Meetings set", "商談設定数"),
        Words("How many first meetings were set?", "商談を何件設定しましたか?"),
        Words(
            "Deals opened in the period that have a meeting date, by the owner of the lead",
            "期間内に開始した商談のうち、商談日時があるもの(リード担当者別)",
        ),
        Unit.COUNT,
        OURS,
        FIRST,
        _set,
        owner="lead__owner",
    ),
    _of_kind(
        ActivityKind.MEETING,
        "meetings-held",
        Words("Meetings held", "商談実施数"),
        Words("How many meetings took place?", "商談を何件実施しましたか?"),
        Words("Meetings", "商談"),
    ),
    _of_kind(
        ActivityKind.DEMO,
        "demos",
        Words("Demos held", "デモ実施数"),
        Words("How many demos took place?", "デモを何件実施しましたか?"),
        Words("Demos", "デモ"),
    ),
    Kpi(
        "no-show-rate",
        Words("Meetings not held", "商談不実施率"),
        Words(
            "How many set meetings did not take place?",
            "設定した商談のうち、実施されなかったのはどれだけですか?",
        ),
        Words(
            "Deals without a held meeting or demo since the day of their meeting ÷ deals whose meeting lies in the "
            "period and is past",
            "商談日以降に商談・デモの実施記録がない商談 ÷ 期間内に商談日時があり、その日時を過ぎた商談",
        ),
        Unit.RATE,
        OURS,
        LATER,
        _not_held,
        divide_rows,
        Direction.DOWN,
        PARTS,
        excludes=MISTAKES,
    ),
    Kpi(
        "sheet-completeness",
        Words("Completeness of the customer sheet", "情報完成度スコア"),
        Words("How complete is what is handed over?", "引き渡す情報はどれだけ揃っていますか?"),
        Words(
            "Mean score of the sheets submitted in the period, each 100 × weight of the required items filled ÷ "
            "weight of the required items, frozen at submission",
            "期間内に提出された顧客情報シートの平均。各シートは100×記入済み必須項目の重み÷必須項目の重みで、提出時点で固定",
        ),
        Unit.POINTS,
        OURS,
        LATER,
        _sheets,
        _completeness,
        owner="submitted_by",
    ),
)
