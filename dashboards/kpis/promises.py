"""The numbers every boundary has: how many promises were kept, and how many handoffs were accepted."""

from datetime import date

from dashboards.kpis.kpi import Kpi, Unit
from dashboards.kpis.rowsets import acceptance, compliance, decided, fell_due
from funnel.stages import Department
from funnel.words import Words
from handoffs.lanes import LANES, Boundary

FIRST = date(2026, 11, 22)


def compliance_of(boundary: Boundary, department: Department) -> Kpi:
    """The compliance of one boundary, shown with the department that owes the act."""
    lane = LANES[boundary]
    due = (
        Words("that were submitted in the period", "期間内に提出された")
        if lane.unit is None
        else Words("that fell due in the period", "期間内に期限を迎えた")
    )
    return Kpi(
        f"{boundary}-compliance",
        Words(f"Promises kept: {lane.owed.en}", f"SLA遵守率({lane.owed.ja})"),
        Words(
            f"How often is the promise “{lane.owed.en.lower()}” kept?",
            f"「{lane.owed.ja}」はどれだけ守られていますか?",
        ),
        Words(
            f"Kept ÷ (kept, kept late and missed) of the promises {due.en}; cancelled ones are counted apart",
            f"{due.ja}約束のうち、遵守 ÷ (遵守+遅れて実施+未実施)。取消は除き、件数を別に示します",
        ),
        Unit.RATE,
        department,
        FIRST,
        fell_due(boundary),
        compliance,
        excludes=Words("Cancelled promises", "取り消された約束"),
    )


def acceptance_of(boundary: Boundary, department: Department) -> Kpi:
    """The acceptance of one boundary, shown with the department that hands over."""
    lane = LANES[boundary]
    return Kpi(
        f"{boundary}-acceptance",
        Words(f"Accepted: {lane.words.en}", f"受領率({lane.words.ja})"),
        Words(
            "How much of what is handed over is accepted?",
            "引き渡したもののうち、どれだけが受領されましたか?",
        ),
        Words(
            "Accepted ÷ (accepted + returned) by the date of the decision; what was sent again counts once, "
            "by its last round; handoffs to oneself are left out",
            "受領 ÷ (受領+差し戻し)、判断日ベース。再引き渡しは最後の回で1件と数え、"
            "自部門内の引き渡しは除きます",
        ),
        Unit.RATE,
        department,
        FIRST,
        decided(boundary),
        acceptance,
        part_names=("rows", "first"),
        excludes=Words(
            "Handoffs to oneself, those nobody has decided about yet", "自部門内の引き渡し、未判断の引き渡し"
        ),
    )
