"""How long each step takes lately and usually, and what waits for it: the time and the stock bottleneck of now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import CharField, F
from django.db.models import Value as Constant

from dashboards import outlook
from dashboards.bottleneck import Stay, fullest, slowest
from dashboards.kpis.kpi import Frame, Rows
from dashboards.kpis.steps import AWAITED, TIMED, awaited, before, timed, took, turn, usually
from dashboards.queries import DAY
from funnel.models import Lead
from funnel.stages import Stage, previous

TARGETS: Mapping[str, str] = dict(zip(map(str, TIMED), outlook.DAYS, strict=True))
"""The KPI that holds the target of a step's days."""
WEEK, WEEKS = timedelta(days=7), 8
"""What is worked off in a usual week is the mean of so many weeks before now."""
HALF_A_YEAR = timedelta(days=182)
"""Who came earlier and ends now is rubble cleared away, not a week's work."""

# Materialized: each is read twice.
STAYS = """
WITH moved (step, at, took) AS MATERIALIZED ({moved}),
waiting (step, since) AS MATERIALIZED ({waiting}),
gone AS (SELECT step, count(*) AS n FROM ({gone}) ended (step) GROUP BY step),
usual AS (
  SELECT step, percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY took) AS p90, count(*) AS n
  FROM moved WHERE at < %s GROUP BY step
),
lately AS (
  SELECT step, percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS median, count(*) AS n,
    count(*) FILTER (WHERE took > usual.median) AS longer
  FROM moved LEFT JOIN usual USING (step) WHERE at >= %s GROUP BY step
),
open AS (
  SELECT step, count(*) AS n, count(*) FILTER (WHERE since <= %s - usual.p90) AS older
  FROM waiting LEFT JOIN usual USING (step) GROUP BY step
)
SELECT step, lately.median, coalesce(lately.n, 0), coalesce(lately.longer, 0), usual.median, usual.p90,
  coalesce(usual.n, 0), coalesce(open.n, 0), coalesce(open.older, 0), coalesce(gone.n, 0)
FROM unnest(%s::text[]) WITH ORDINALITY AS steps (step, n)
LEFT JOIN usual USING (step) LEFT JOIN lately USING (step) LEFT JOIN open USING (step) LEFT JOIN gone USING (step)
ORDER BY steps.n
"""


def read(at: Frame, standing: Callable[[Frame, Stage], Rows] = awaited) -> tuple[Stay, ...]:
    """Read every step's stay as of now for the scope's channel and owner, whatever its period, in one statement.

    `standing` says who stands before a step.
    """
    past = usually(at)
    both = past._replace(end=at.now)
    moved = [timed(both, s).values_list(_name(s), F(f"{s}_at"), took(s)) for s in TIMED]
    waiting = [standing(at, s).values_list(_name(s), F(before(s))) for s in AWAITED]
    gone = [rows.values_list(_name(s)) for s in AWAITED for rows in _gone(at, s)]
    parts = {"moved": moved, "waiting": waiting, "gone": gone}
    texts, values = {}, []
    for name, rows in parts.items():
        asked = [each.order_by().query.sql_with_params() for each in rows]
        texts[name] = " UNION ALL ".join(text for text, _ in asked)
        values += [value for _, given in asked for value in given]
    with connection.cursor() as cursor:
        steps = [str(stage) for stage in TIMED]
        cursor.execute(STAYS.format(**texts), [*values, past.end, turn(at), at.now, steps])
        return tuple(_stay(row) for row in cursor.fetchall())


def _name(stage: Stage) -> Constant:
    return Constant(str(stage), CharField())


def _gone(at: Frame, stage: Stage) -> list[Rows]:
    """Who made the step in the last weeks, and who ended before it; a customer does not end before onboarding."""
    weeks = {"gte": at.now - WEEKS * WEEK, "lt": at.now}
    rows = Lead.objects.filter(at.of(channel="channel", owner="owner"), is_counted=True)
    made = rows.filter(**{f"{stage}_at__{name}": moment for name, moment in weeks.items()})
    if stage == Stage.ONBOARDED:
        return [made]
    ended = rows.filter(
        **{f"{before(stage)}__gte": at.now - HALF_A_YEAR, f"{stage}_at__isnull": True},
        **{f"closed_at__{name}": moment for name, moment in weeks.items()},
        stage=str(previous(stage)),
    )
    return [made, ended]


def _stay(row: tuple[Any, ...]) -> Stay:
    step, median, counted, longer, usual, p90, usual_counted, still_open, older, gone = row
    median, usual, p90 = (found / DAY if found is not None else None for found in (median, usual, p90))
    return Stay(step, median, counted, longer, usual, p90, usual_counted, still_open, older, gone / WEEKS)


def numbers(found: Sequence[Stay], targets: Mapping[str, Decimal]) -> dict[str, Any]:
    """What the board says of time and stock: found, none, or unknown; of which step, and with what figures.

    A step is set beside the target of its days, where the period has one, else beside what is usual.
    """
    stays = [stay._replace(target=targets.get(TARGETS[stay.key])) for stay in found]
    slow, full = slowest(stays), fullest(stays)
    is_timed, is_known = (
        any(s.is_timed for s in stays),
        any(s.is_usual_known for s in stays if s.key in AWAITED),
    )
    return {
        "time": _state(slow, is_known=is_timed),
        "time-step": slow.key if slow else "",
        "time-beside": "target" if slow and slow.target is not None else "usual",
        "time:median": slow.median if slow else None,
        "time:usual": float(slow.target)
        if slow and slow.target is not None
        else slow.usual
        if slow
        else None,
        "time:n": slow.counted if slow else None,
        "stock": _state(full, is_known=is_known),
        "stock-step": full.key if full else "",
        "stock:older": full.older if full else None,
        "stock:p90": full.p90 if full else None,
        "stock:week": round(full.worked_off) if full else None,
        "stock:open": full.still_open if full else None,
    }


def _state(found: Stay | None, *, is_known: bool) -> str:
    if found is not None:
        return "found"
    return "none" if is_known else "unknown"
