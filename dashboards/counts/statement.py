"""The one statement that reads the funnel of several scopes from days and deltas, in one snapshot."""

# ruff: noqa: S608  The statements are put together from names of our own stages and columns alone.

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from dashboards.counts import known
from dashboards.models import Measure
from dashboards.scope import UNOWNED, GroupBy, Scope
from funnel.stages import COHORT_DAYS, STAGES, VISITOR, Stage, previous

NONE = "(none)"
"""The label of what has no channel or owner, and the channel filter that asks for it."""

WINDOWS = tuple(sorted(set(COHORT_DAYS.values())))
ZONE = "(SELECT zone FROM funnel_organization WHERE id = 1)"
RECENT = ", ".join(f"coalesce(sum(n) FILTER (WHERE day >= today - {w}), 0)::bigint" for w in WINDOWS)
NOT_RECENT = ", ".join("0::bigint" for _ in WINDOWS)
GROUPS: dict[GroupBy | None, tuple[str, str, str]] = {
    None: ("NULL::text", "NULL::text, NULL::text", ""),
    "channel": ("channel_id", "g.slug, g.name", "LEFT JOIN funnel_channel g ON g.id = s.key::bigint"),
    "owner": ("owner_id", "g.id::text, g.name", "LEFT JOIN funnel_member g ON g.id = s.key::bigint"),
    "segment": ("nullif(segment, '')", "s.key, s.key", ""),
    "campaign": ("campaign_id", "g.slug, g.name", "LEFT JOIN funnel_campaign g ON g.id = s.key::bigint"),
    # The number of the month within the scope: a tenth of the time of formatting its name for every row.
    "month": ("width_bucket(day, %(months{n})s::date[])", "NULL::text, NULL::text", ""),
}
COUNTED: frozenset[GroupBy | None] = frozenset({None, "channel", "month"})
"""What daily counts can be grouped by; owner, segment and campaign change, so they are read from the passes."""
"""How rows are grouped: by which key, under which slug and name, joined from where."""


def statement(scopes: Sequence[Scope], known_at: datetime | None = None) -> tuple[str, dict[str, Any]]:
    """Return the statement and its parameters; with `known_at`, as the ledger said it then.

    A row: moment and local date of the snapshot, number of the scope, measure, stage, key of the group, sum, slug
    and name of the group, then the sums of the last W days for every W of WINDOWS. Without counts: one row of nulls
    after the date.
    """
    is_past = known_at is not None
    parts = " UNION ALL ".join(_Part(n, scope, is_past).select() for n, scope in enumerate(scopes))
    at = "%(known_at)s::timestamptz" if is_past else "revops_now()"
    # Materialized: else the clock would be read again for every row.
    text = f"""
      WITH {f"{known.PASSES}," if is_past else ""}
      clock AS MATERIALIZED (SELECT {at} AS at, zone, ({at} AT TIME ZONE zone)::date AS today
        FROM funnel_organization WHERE id = 1)
      SELECT at, today, r.* FROM clock LEFT JOIN LATERAL ({parts}) r ON true"""
    parameters = {} if known_at is None else known.parameters(scopes, known_at)
    for n, scope in enumerate(scopes):
        parameters |= {
            f"start{n}": scope.start,
            f"end{n}": scope.end,
            f"channel{n}": scope.channel,
            f"owner{n}": scope.owner,
            f"segment{n}": "" if scope.segment == NONE else scope.segment,
            f"campaign{n}": scope.campaign,
            f"measures{n}": [Measure.ENTERED.value] if scope.basis == "period" else list(Measure.values),
            f"months{n}": list(scope.months()),
        }
    return text, parameters


class _Counted(NamedTuple):
    """What of a pass is counted: its measure and stage, the moment that gives its day, and which passes are left out."""

    measure: str
    stage: str
    column: str
    unsure: str
    condition: str = ""


