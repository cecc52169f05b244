"""The funnel of a scope: stages and rates from days and deltas in one snapshot, in one statement."""

# ruff: noqa: S608  The statements are put together from names of our own stages and columns alone.

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from dashboards.intervals import wilson
from dashboards.models import Measure
from dashboards.scope import Basis, Scope
from funnel.models import Channel, Member
from funnel.stages import COHORT_DAYS, STAGES, VISITOR, Stage, previous

NONE = "(none)"
"""The label of what has no channel or owner, and the channel filter that asks for it."""

WINDOWS = tuple(sorted(set(COHORT_DAYS.values())))


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
    """The same for one channel (key: slug), month (key: YYYY-MM) or owner (key: id of the lead's owner)."""

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


def funnel(scope: Scope) -> FunnelReading:
    """Read the funnel of `scope` in one snapshot; two statements with groups, one without.

    By owner, and filtered by one, it is counted from the passes by the owner of the lead; visitors belong to
    nobody. Otherwise daily counts and deltas not folded yet are summed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_statement(scope), _parameters(scope))
        rows = cursor.fetchall()
    as_of, today = rows[0][:2]
    total, groups = _Sums(), defaultdict[Any, _Sums](_Sums)
    for _, _, measure, stage, key, n, *recent in rows:
        if measure is not None:
            total.add(measure, stage, n, recent)
            groups[key].add(measure, stage, n, recent)
    return FunnelReading(
        as_of,
        today,
        scope.basis,
        _stages(total, scope),
        _rates(total, scope, today),
        _groups(groups, scope, today),
    )


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


def _groups(groups: Mapping[Any, _Sums], scope: Scope, today: date) -> tuple[Group, ...]:
    if scope.group_by is None:
        return ()
    keys = list(range(1, len(scope.months()) + 1)) if scope.group_by == "month" else list(groups)
    named = _names(keys, scope)
    made = [_group(*named[key], groups.get(key) or _Sums(), scope, today) for key in keys]
    if scope.group_by != "month":
        made.sort(key=lambda group: (group.key is None, -max(n for _, n in group.stages[1:]), group.label))
    return tuple(made)


def _group(key: str | int | None, label: str, sums: _Sums, scope: Scope, today: date) -> Group:
    return Group(key, label, _stages(sums, scope), _rates(sums, scope, today))


def _names(keys: list[Any], scope: Scope) -> dict[Any, tuple[str | int | None, str]]:
    if scope.group_by == "month":
        return {number: (f"{month:%Y-%m}",) * 2 for number, month in enumerate(scope.months(), start=1)}
    named: dict[Any, tuple[str | int | None, str]] = {None: (None, NONE)}
    if scope.group_by == "channel":
        named |= {c.pk: (c.slug, c.name) for c in Channel.objects.filter(pk__in=[k for k in keys if k])}
    else:
        named |= {m.pk: (m.pk, m.name) for m in Member.objects.filter(pk__in=[k for k in keys if k])}
    return named


def _parameters(scope: Scope) -> dict[str, Any]:
    measures = [Measure.ENTERED.value] if scope.basis == "period" else list(Measure.values)
    return {
        "start": scope.start,
        "end": scope.end,
        "channel": scope.channel,
        "owner": scope.owner,
        "measures": measures,
        "months": list(scope.months()),
    }


_KEYS = {
    None: "NULL::text",
    "channel": "channel_id",
    "owner": "owner_id",
    # The number of the month within the scope: a tenth of the time of formatting its name for every row.
    "month": "width_bucket(day, %(months)s::date[])",
}
_RECENT = ", ".join(f"coalesce(sum(n) FILTER (WHERE day >= today - {w}), 0)::bigint" for w in WINDOWS)


def _statement(scope: Scope) -> str:
    by_owner = scope.owner is not None or scope.group_by == "owner"
    # Only cohorts ask who still has time. Materialized: else the clock would be read again for every row.
    recent = f", {_RECENT}" if scope.basis == "cohort" else ""
    source = f"{_passes(scope) if by_owner else _counts(scope)} UNION ALL {_visits(scope)}"
    return f"""
      WITH clock AS MATERIALIZED (SELECT revops_now() AS at, zone, (revops_now() AT TIME ZONE zone)::date AS today
        FROM funnel_organization WHERE id = 1)
      SELECT at, today, r.* FROM clock LEFT JOIN LATERAL (
        SELECT measure, stage, {_KEYS[scope.group_by]} AS key, sum(n)::bigint AS n{recent}
        FROM ({source}) c GROUP BY 1, 2, 3
      ) r ON true"""


def _filters(scope: Scope, inferred: str = "") -> str:
    found = ""
    if scope.channel == NONE:
        found += " AND channel_id IS NULL"
    elif scope.channel is not None:
        found += " AND channel_id = (SELECT id FROM funnel_channel WHERE slug = %(channel)s)"
    if scope.exclude_inferred and inferred:
        found += f" AND NOT ({inferred})"
    return found


def _visits(scope: Scope) -> str:
    nobody = " AND false" if scope.owner is not None else ""
    return f"""SELECT '{VISITOR}', '{VISITOR}', day, channel_id, NULL::bigint AS owner_id, visits AS n
      FROM funnel_trafficreading WHERE day BETWEEN %(start)s AND %(end)s{_filters(scope)}{nobody}"""


def _counts(scope: Scope) -> str:
    where = f"measure = ANY (%(measures)s) AND day BETWEEN %(start)s AND %(end)s{_filters(scope, 'inferred')}"
    columns = "measure, stage, day, channel_id, NULL::bigint AS owner_id, n"
    return f"""SELECT {columns} FROM dashboards_dailycount WHERE {where}
      UNION ALL SELECT {columns} FROM dashboards_countdelta WHERE {where}"""


def _passes(scope: Scope) -> str:
    """The same rows from the leads themselves: one index range for each stage."""
    parts = [_entered(scope, stage) for stage in STAGES]
    if scope.basis == "cohort":
        parts += [_reached(scope, stage) for stage in STAGES]
        parts += [_within(scope, stage) for stage in STAGES if previous(stage)]
    return " UNION ALL ".join(parts)


def _of_leads(scope: Scope, measure: str, stage: str, column: str, unsure: str, condition: str = "") -> str:
    owner = " AND owner_id = %(owner)s" if scope.owner is not None else ""
    first, after = "%(start)s::date::timestamp", "(%(end)s::date + 1)::timestamp"
    zone = "(SELECT zone FROM funnel_organization WHERE id = 1)"
    return f"""SELECT '{measure}' AS measure, '{stage}' AS stage, ({column} AT TIME ZONE zone)::date AS day,
        channel_id, owner_id, 1 AS n
      FROM funnel_lead WHERE is_counted AND {column} >= {first} AT TIME ZONE {zone}
        AND {column} < {after} AT TIME ZONE {zone}{owner}{_filters(scope, unsure)}{condition}"""


def _entered(scope: Scope, stage: str) -> str:
    return _of_leads(scope, Measure.ENTERED, stage, f"{stage}_at", f"'{stage}' = ANY (inferred)")


def _reached(scope: Scope, stage: str) -> str:
    unsure = f"inferred && ARRAY['lead', '{stage}']::varchar[]"
    return _of_leads(scope, Measure.REACHED, stage, "lead_at", unsure, f" AND {stage}_at IS NOT NULL")


def _within(scope: Scope, stage: Stage) -> str:
    before = previous(stage)
    unsure = f"inferred && ARRAY['{before}', '{stage}']::varchar[]"
    days = f"({stage}_at AT TIME ZONE zone)::date - ({before}_at AT TIME ZONE zone)::date"
    condition = f" AND {days} BETWEEN 0 AND {COHORT_DAYS[stage]}"
    return _of_leads(scope, Measure.WITHIN, stage, f"{before}_at", unsure, condition)
