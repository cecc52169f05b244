"""How long a board takes to read, beside the bare query."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Min

from dashboards import board as boards
from dashboards import counts, keeping, kpis, live
from dashboards.bench.timing import Reading, Way, a_reader, bare, timed
from dashboards.explorers import contact, recurring, trend, triangle
from dashboards.scope import Scope
from funnel import moment
from funnel.calendar import month_end, month_start
from funnel.models import Event, Organization
from handoffs.promises.planned import lay_past

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
# A cohort without counts: who entered a stage, joined with who entered the next one, in the ledger itself.
JOINED = """
WITH entered AS MATERIALIZED (
  SELECT lead_id, kind, min(occurred_at) AS at FROM funnel_event
  WHERE kind IN ('lead_captured', 'mql_certified', 'sql_certified', 'deal_won') GROUP BY lead_id, kind
), step(source, target) AS (
  VALUES ('lead_captured', 'mql_certified'), ('mql_certified', 'sql_certified'), ('sql_certified', 'deal_won')
)
SELECT step.source, date_trunc('month', e.at), count(*), count(t.lead_id),
  count(t.lead_id) FILTER (WHERE t.at < e.at + interval '90 days')
FROM step JOIN entered e ON e.kind = step.source
LEFT JOIN entered t ON t.lead_id = e.lead_id AND t.kind = step.target
WHERE e.at >= %s AND e.at < %s GROUP BY 1, 2
"""
WAITED = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY first_contact_at - mql_at) FROM funnel_lead
WHERE is_counted AND mql_at >= %s AND mql_at < %s
"""
# Deltas that cancel out: as dear to read as real ones, and nothing changes.
UNFOLDED = """
INSERT INTO dashboards_countdelta (measure, stage, day, channel_id, inferred, n)
SELECT 'entered', 'lead', revops_now()::date - (i %% 300), NULL, false, CASE WHEN i %% 600 < 300 THEN 1 ELSE -1 END
FROM generate_series(0, %s - 1) i
"""


def settle() -> None:
    """Owe and keep a first contact for every MQL of a synthetic history, and leave all of it as it lies after a night.

    For a database made for a measurement: vacuumed and analysed, as a living one is by itself.
    """
    with transaction.atomic():
        lay_past()
    while counts.fold():
        pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def measure(rounds: int) -> list[Reading]:
    """Time every way in turn, `rounds` times, over twelve months with TAIL deltas unfolded.

    Leaves the database as it was.
    """
    with transaction.atomic():
        while counts.fold():
            pass
        with connection.cursor() as cursor:
            cursor.execute(UNFOLDED, [TAIL])
            cursor.execute("ANALYZE dashboards_dailycount, dashboards_countdelta")
        today = moment.now().date()
        found = timed(_ways(Scope(today - timedelta(days=364), today)), rounds)
        transaction.set_rollback(True)
    return found


def _ways(scope: Scope) -> dict[str, Way]:
    client = a_reader()
    address = "/api/v1/funnel/?" + scope.query()
    whole, cohort = "counts, bare SQL", "cohort counts, bare SQL"
    by_channel = _with(scope, group_by="channel")
    by_cohort = _with(scope, basis="cohort")
    by_month = _with(scope, basis="cohort", group_by="month")
    month = replace(scope, start=month_start(scope.end), end=month_end(scope.end))
    at, calendar = kpis.frame(scope), Organization.current().calendar()
    kept = json.dumps(keeping.dump(boards.read_rows([at])[0]))
    return {
        whole: Way(bare(BARE, [scope.start, scope.end])),
        cohort: Way(bare(BARE_COHORT, [scope.start, scope.end])),
        "leads themselves, bare SQL": Way(
            bare(NAIVE, [scope.start, scope.end + timedelta(days=1)] * 4), whole
        ),
        "funnel, period": Way(lambda: counts.funnel(scope), whole),
        "funnel, cohort": Way(lambda: counts.funnel(by_cohort), cohort),
        "funnel by channel": Way(lambda: counts.funnel(by_channel), whole),
        "funnel by month, cohort": Way(lambda: counts.funnel(by_month), cohort),
        "board, as served to all": Way(
            lambda: boards.read(at, calendar, keeping.load(json.loads(kept))), whole
        ),
        "board, read whole": Way(lambda: boards.read(at, calendar), whole),
        "board of a month, read whole": Way(lambda: boards.read(kpis.frame(month), calendar), whole),
        "cohort by month, joined in the ledger, bare SQL": Way(
            bare(JOINED, [scope.start, scope.end + timedelta(days=1)]), cohort
        ),
        "waits of twelve months, bare SQL": Way(bare(WAITED, [at.start, at.end])),
        "response times": Way(
            lambda: kpis.get("response-time").value(scope), "waits of twelve months, bare SQL"
        ),
        "board as a page": Way(client.page("/funnel/?" + scope.query()), whole),
        "frame of four periods": Way(lambda: live.frame(moment.now()), whole),
        "API, period": Way(client.page(address), whole),
        **_explorers(scope, whole),
    }


def _explorers(scope: Scope, beside: str) -> dict[str, Way]:
    """The explorers over the same twelve months; `frame` is one statement more in each."""
    at, lately, long_ago = moment.now(), _recorded(0.99), _recorded(0.5)
    return {
        "trend of MQL by month": Way(lambda: trend.read(kpis.get("mql"), kpis.frame(scope), "month"), beside),
        "trend of response time": Way(
            lambda: trend.read(kpis.get("response-time"), kpis.frame(scope), "month"), beside
        ),
        "time to first contact": Way(lambda: contact.waits(kpis.frame(scope)), beside),
        "weekday and hour": Way(lambda: contact.hours(kpis.frame(scope)), beside),
        "cohort triangle": Way(lambda: triangle.read(kpis.frame(scope), "lead-mql"), beside),
        "recurring revenue": Way(lambda: recurring.read(kpis.frame(scope)), beside),
        "as known now": Way(lambda: counts.funnels([scope], at), beside),
        "as known before the last 1 % was recorded": Way(lambda: counts.funnels([scope], lately), beside),
        "as known when half was recorded": Way(lambda: counts.funnels([scope], long_ago), beside),
    }


def _recorded(share: float) -> datetime:
    """When this share of the ledger had been recorded."""
    pks = Event.objects.aggregate(first=Min("pk"), last=Max("pk"))
    upto = pks["first"] + int((pks["last"] - pks["first"]) * share)
    return Event.objects.filter(pk__lte=upto).order_by("-pk").values_list("recorded_at", flat=True)[0]


def _with(scope: Scope, **change: str) -> Scope:
    return Scope(**{"start": scope.start, "end": scope.end, **change})  # type: ignore[arg-type]