class _Part:
    """The rows of one scope; its parameters carry its number."""

    def __init__(self, n: int, scope: Scope, is_past: bool) -> None:
        self.n, self.scope, self.is_past = n, scope, is_past

    def select(self) -> str:
        scope = self.scope
        narrowed = (scope.owner, scope.segment, scope.campaign) != (None, None, None)
        by_passes = narrowed or scope.group_by not in COUNTED
        source = " UNION ALL ".join([*self._sources(by_passes=by_passes), self._visits()])
        key, named, join = GROUPS[scope.group_by]
        # Only cohorts ask who still has time.
        recent = RECENT if scope.basis == "cohort" else NOT_RECENT
        return f"""
          SELECT {self.n} AS part, s.measure, s.stage, s.key, s.n, {named}, {", ".join(f"s.r{w}" for w in WINDOWS)}
          FROM (SELECT measure, stage, ({key.format(n=self.n)})::text AS key, sum(n)::bigint AS n, {recent}
            FROM ({source}) c GROUP BY 1, 2, 3) s (measure, stage, key, n, {", ".join(f"r{w}" for w in WINDOWS)}) {join}"""

    def _sources(self, *, by_passes: bool) -> list[str]:
        now = self._passes() if by_passes else self._counts()
        if not self.is_past:
            return [now]
        if by_passes:
            return [self._passes(condition=f" AND {known.UNCHANGED}"), self._passes(known.TABLE)]
        return [now, self._passes(known.CHANGED, "-1"), self._passes(known.TABLE)]

    def _value(self, name: str) -> str:
        return f"%({name}{self.n})s"

    def _filters(self, inferred: str = "") -> str:
        found = self._named("channel", self.scope.channel) + self._named("campaign", self.scope.campaign)
        if self.scope.exclude_inferred and inferred:
            found += f" AND NOT ({inferred})"
        return found

    def _named(self, name: str, slug: str | None) -> str:
        if slug is None:
            return ""
        if slug == NONE:
            return f" AND {name}_id IS NULL"
        return f" AND {name}_id = (SELECT id FROM funnel_{name} WHERE slug = {self._value(name)})"

    def _visits(self) -> str:
        is_nobodys = self.scope.owner not in (None, UNOWNED) or self.scope.segment is not None
        nobody = " AND false" if is_nobodys else ""
        if self.is_past:
            # A reading of traffic is replaced, not corrected: it is that of now, of the days up to then.
            nobody += f" AND day <= (%(known_at)s::timestamptz AT TIME ZONE {ZONE})::date"
        return f"""SELECT '{VISITOR}', '{VISITOR}', day, channel_id, NULL::bigint AS owner_id, NULL::text AS segment,
            campaign_id, visits AS n
          FROM funnel_trafficreading
          WHERE day BETWEEN {self._value("start")} AND {self._value("end")}{self._filters()}{nobody}"""

    def _counts(self) -> str:
        where = (
            f"measure = ANY ({self._value('measures')}) AND day BETWEEN {self._value('start')} "
            f"AND {self._value('end')}{self._filters('inferred')}"
        )
        beside = "NULL::bigint AS owner_id, NULL::text AS segment, NULL::bigint AS campaign_id"
        columns = f"measure, stage, day, channel_id, {beside}, n"
        return f"""SELECT {columns} FROM dashboards_dailycount WHERE {where}
          UNION ALL SELECT {columns} FROM dashboards_countdelta WHERE {where}"""

    def _passes(self, table: str = "funnel_lead", n: str = "1", condition: str = "") -> str:
        """The same rows from the leads themselves: one index range for each stage; each pass counts `n`."""
        rows = partial(self._of_leads, table, n)
        parts = [self._entered(stage) for stage in STAGES]
        if self.scope.basis == "cohort":
            parts += [self._reached(stage) for stage in STAGES]
            parts += [self._within(stage) for stage in STAGES if previous(stage)]
        return " UNION ALL ".join(rows(part._replace(condition=part.condition + condition)) for part in parts)

    def _of_leads(self, table: str, n: str, part: _Counted) -> str:
        owner = f" AND owner_id = {self._value('owner')}" if self.scope.owner else ""
        if self.scope.owner == UNOWNED:
            owner = " AND owner_id IS NULL"
        if self.scope.segment is not None:
            owner += f" AND segment = {self._value('segment')}"
        first, after = (
            f"{self._value('start')}::date::timestamp",
            f"({self._value('end')}::date + 1)::timestamp",
        )
        column = part.column
        return f"""SELECT '{part.measure}' AS measure, '{part.stage}' AS stage, ({column} AT TIME ZONE zone)::date AS day,
            channel_id, owner_id, segment::text, campaign_id, {n} AS n
          FROM {table} WHERE is_counted AND {column} >= {first} AT TIME ZONE {ZONE}
            AND {column} < {after} AT TIME ZONE {ZONE}{owner}{self._filters(part.unsure)}{part.condition}"""

    def _entered(self, stage: str) -> _Counted:
        return _Counted(Measure.ENTERED, stage, f"{stage}_at", f"'{stage}' = ANY (inferred)")

    def _reached(self, stage: str) -> _Counted:
        unsure = f"inferred && ARRAY['lead', '{stage}']::varchar[]"
        return _Counted(Measure.REACHED, stage, "lead_at", unsure, f" AND {stage}_at IS NOT NULL")

    def _within(self, stage: Stage) -> _Counted:
        before = previous(stage)
        unsure = f"inferred && ARRAY['{before}', '{stage}']::varchar[]"
        days = f"({stage}_at AT TIME ZONE zone)::date - ({before}_at AT TIME ZONE zone)::date"
        condition = f" AND {days} BETWEEN 0 AND {COHORT_DAYS[stage]}"
        return _Counted(Measure.WITHIN, stage, f"{before}_at", unsure, condition)
