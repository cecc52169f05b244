"""A file through the import page in a real browser, with a real worker: dropped, looked at, read, undone, read again."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest

from funnel import moment
from funnel.ingest.errors_file import write
from funnel.models import ImportBatch, ImportRow, Lead
from handoffs.models import Handoff
from tests.browser import arrived
from tests.funnel.ingest.bad_files import WRONG, bad_file
from tests.stories.importing import a_signed_in_lead, differences, dropped, imported, rejected, undone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROWS, BAD = 1_000, 300
GOOD = ROWS - BAD


def test_a_file_is_dropped_read_undone_and_read_again(stack, page, transactional_db):
    a_signed_in_lead(page, stack)
    data = bad_file(ROWS, BAD, moment.now())
    first = _import(page, stack, data)
    _every_row_is_accounted_for(page, first)
    undone(page, GOOD)
    assert not Lead.objects.exclude(outcome="withdrawn").exists()
    assert not Handoff.objects.filter(closed_at=None).exists()
    assert differences() == []
    second = _import(page, stack, data)
    assert (second.total, second.created, second.rejected) == (ROWS, GOOD, BAD)
    assert Lead.objects.filter(outcome=None).count() == GOOD
    assert differences() == []


def _import(page, stack, data: bytes) -> ImportBatch:
    dropped(page, stack, "leads", "名簿.csv", data)
    assert page.locator("#encoding").input_value() == "cp932"
    assert page.locator("table.preview thead th").count() == 2 + 5
    arrived(page, "#known p.num")
    return imported(page)


def _every_row_is_accounted_for(page, batch: ImportBatch) -> None:
    counted = (batch.total, batch.created, batch.updated, batch.unchanged, batch.rejected)
    assert counted == (ROWS, GOOD, 0, 0, BAD)
    assert page.locator(".tally dd").all_text_contents() == [str(n) for n in (ROWS, GOOD, 0, 0, BAD)]
    reasons = Counter(
        ImportRow.objects.filter(batch=batch, outcome="rejected").values_list("reason", flat=True)
    )
    assert reasons == Counter(dict.fromkeys(WRONG, BAD // len(WRONG)))
    rows = rejected(page)
    told = io.StringIO(newline="")
    write(batch, told, "en")
    told.seek(1)
    assert rows == list(csv.reader(told)), "the page's file is the command line's"
    assert len(rows) == BAD + 1
    assert rows[0][3:5] == ["外部ID", "会社名"]
    assert Handoff.objects.filter(boundary="mql", closed_at=None).count() == GOOD
