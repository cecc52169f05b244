"""The company's numbers across departments."""

from datetime import date

from django.db.models import Count

from dashboards.kpis.kpi import Direction, Frame, Kpi, Parts, Unit, Value
from funnel.words import Words
from handoffs.models import Handoff

FIRST = date(2026, 11, 22)


def _overdue(at: Frame) -> Parts:
    rows = Handoff.objects.overdue(at.now).with_promise(at.now)
    return {"rows": rows.filter(at.of(channel="lead__channel", owner="owner"))}


def _by_department(parts: Parts, at: Frame) -> Value:
    found = parts["rows"].order_by().values("done_by_department").annotate(n=Count("pk"))
    departments = {row["done_by_department"]: row["n"] for row in found}
    return Value(sum(departments.values()), more={"by_department": departments})


KPIS = (
    Kpi(
        "overdue",
        Words("Overdue now", "期限超過(現在)"),
        Words("Which promises are late right now?", "今、期限を過ぎている約束は何件ですか?"),
        Words(
            "Promises past their due moment whose act is still to be done, whatever the period",
            "期限を過ぎ、まだ実施されていない約束の件数(期間の指定によりません)",
        ),
        Unit.COUNT,
        None,
        FIRST,
        _overdue,
        _by_department,
        Direction.DOWN,
        stands=True,
        is_now=True,
    ),
)
