"""How long a board takes to read, beside the bare query, in one run on one database."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboards import board as boards
from dashboards import counts, kpis, live
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Lead, Member

TAIL = 5000

# What the counts alone cost: the anchor of every ratio.
BARE = """
SELECT stage, sum(n) FROM dashboards_dailycount
WHERE measure = 'entered' AND day BETWEEN %s AND %s GROUP BY stage
"""
BARE_COHORT = """
SELECT measure, stage, sum(n) FROM dashboards_dailycount
WHERE measure IN ('entered', 'reached', 'within') AND day BETWEEN %s AND %s GROUP BY measure, stage
"""
# What it would cost without counts.
NAIVE = " UNION ALL ".join(
    f"SELECT '{stage}', count(*) FROM funnel_lead WHERE is_counted AND {stage}_at >= %s AND {stage}_at < %s"  # noqa: S608
    for stage in ("lead", "mql", "sql", "won")
)
# Deltas that cancel out: as dear to read as real ones, and nothing changes.
UNFOLDED = """
INSERT INTO dashboards_countdelta (measure, stage, day, channel_id, inferred, n)
SELECT 'entered', 'lead', revops_now()::date - (i %% 300), NULL, false, CASE WHEN i %% 600 < 300 THEN 1 ELSE -1 END
FROM generate_series(0, %s - 1) i
"""


class Reading(NamedTuple):
    """One way of reading: its median in milliseconds, how many statements it takes, how often its anchor's time."""

    name: str
    milliseconds: float
    statements: int
    times_bare: float


def measure(rounds: int) -> tuple[int, list[Reading]]:
    """Time every way in turn, `rounds` times, over twelve months with TAIL deltas unfolded.

    Returns the number of leads and the readings; leaves the database as it was.
    """
    with transaction.atomic():
        while counts.fold():
            pass
        with connection.cursor() as cursor:
            cursor.execute(UNFOLDED, [TAIL])
            cursor.execute("ANALYZE dashboards_dailycount, dashboards_countdelta")
        today = moment.now().date()
        ways = _ways(Scope(today - timedelta(days=364), today))
        took: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                start = time.perf_counter()
                way()
                took[name].append((time.perf_counter() - start) * 1000)
        middle = {name: median(times) for name, times in took.items()}
        found = [
            Reading(name, middle[name], _statements(way), middle[name] / middle[_anchor(name)])
            for name, way in ways.items()
        ]
        leads = Lead.objects.count()
        transaction.set_rollback(True)
    return leads, found


def _anchor(name: str) -> str:
    return "cohort counts, bare SQL" if "cohort" in name else "counts, bare SQL"


def _statements(way: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        way()
    return len(asked.captured_queries)


def _ways(scope: Scope) -> Mapping[str, Callable[[], object]]:
    client = Client()
    client.force_login(Member.objects.filter(is_active=True).first() or _somebody())
    address = "/api/v1/funnel/?" + scope.query()
    return {
        "counts, bare SQL": lambda: _run(BARE, [scope.start, scope.end]),
        "cohort counts, bare SQL": lambda: _run(BARE_COHORT, [scope.start, scope.end]),
        "leads themselves, bare SQL": lambda: _run(NAIVE, [scope.start, scope.end + timedelta(days=1)] * 4),
        "funnel, period": lambda: counts.funnel(scope),
        "funnel, cohort": lambda: counts.funnel(_with(scope, basis="cohort")),
        "funnel by channel": lambda: counts.funnel(_with(scope, group_by="channel")),
        "funnel by month, cohort": lambda: counts.funnel(_with(scope, basis="cohort", group_by="month")),
        "board, whole": lambda: boards.read(kpis.frame(scope)),
        "frame of four periods": lambda: live.frame(moment.now()),
        "API, period": lambda: client.get(address),
    }


def _with(scope: Scope, **change: str) -> Scope:
    return Scope(**{"start": scope.start, "end": scope.end, **change})  # type: ignore[arg-type]


def _somebody() -> Member:
    return Member.objects.create(username="bench@example.jp", name="Bench")


def _run(statement: str, parameters: list[date]) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()
