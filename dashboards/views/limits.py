"""What the board says beside the rate: the time and the stock bottleneck, and whose verdict a young period shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from dashboards import periods, young
from dashboards.kpis import Frame
from dashboards.kpis.steps import AWAITED, TIMED, lately
from dashboards.scope import Scope
from dashboards.views.asking import rows_address
from funnel.models import Organization
from funnel.stages import STAGE_DEPARTMENT, STAGE_WORDS, Stage, previous
from funnel.words import Words

LAST: dict[str, Words] = {
    "week": Words("the last whole week", "直近の完了週"),
    "month": Words("the last whole month", "直近の完了月"),
    "quarter": Words("the last whole quarter", "直近の完了四半期"),
    "year": Words("the last whole fiscal year", "直近の完了年度"),
    "": Words("the period before", "一つ前の期間"),
}
EARLIER = Words("the last with enough cases", "件数が足りる直近の期間")


def shown(at: Frame, said: dict[str, Any], organization: Organization) -> dict[str, Any]:
    """The steps and windows that sentences can be about, with the rows behind each."""
    now = replace(at.scope, start=lately(at)[0], end=lately(at)[1], basis="period", group_by=None)
    start_month = organization.fiscal_year_start
    windows = [
        {
            "day": scope.start.isoformat(),
            "title": periods.title(scope.start, scope.end, start_month),
            "words": EARLIER if n else LAST[periods.named(scope.start, scope.end, start_month)],
        }
        for n, scope in enumerate(young.before(at.scope))
    ]
    limits = {
        "time": _case(said, "time"),
        "stock": _case(said, "stock"),
        "times": [_step(stage, rows_address(f"days-to-{stage}", now)) for stage in TIMED],
        "stocks": [_step(stage, rows_address(f"overlong-before-{stage}", at.scope)) for stage in AWAITED],
    }
    return {"windows": windows, "limits": limits}


def _case(said: dict[str, Any], name: str) -> str:
    return said[f"{name}-step"] or said[name]


def _step(stage: Stage, link: str) -> dict[str, Any]:
    return {
        "key": str(stage),
        "source": STAGE_WORDS[str(previous(stage))],
        "target": STAGE_WORDS[stage],
        "department": STAGE_DEPARTMENT[stage],
        "link": link,
    }


def judged(scope: Scope, said: dict[str, Any]) -> Scope:
    """The period whose verdict is said: this one, or the last whole one that has enough."""
    if not said["judged"]:
        return scope
    return replace(scope, start=date.fromisoformat(said["judged"]), end=date.fromisoformat(said["judged-to"]))
