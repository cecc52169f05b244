"""The board of a scope: every number it shows, read together, and the same as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db.models import Count

from dashboards import counts, kpis
from dashboards.counts import FunnelReading, Rate
from dashboards.kpis import Frame, Value
from dashboards.scope import Scope
from funnel.stages import STAGES, VISITOR, Stage
from handoffs.lanes import LANES, Boundary

SHOWN: tuple[str, ...] = (VISITOR, *(str(stage) for stage in STAGES))
MOST_BAR = 125
"""A bar is drawn up to this many per cent of the period before."""

Numbers = dict[str, int | float | str | None]

ROWS_OF_STAGE: Mapping[str, str] = {VISITOR: "visitors", Stage.LEAD: "leads"} | {
    str(stage): str(stage) for stage in STAGES if stage != Stage.LEAD
}
"""The KPI that lists the rows of a stage's count."""

ROWS_OF_RATE: Mapping[str, Mapping[str, str]] = {
    "period": {Stage.MQL: "mql-rate", Stage.SQL: "sql-rate", Stage.WON: "win-rate-plan"},
    "cohort": {
        Stage.MQL: "mql-rate-cohort",
        Stage.SQL: "sql-rate-cohort",
        Stage.WON: "win-rate-cohort",
        Stage.ONBOARDED: "onboarding-rate",
        Stage.RENEWED: "renewal-rate",
        Stage.REFERRED: "referral-rate",
    },
}
"""The KPI that lists the rows of the step into a stage; without one, the stage's own rows are listed."""


class LaneReading(NamedTuple):
    """The promises of one boundary that fell due in the period, and those overdue now whatever the period."""

    boundary: Boundary
    value: Value
    overdue: int


@dataclass(frozen=True)
class Board:
    """What one board shows. Counts are of the period in either basis; the basis decides about the rates.

    `before` is the period before, as many days of it as have passed of this one.
    """

    scope: Scope
    reading: FunnelReading
    before: FunnelReading
    before_scope: Scope
    rates: Mapping[str, Rate]
    lanes: tuple[LaneReading, ...]
    overdue: Value
    bookings: Value
    win_rate: Value
    response: Value


def read(scope: Scope) -> Board:
    """Read the board; the counts of one snapshot, the other numbers right after it."""
    at = kpis.frame(scope)
    reading = counts.funnel(replace(scope, basis="period", group_by="channel"))
    earlier = comparable(scope, at)
    before = counts.funnel(replace(earlier, basis="period", group_by=None))
    cohort = scope.basis == "cohort"
    steps = counts.funnel(replace(scope, group_by=None)).rates if cohort else reading.rates
    overdue = kpis.get("overdue")
    late = overdue.select(at)["rows"]
    by_lane = dict(_count_by_boundary(late))
    return Board(
        scope=scope,
        reading=reading,
        before=before,
        before_scope=earlier,
        rates={rate.target: rate for rate in steps},
        lanes=tuple(
            LaneReading(boundary, _measured(f"{boundary}-compliance", at), by_lane.get(boundary, 0))
            for boundary in LANES
        ),
        overdue=Value(sum(by_lane.values())),
        bookings=_measured("bookings", at),
        win_rate=_measured("win-rate", at),
        response=_measured("response-time", at),
    )


def comparable(scope: Scope, at: Frame) -> Scope:
    """Return the period before; of a running period, only as many days as have passed of it."""
    earlier = scope.previous()
    if not scope.start <= at.today < scope.end:
        return earlier
    passed = earlier.start + (at.today - scope.start)
    return replace(earlier, end=min(earlier.end, max(passed, earlier.start)))


def numbers(board: Board) -> Numbers:
    """Return every number of the board under its name: codes and numbers only, the page words them."""
    found: Numbers = {"as_of": board.reading.as_of.isoformat(), "today": board.reading.today.isoformat()}
    for stage in SHOWN:
        now, then = board.reading.count(stage), board.before.count(stage)
        found |= {f"stage:{stage}": now, f"before:{stage}": then, f"change:{stage}": now - then}
        found[f"bar:{stage}"] = bar(now, then)
    for target, rate in board.rates.items():
        found |= _rate(target, rate.value, rate.numerator, rate.denominator, rate.low, rate.high)
        found[f"waiting:{target}"] = rate.still_open
    for lane in board.lanes:
        value = lane.value
        name = f"lane-{lane.boundary}"
        found |= _rate(name, value.value, value.numerator, value.denominator, value.low, value.high)
        found |= {
            f"{state}:{name}": value.more[state] for state in ("kept", "kept_late", "missed", "cancelled")
        }
        found[f"overdue:{name}"] = lane.overdue
    found |= _rate(
        "win", board.win_rate.value, board.win_rate.numerator, board.win_rate.denominator, None, None
    )
    return found | _money(board) | _response(board) | {"overdue": board.overdue.value}  # type: ignore[dict-item]


def bar(now: int, then: int) -> int:
    """Return a bar's height in per cent of the period before, cut at MOST_BAR; with nothing before, 100."""
    if not then:
        return 100 if now else 0
    return min(MOST_BAR, round(now * 100 / then))


def _measured(slug: str, at: Frame) -> Value:
    kpi = kpis.get(slug)
    return kpi.measure(kpi.select(at), at)


def _count_by_boundary(rows: Any) -> list[tuple[str, int]]:
    return list(rows.order_by().values_list("boundary").annotate(n=Count("pk")))


def _rate(
    name: str,
    value: Any,
    numerator: int | None,
    denominator: int | None,
    low: float | None,
    high: float | None,
) -> Numbers:
    return {
        f"rate:{name}": value,
        f"k:{name}": numerator,
        f"n:{name}": denominator,
        f"low:{name}": low,
        f"high:{name}": high,
    }


def _money(board: Board) -> Numbers:
    value = board.bookings
    deals = value.more["by_currency"].get(value.currency, {}).get("deals", 0)
    total = float(value.value or 0)
    return {
        "bookings": total,
        "deals": deals,
        "deal-size": total / deals if deals else None,
        "currency": value.currency,
    }


def _response(board: Board) -> Numbers:
    more = board.response.more
    return {
        "response:median": more["median"],
        "response:p90": more["p90"],
        "response:answered": more["ended"],
        "response:waiting": more["running"],
    }
