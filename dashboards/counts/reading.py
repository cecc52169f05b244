"""The funnel of a scope: stages and rates from days and deltas in one snapshot, in one statement."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from dashboards.counts.statement import NONE, WINDOWS, statement
from dashboards.intervals import wilson
from dashboards.models import Measure
from dashboards.scope import Basis, Scope
from funnel.calendar import month_end
from funnel.stages import COHORT_DAYS, STAGES, VISITOR, Stage, previous

__all__ = ["NONE", "FunnelReading", "Group", "Rate", "StageCount", "funnel", "funnels"]


class StageCount(NamedTuple):
    """How many at one stage; period: entered in the period, cohort: reached by those captured in it."""

    key: str
    count: int  # type: ignore[assignment]


class Rate(NamedTuple):
    """One step. `value` is null when nothing could have made it; `low` and `high` are Wilson's 95 % bounds.

    Cohort: of those who entered `source` in the period, those who entered `target` within `window_days`.
    It is `mature` once everyone has had that long; `still_open` have not yet, and have not made the step.
    Period: `target` entries over `source` entries; may exceed 1, and then has no bounds.
    """

    source: str
    target: str
    numerator: int
    denominator: int
    value: float | None
    low: float | None
    high: float | None
    window_days: int | None = None
    mature: bool | None = None
    still_open: int | None = None


class Group(NamedTuple):
    """The same for one channel or campaign (key: slug), segment (key: its word), month (key: YYYY-MM) or owner
    (key: id of the lead's owner)."""

    key: str | int | None
    label: str
    stages: tuple[StageCount, ...]
    rates: tuple[Rate, ...]


class FunnelReading(NamedTuple):
    """One snapshot of the funnel; `as_of` is the moment of that snapshot by the database's clock."""

    as_of: datetime
    today: date
    basis: Basis
    stages: tuple[StageCount, ...]
    rates: tuple[Rate, ...]
    groups: tuple[Group, ...]

    def count(self, stage: str) -> int:
        """How many there are at `stage`."""
        return dict(self.stages)[stage]

    def rate(self, target: str) -> Rate | None:
        """The step into `target`; None where the basis has none."""
        return next((rate for rate in self.rates if rate.target == target), None)


class _Sums:
    """Sums of one group: by measure and stage, whole and of the last W days for every window W."""

    def __init__(self) -> None:
        self.whole: Counter[tuple[str, str]] = Counter()
        self.recent: Counter[tuple[str, str, int]] = Counter()

    def add(self, measure: str, stage: str, n: int, recent: list[int]) -> None:
        self.whole[measure, stage] += n
        for window, part in zip(WINDOWS, recent, strict=False):
            self.recent[measure, stage, window] += part


class _Counted:
    """What was read of one scope: the sums of all, and those of each group under its key and name."""

    def __init__(self, scope: Scope) -> None:
        self.total = _Sums()
        self.groups = defaultdict[Any, _Sums](_Sums)
        self.names: dict[Any, tuple[str | int | None, str]] = {None: (None, NONE)}
        if scope.group_by == "month":
            months = enumerate(scope.months(), start=1)
            self.names = {str(n): (f"{month:%Y-%m}",) * 2 for n, month in months}
        self.is_by_owner = scope.group_by == "owner"

    def add(self, row: tuple[Any, ...]) -> None:
        measure, stage, key, n, slug, name, *recent = row
        self.total.add(measure, stage, n, recent)
        self.groups[key].add(measure, stage, n, recent)
        if name is not None:
            self.names[key] = (int(slug) if self.is_by_owner else slug, name)


def funnel(scope: Scope) -> FunnelReading:
    """Read the funnel of `scope` in one snapshot, in one statement.

    By owner, segment or campaign, and filtered by one, it is counted from the passes by those of the lead; visitors
    have no owner and no segment. Otherwise daily counts and deltas not folded yet are summed.
    """
    return funnels([scope])[0]


def funnels(scopes: Sequence[Scope], known_at: datetime | None = None) -> list[FunnelReading]:
    """Read the funnels of several scopes, all in one snapshot and one statement.

    With `known_at`, as the ledger said them at that moment: what was recorded later is left out, today is that day.
    Visitors, whose numbers are replaced and not kept, are those of the days up to then as recorded now. Owner,
    channel, campaign and segment of a pass are those of now.
    """
    with connection.cursor() as cursor:
        cursor.execute(*statement(scopes, known_at))
        rows = cursor.fetchall()
    as_of, today = rows[0][:2]
    counted = [_Counted(scope) for scope in scopes]
    for _, _, part, *row in rows:
        if part is not None:
            counted[part].add(tuple(row))
    return [
        FunnelReading(
            as_of,
            today,
            scope.basis,
            _stages(found.total, scope),
            _rates(found.total, scope, today),
            _groups(found, scope, today),
        )
        for scope, found in zip(scopes, counted, strict=True)
    ]


def _stages(sums: _Sums, scope: Scope) -> tuple[StageCount, ...]:
    measure = Measure.ENTERED if scope.basis == "period" else Measure.REACHED
    visitors = StageCount(VISITOR, sums.whole[VISITOR, VISITOR])
    return (visitors, *(StageCount(str(stage), sums.whole[measure, stage]) for stage in STAGES))


def _rates(sums: _Sums, scope: Scope, today: date) -> tuple[Rate, ...]:
    if scope.basis == "period":
        counted = dict(_stages(sums, scope))
        steps = [(previous(stage) or VISITOR, stage) for stage in STAGES]
        return tuple(_rate(source, target, counted[target], counted[source]) for source, target in steps)
    return tuple(_cohort(sums, stage, scope, today) for stage in STAGES if previous(stage))


def _rate(source: str, target: str, k: int, n: int) -> Rate:
    low, high = wilson(k, n) if 0 <= k <= n and n else (None, None)
    return Rate(str(source), str(target), k, n, k / n if n else None, low, high)


def _cohort(sums: _Sums, stage: Stage, scope: Scope, today: date) -> Rate:
    source, window = str(previous(stage)), COHORT_DAYS[stage]
    rate = _rate(source, stage, sums.whole[Measure.WITHIN, stage], sums.whole[Measure.ENTERED, source])
    waiting = sums.recent[Measure.ENTERED, source, window] - sums.recent[Measure.WITHIN, stage, window]
    mature = (today - scope.end).days > window
    return rate._replace(window_days=window, mature=mature, still_open=waiting)


def _groups(found: _Counted, scope: Scope, today: date) -> tuple[Group, ...]:
    if scope.group_by is None:
        return ()
    if scope.group_by == "month":
        # A month is mature by its own end.
        ends = [min(month_end(first), scope.end) for first in scope.months()]
        return tuple(
            _group(*found.names[key], found.groups[key], replace(scope, end=end), today)
            for key, end in zip([str(n) for n in range(1, len(ends) + 1)], ends, strict=True)
        )
    made = [_group(*found.names[key], found.groups[key], scope, today) for key in found.groups]
    made.sort(key=lambda group: (group.key is None, -max(n for _, n in group.stages[1:]), group.label))
    return tuple(made)


def _group(key: str | int | None, label: str, sums: _Sums, scope: Scope, today: date) -> Group:
    return Group(key, label, _stages(sums, scope), _rates(sums, scope, today))
