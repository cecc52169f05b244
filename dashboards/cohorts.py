"""Period and cohort side by side: steps, months of entry, time to convert, groups, cost by channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from dashboards.counts import FunnelReading, Group, Rate, funnels
from dashboards.kpis.kpi import Frame
from dashboards.kpis.rowsets import made_the_step, spend
from dashboards.queries import DAY, Percentile
from dashboards.scope import GroupBy
from funnel.stages import COHORT_DAYS, STAGES, VISITOR, Stage, previous

EDGES: tuple[Stage, ...] = tuple(stage for stage in STAGES if stage in COHORT_DAYS)
"""The steps that have a window."""
COSTED: tuple[Stage, ...] = (Stage.LEAD, Stage.MQL, Stage.SQL, Stage.WON)
MOST_GROUPS = 100


class Step(NamedTuple):
    """One step on both bases, which are never mixed; a basis without the step is None."""

    source: str
    target: str
    period: Rate | None
    cohort: Rate | None


class Month(NamedTuple):
    """Those who entered the source of each step in one month."""

    key: str
    steps: tuple[Rate, ...]


class Waiting(NamedTuple):
    """Local days from one stage to the next, of those who entered it in the period and made the step in its window."""

    source: str
    target: str
    made: int
    median: float | None
    p90: float | None


class Cost(NamedTuple):
    """What a channel cost in the period and what an entry through it cost: null without spend or entries."""

    key: str | None
    label: str
    spend: Decimal
    entries: dict[str, int]
    each: dict[str, Decimal | None]


class Cohorts(NamedTuple):
    """Everything of one scope; counts and rates are of one snapshot, `as_of`."""

    as_of: datetime
    by: GroupBy
    steps: tuple[Step, ...]
    months: tuple[Month, ...]
    waiting: tuple[Waiting, ...]
    groups: tuple[tuple[Group, Group | None], ...]
    groups_left_out: int
    costs: tuple[Cost, ...]


def read(at: Frame) -> Cohorts:
    """Read all of a scope in eight statements, grouped by its `group_by` (channel unless given; never month)."""
    by: GroupBy = at.scope.group_by if at.scope.group_by not in (None, "month") else "channel"
    period, cohort, channels, months = funnels(
        [
            replace(at.scope, basis="period", group_by=by),
            replace(at.scope, basis="cohort", group_by=by),
            replace(at.scope, basis="period", group_by="channel"),
            replace(at.scope, basis="cohort", group_by="month"),
        ]
    )
    of_period = {group.key: group for group in period.groups}
    groups = tuple((group, of_period.get(group.key)) for group in cohort.groups)
    return Cohorts(
        period.as_of,
        by,
        tuple(_steps(period, cohort)),
        tuple(
            Month(str(group.key), tuple(r for r in group.rates if r.target in EDGES))
            for group in months.groups
        ),
        tuple(_waiting(at, stage) for stage in EDGES),
        groups[:MOST_GROUPS],
        max(0, len(groups) - MOST_GROUPS),
        tuple(_costs(at, channels)),
    )


def _steps(period: FunnelReading, cohort: FunnelReading) -> Iterator[Step]:
    for stage in STAGES:
        source = previous(stage) or VISITOR
        yield Step(str(source), str(stage), period.rate(stage), cohort.rate(stage))


def _waiting(at: Frame, stage: Stage) -> Waiting:
    before = previous(stage)
    passed = TruncDate(f"{stage}_at", tzinfo=at.zone) - TruncDate(f"{before}_at", tzinfo=at.zone)
    found: dict[str, Any] = made_the_step(at, stage).aggregate(
        n=Count("pk"), median=Percentile(passed, 0.5), p90=Percentile(passed, 0.9)
    )
    median, p90 = (None if found[name] is None else found[name] / DAY for name in ("median", "p90"))
    return Waiting(str(before), str(stage), found["n"], median, p90)


def _costs(at: Frame, channels: FunnelReading) -> Iterator[Cost]:
    """Channels with entries or spend, the dearest first, what has no channel last."""
    spent: defaultdict[Any, Decimal] = defaultdict(Decimal)
    names: dict[Any, str] = {}
    rows: Any = (
        spend(at).order_by().values_list("channel__slug", "channel__name").annotate(total=Sum("amount"))
    )
    for slug, name, total in rows:
        spent[slug], names[slug] = total, name or ""
    entries: dict[Any, dict[str, int]] = {group.key: dict(group.stages) for group in channels.groups}
    names |= {group.key: group.label for group in channels.groups if group.key}
    for key in sorted({*spent, *entries}, key=lambda key: (key is None, -spent[key], key or "")):
        counted = {str(stage): entries.get(key, {}).get(str(stage), 0) for stage in COSTED}
        each = {stage: spent[key] / n if spent[key] and n else None for stage, n in counted.items()}
        yield Cost(key, names.get(key, ""), spent[key], counted, each)
