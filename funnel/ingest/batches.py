"""How many rows are written at once, and what rests meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from funnel.ingest.columns import Layout

MOST_ROWS = 6_000
# PostgreSQL has room for max_connections × max_locks_per_transaction locks, 6,400 unless told otherwise.
MOST_LOCKS = 6_000
IDENTITIES = ("external_id", "email", "company")
"""The fields of a lead that lock whoever they name, so that no other door meets the same person at once."""


def size(columns: Layout) -> int:
    """The rows of one batch: as many as the locks suffice for. The fewer batches, the fewer deltas of counts."""
    if columns.kind != "leads":
        return MOST_ROWS // len(IDENTITIES)
    named = sum(field in columns.columns for field in IDENTITIES)
    return min(MOST_ROWS, MOST_LOCKS // max(1, named))


@contextmanager
def without_collecting() -> Iterator[None]:
    """Keep Python from looking for cycles: all that a batch makes lives to its end, and looking takes a third of it."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
