"""Files made on the spot, and what the database says after they were read."""

import csv
import io
from dataclasses import replace

import pytest

from funnel.ingest.read import read
from funnel.models import ImportRow
from funnel.transitions.acting import SYSTEM

CSV = replace(SYSTEM, source="csv")


def table(header: str, *rows: tuple[object, ...], encoding: str = "utf-8") -> io.BytesIO:
    """A CSV file of these rows."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return io.BytesIO(out.getvalue().encode(encoding))


def totals(batch) -> tuple[int, int, int, int, int]:
    """total, created, updated, unchanged, rejected."""
    return batch.total, batch.created, batch.updated, batch.unchanged, batch.rejected


def reasons(batch) -> dict[int, str]:
    """Reason of every rejected row by its line."""
    return dict(ImportRow.objects.filter(batch=batch, outcome="rejected").values_list("line", "reason"))


@pytest.fixture
def take(db):
    """Read a table as a kind and return its batch."""

    def take(kind, file, **how):
        batch = read(file, kind, by=CSV, **how)
        assert ImportRow.objects.filter(batch=batch).count() == batch.total
        assert batch.total == batch.created + batch.updated + batch.unchanged + batch.rejected
        return batch

    return take
