"""A file through the import page in a real browser, with a real worker: dropped, looked at, read, undone, read again."""

from __future__ import annotations

import base64
import csv
import io
from collections import Counter

import pytest

from dashboards.counts.ledger import findings
from funnel import moment
from funnel.ingest.errors_file import write
from funnel.models import ImportBatch, ImportRow, Lead
from handoffs.models import Handoff
from tests import builders
from tests.browser import arrived
from tests.funnel.ingest.bad_files import WRONG, bad_file

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
ROWS, BAD = 1_000, 300
GOOD = ROWS - BAD
DROP = """([name, text]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], name, { type: "text/csv" }));
  const frame = document.querySelector("[data-drop]");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    frame.dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true }));
  }
}"""


@pytest.fixture
def lead_of_marketing(transactional_db):
    member = builders.a_member("marketing", role="lead", language="en")
    member.set_password(PASSWORD)
    member.save()
    return member


def test_a_file_is_dropped_read_undone_and_read_again(stack, page, lead_of_marketing):
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", lead_of_marketing.username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    arrived(page, "h1")
    data = bad_file(ROWS, BAD, moment.now())
    first = _import(page, stack, data)
    _every_row_is_accounted_for(page, first)
    _undo(page)
    second = _import(page, stack, data)
    assert (second.total, second.created, second.rejected) == (ROWS, GOOD, BAD)
    assert Lead.objects.filter(outcome=None).count() == GOOD
    assert _differences() == []


def _import(page, stack, data: bytes) -> ImportBatch:
    page.goto(f"{stack.url}/import/")
    page.select_option("#id_kind", "leads")
    page.evaluate(DROP, ["名簿.csv", base64.b64encode(data).decode()])
    arrived(page, ".drop.filled")
    page.click("text=Look at the columns")
    arrived(page, "table.preview")
    assert page.locator("#encoding").input_value() == "cp932"
    assert page.locator("table.preview thead th").count() == 2 + 5
    arrived(page, "#known p.num")
    page.click("button:text-is('Import')")
    page.wait_for_url("**/import/*/")
    page.reload()
    arrived(page, "#rejected", timeout=60_000)
    return ImportBatch.objects.latest("pk")


def _every_row_is_accounted_for(page, batch: ImportBatch) -> None:
    assert (batch.total, batch.created, batch.updated, batch.unchanged, batch.rejected) == (
        ROWS,
        GOOD,
        0,
        0,
        BAD,
    )
    assert page.locator(".tally dd").all_text_contents() == [str(n) for n in (ROWS, GOOD, 0, 0, BAD)]
    reasons = Counter(
        ImportRow.objects.filter(batch=batch, outcome="rejected").values_list("reason", flat=True)
    )
    assert reasons == Counter(dict.fromkeys(WRONG, BAD // len(WRONG)))
    with page.expect_download() as coming:
        page.click("text=Download rejected rows")
    loaded = coming.value.path().read_bytes().decode("utf-8")
    told = io.StringIO(newline="")
    write(batch, told, "en")
    assert loaded == told.getvalue(), "the page's file is the command line's"
    rows = list(csv.reader(io.StringIO(loaded.removeprefix("\ufeff"))))
    assert len(rows) == BAD + 1
    assert rows[0][3:5] == ["外部ID", "会社名"]
    assert Handoff.objects.filter(boundary="mql", closed_at=None).count() == GOOD


def _undo(page) -> None:
    page.click("text=Undo this import")
    arrived(page, f"text={GOOD} rows undone, 0 kept", timeout=60_000)
    arrived(page, "section#undo, [aria-labelledby=undo]")
    assert not Lead.objects.exclude(outcome="withdrawn").exists()
    assert not Handoff.objects.filter(closed_at=None).exists()
    assert _differences() == []


def _differences() -> list[object]:
    return [(found.check, found.examples) for found in findings() if found.count]
