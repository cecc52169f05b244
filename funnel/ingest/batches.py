"""How many rows are written at once, and what rests meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MOST_ROWS = 6_000
"""Of leads: laid down together; the fewer batches, the fewer deltas of counts."""
ROWS = 2_000
"""Of what is written to records that are there already: nobody waits long for one of them."""


def size(kind: str) -> int:
    """The rows of one batch. Its locks are bounded by `people.BUCKETS`, whatever the rows name."""
    return MOST_ROWS if kind == "leads" else ROWS


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
