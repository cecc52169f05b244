"""How many rows are written at once, and what rests meanwhile."""

import gc

import pytest

from funnel.ingest import batches
from funnel.ingest.columns import layout


@pytest.mark.parametrize(
    ("kind", "header", "rows"),
    [
        ("leads", ["external_id", "mql_at"], 6_000),
        ("leads", ["external_id", "email", "mql_at"], 3_000),
        ("leads", ["external_id", "email", "company", "name"], 2_000),
        ("deals", ["external_id", "amount"], 2_000),
    ],
)
def test_a_batch_never_takes_more_locks_than_a_server_has_by_default(kind, header, rows):
    assert batches.size(layout(kind, header)) == rows


def test_nothing_is_collected_meanwhile_and_afterwards_as_before():
    with batches.without_collecting():
        assert not gc.isenabled()
        with batches.without_collecting():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(KeyError), batches.without_collecting():
        raise KeyError
    assert gc.isenabled()
