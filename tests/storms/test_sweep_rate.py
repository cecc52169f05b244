"""How fast a sweep marks, beside the bare statement on the same rows in the same run."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from statistics import median

import pytest
from django.db import connection

from handoffs import promises
from tests.handoffs.due import make_due

pytestmark = [pytest.mark.storm, pytest.mark.django_db(transaction=True)]

ROWS, ROUNDS, GOAL = 5_000, 5, 0.4
RAW = """
WITH due AS (SELECT id FROM handoffs_handoff
             WHERE due_at < now() - interval '20 s' AND kept_at IS NULL AND missed_at IS NULL AND cancelled_at IS NULL
             ORDER BY due_at LIMIT 500 FOR UPDATE SKIP LOCKED),
marked AS (UPDATE handoffs_handoff h SET missed_at = h.due_at FROM due WHERE h.id = due.id RETURNING h.id)
INSERT INTO handoffs_notice (key, kind, handoff_id, department)
SELECT 'missed:' || id, 'missed', id, 'inside_sales' FROM marked ON CONFLICT DO NOTHING
"""


def _ours() -> int:
    return promises.sweep(batch=500).marked


def _bare() -> int:
    marked = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(RAW)
            if not cursor.rowcount:
                return marked
            marked += cursor.rowcount


def test_a_sweep_marks_at_a_good_part_of_the_bare_statements_rate() -> None:
    took: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(ROUNDS):
        for name, mark in (("ours", _ours), ("bare", _bare)):
            make_due(ROWS, timedelta(seconds=30))
            start = time.monotonic()
            assert mark() == ROWS
            took[name].append(time.monotonic() - start)
    ours, bare = (ROWS / median(took[name]) for name in ("ours", "bare"))
    sys.stdout.write(f"sweep: {ours:,.0f} rows/s, the bare statement {bare:,.0f} rows/s: {ours / bare:.0%}\n")
    assert ours >= GOAL * bare
