"""Large files through the import page in a real browser, with a real worker: every row accounted for, then undone."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from funnel import moment
from funnel.models import Deal, ImportBatch, ImportRow, Lead
from handoffs.models import Handoff
from tests.funnel.ingest.bad_deals import WAYS, bad_deals
from tests.stories.files import DEAL_COLUMNS, DEALS, LEAD_COLUMNS, LEADS, make_history, tell_history
from tests.stories.importing import a_signed_in_lead, differences, dropped, imported, rejected, undone

pytestmark = [pytest.mark.storm, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROWS, BAD = 10_000, 3_000
GOOD = ROWS - BAD
MINUTES = 10 * 60


def test_ten_thousand_deals_three_thousand_of_them_wrong(stack, page, transactional_db):
    a_signed_in_lead(page, stack)
    data, why = bad_deals(ROWS, BAD, moment.now())
    clock = Clock()
    dropped(page, stack, "deals", "商談.csv", data)
    assert page.locator("#encoding").input_value() == "cp932"
    assert page.locator("#dates").input_value() == "dmy", "31/02/2026 says so"
    clock.say("uploaded and looked at")
    batch = imported(page, seconds=MINUTES)
    clock.say(f"{ROWS:,} rows read")
    counted = (batch.total, batch.created, batch.updated, batch.unchanged, batch.rejected)
    assert counted == (ROWS, GOOD, 0, 0, BAD)
    _every_wrong_row_is_listed(page, batch, why)
    assert Deal.objects.filter(state="won").count() == GOOD
    assert Handoff.objects.filter(boundary="won", closed_at=None).count() == GOOD
    assert differences() == []
    clock.say("checked")
    undone(page, GOOD, seconds=MINUTES)
    clock.say(f"{GOOD:,} rows undone")
    assert not Lead.objects.exclude(outcome="withdrawn").exists()
    assert not Deal.objects.exclude(state="void").exists()
    assert not Handoff.objects.filter(closed_at=None).exists()
    assert differences() == []


def _every_wrong_row_is_listed(page, batch, why: dict[int, str]) -> None:
    stored = dict(ImportRow.objects.filter(batch=batch, outcome="rejected").values_list("line", "reason"))
    assert stored == why
    assert len(Counter(why.values())) <= WAYS <= BAD
    shown = rejected(page)
    assert {int(row[0]): row[1] for row in shown[1:]} == why, "physical lines, each once"
    assert not [cell for row in shown for cell in row if cell.startswith(("=", "+", "@"))]


def test_the_two_files_of_a_real_funnel(stack, page, transactional_db, tmp_path):
    folder = Path(os.environ.get("FUNNEL_FILES", tmp_path))
    if "FUNNEL_FILES" not in os.environ:
        make_history(tmp_path, leads=8_000)
    told = tell_history(folder)
    a_signed_in_lead(page, stack)
    clock = Clock()
    leads, won = sum(told.mql.values()), sum(told.won.values())
    for kind, name, columns, rows in (
        ("leads", LEADS, LEAD_COLUMNS, leads),
        ("deals", DEALS, DEAL_COLUMNS, won),
    ):
        dropped(page, stack, kind, name, (folder / name).read_bytes())
        _choose(page, columns, {"currency": "BRL"} if kind == "deals" else {})
        batch = imported(page, seconds=MINUTES)
        assert (batch.total, batch.created, batch.rejected) == (rows, rows, 0)
        clock.say(f"{name}: {rows:,} rows")
    assert Lead.objects.filter(mql_at__isnull=False, is_counted=True).count() == leads
    assert set(Deal.objects.values_list("state", "currency")) == {("won", "BRL")}
    assert Lead.objects.filter(date_conflict=True).count() == told.conflicts
    assert differences() == []
    for kind, rows in (("deals", won), ("leads", leads)):
        page.goto(f"{stack.url}/import/{ImportBatch.objects.get(kind=kind).pk}/")
        undone(page, rows, seconds=MINUTES)
        assert differences() == []
    clock.say("both undone")
    assert not Lead.objects.exclude(outcome="withdrawn").exists()


def _choose(page, columns: dict[str, str], constants: dict[str, str]) -> None:
    """Take these columns for these fields and no others, in past data."""
    wanted = {heading: field for field, heading in columns.items()}
    for row in page.locator("table.preview tbody tr").all():
        row.locator("select").select_option(wanted.get(row.locator("th").inner_text().strip(), ""))
    page.click("summary:has-text('The same value for every row')")
    for field, value in constants.items():
        page.fill(f"#constant-{field}", value)
    page.check("input[name=history]")


class Clock:
    """Says how long each part took."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def say(self, what: str) -> None:
        """Print what was done since the last time, and its seconds."""
        now = time.monotonic()
        sys.stdout.write(f"{what}: {now - self.began:.1f} s\n")
        self.began = now
