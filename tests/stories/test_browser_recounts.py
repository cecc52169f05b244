"""What a plain reading of the files says is what the board and the queue show, in a real browser on the real stack.

The files are made here. With FUNNEL_FILES=folder the same tests read a real funnel's two files from there instead
(marketing_qualified_leads.csv, closed_deals.csv).
"""

from __future__ import annotations

import os
import re
from calendar import monthrange
from collections import Counter
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from funnel import moment
from funnel.models import Channel, ImportBatch, Organization
from handoffs.models import Handoff
from tests import builders
from tests.browser import arrived
from tests.stories import files

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
LANE = "lane-mql"


@pytest.fixture
def folder(tmp_path) -> Path:
    if "FUNNEL_FILES" in os.environ:
        return Path(os.environ["FUNNEL_FILES"])
    files.make_history(tmp_path)
    return tmp_path


@pytest.fixture
def reader(page, stack, transactional_db):
    """The page of a member of inside sales, signed in, in English."""
    member = builders.a_member("inside_sales", language="en")
    member.set_password(PASSWORD)
    member.save()
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", member.username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    arrived(page, ".queue")
    return page


def ingest(path: Path, kind: str, columns: dict[str, str] | None = None, *more: str) -> str:
    pairs = [f"--map={field}={column}" for field, column in (columns or {}).items()]
    out = StringIO()
    call_command("ingest", str(path), "--as", kind, *pairs, *more, stdout=out, stderr=StringIO())
    return out.getvalue().split("\n")[0]


def lay_down(folder: Path) -> list[str]:
    return [
        ingest(folder / files.LEADS, "leads", files.LEAD_COLUMNS, "--history"),
        ingest(folder / files.DEALS, "deals", files.DEAL_COLUMNS, "--history", "--set=currency=BRL"),
    ]


def figures(page, address: str) -> dict[str, str]:
    """Every number of the board by its name, as it is shown."""
    page.goto(address)
    return page.eval_on_selector_all(
        ".board [data-n]", "all => Object.fromEntries(all.map(e => [e.dataset.n, e.textContent.trim()]))"
    )


def number(text: str) -> float:
    return float(re.sub(r"[^0-9.]", "", text))


def test_a_history_stands_on_the_board_as_its_files_say(reader, stack, folder):
    told = files.tell_history(folder)
    leads, deals = sum(told.mql.values()), sum(told.won.values())
    assert lay_down(folder) == [
        f"total={n} created={n} updated=0 unchanged=0 rejected=0" for n in (leads, deals)
    ]
    assert lay_down(folder) == [
        f"total={n} created=0 updated=0 unchanged={n} rejected=0" for n in (leads, deals)
    ]
    assert Handoff.objects.count() == 0
    whole = f"{stack.url}/funnel/?from={told.span[0]}&to={told.span[1]}"
    shown = figures(reader, whole)
    assert (number(shown["stage:mql"]), number(shown["stage:won"])) == (leads, deals)
    by_name = dict(Channel.objects.values_list("name", "slug"))
    for name, (mql, won) in told.by_channel.items():
        key = by_name[name] if name else ""
        assert (number(shown[f"stage:mql@{key}"]), number(shown[f"stage:won@{key}"])) == (mql, won), name
    assert shown["wins:median"] == f"{told.median_days:.0f} d"
    assert (number(shown["wins:leads"]), number(shown["wins:deals"])) == told.owners
    assert number(shown["wins:conflicts"]) == told.conflicts == 1
    assert number(reader.locator(".lower .big a").first.inner_text()) == told.total
    for month in sorted(told.mql.keys() | told.won.keys()):
        start = f"{month}-01"
        shown = figures(reader, f"{stack.url}/funnel/?from={start}&to={_end_of(start)}")
        assert (number(shown["stage:mql"]), number(shown["stage:won"])) == (
            told.mql[month], told.won[month]
        ), month  # fmt: skip
    call_command("reconcile", stdout=StringIO())


def test_leads_of_two_days_are_judged_on_the_board_and_lie_in_the_queue(reader, stack, folder, tmp_path):
    with (folder / files.LEADS).open() as file:
        sample = [line.rstrip("\n").split(",") for line in file][1:201]
    now = moment.now()
    live = files.make_live([row[0] for row in sample], [row[3] for row in sample], now)
    (tmp_path / "leads.csv").write_bytes(live.leads)
    (tmp_path / "calls.csv").write_bytes(live.activities)
    assert "total=200 created=200" in ingest(tmp_path / "leads.csv", "leads")
    assert "rejected=0" in ingest(tmp_path / "calls.csv", "activities")
    recorded = ImportBatch.objects.latest("id").started_at
    expected = {key: live.verdict(key, recorded) for key in live.mql_at}
    found = dict(Handoff.objects.with_promise().values_list("lead__external_id", "promise"))
    assert found == expected
    tally = Counter(expected.values())
    assert min(tally[state] for state in ("kept", "kept_late", "missed", "open")) > 10
    owed = {key for key, verdict in expected.items() if verdict in ("missed", "open")}
    assert _queued(reader, stack) == (owed, {key for key in owed if expected[key] == "missed"})
    # Deadlines of two days lie on at most four local days; the board of these shows every verdict.
    shown = figures(reader, f"{stack.url}/funnel/?from={_local(now, -3)}&to={_local(now, 3)}")
    states = {state: number(shown[f"{state}:{LANE}"]) for state in ("kept", "kept_late", "missed")}
    assert states == {state: tally[state] for state in states}
    assert number(shown[f"overdue:{LANE}"]) == number(shown["overdue"]) == tally["missed"]
    assert number(shown["stage:mql"]) == 200
    call_command("reconcile", stdout=StringIO())


def _queued(page, stack) -> tuple[set[str], set[str]]:
    """External ids of the promises in the queue, page by page, and of those under the overdue heading."""
    promises, overdue = set(), set()
    lead_of = dict(Handoff.objects.values_list("pk", "lead__external_id"))
    page.goto(f"{stack.url}/")
    while True:
        rows = page.eval_on_selector_all(
            ".queue .group, .queue article.row",
            "all => { let tone = ''; return all.flatMap(e => { if (e.classList.contains('group')) {"
            " tone = e.className; return []; } return [[e.id, tone]]; }); }",
        )
        for dom, tone in rows:
            if dom.startswith("row-promise-"):
                key = lead_of[int(dom.rpartition("-")[2])]
                promises.add(key)
                overdue |= {key} if "bad" in tone.split() else set()
        following = page.locator(".pager a[rel=next]")
        if not following.count():
            return promises, overdue
        page.goto(stack.url + "/" + (following.get_attribute("href") or "").lstrip("/"))


def _end_of(start: str) -> str:
    last = monthrange(int(start[:4]), int(start[5:7]))[1]
    return f"{start[:8]}{last}"


def _local(now, days: int) -> str:
    return f"{(now.astimezone(Organization.current().tz) + timedelta(days=days)):%Y-%m-%d}"
