"""Whatever the board says next, of rate, time or stock: nothing on it moves."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dashboards import live
from funnel import moment
from tests import builders
from tests.browser import arrived
from tests.dashboards.test_views_live import MOVED, a_target, act, open_board

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

VERDICTS: list[dict[str, object]] = [
    {"bottleneck": "few", "named": "sql-rate"},
    {"bottleneck": "found", "named": "sql-rate"},
    {"bottleneck": "found", "named": "sql-rate", "judged": True},
    {"bottleneck": "tie", "named": "sql-rate win-rate-plan"},
    {"bottleneck": "found", "named": "leads"},
    {"bottleneck": "found", "named": "mrr-churn", "edge:mrr-churn": 0.041},
    {"bottleneck": "none", "named": ""},
    {"bottleneck": "none", "named": "", "judged": True},
    {"bottleneck": "spread", "named": ""},
    {"bottleneck": "no_data", "named": ""},
]
"""What can be said of the bottleneck, one after the other; beside it what can be said of time and stock."""


def test_nothing_moves_when_the_verdict_changes(stack, page, transactional_db):
    for kpi, value in {"leads": "9", "mql-rate": "0.9", "sql-rate": "0.6", "bookings": "5000000"}.items():
        act(lambda now, kpi=kpi, value=value: a_target(kpi, value))
    act(lambda now: builders.a_contract(now, amount="1000000"))
    open_board(page, stack)
    told = live.frame(moment.now())
    month = told["periods"]["month"]
    was = page.locator("[data-window]").first.get_attribute("data-window")
    # The second board hears through the first one's stream: this is how it is told.
    second = page.context.new_page()
    second.goto(f"{stack.url}/funnel/")
    arrived(second, "#live.on")
    seen = set()
    for n in range(21):
        if n == 1:
            # From now on every number keeps its digits.
            second.evaluate(MOVED)
            second.focus('.gate[data-gate="sql-rate"]')
        said = VERDICTS[n % len(VERDICTS)]
        slow, full = ("found", "none", "unknown")[n % 3], ("none", "found", "unknown")[n % 3]
        month["outlook"] |= {
            "edge:sql-rate": 0.113,
            "edge-of:sql-rate": 160 + n,
            "gain": 5_550_000 + n,
            "gain:wins": 6.1,
        }
        month["outlook"] |= said | {"judged": was if said.get("judged") else "", "judged-to": was}
        month["others"] |= {"time": slow, "time-step": "sql" if slow == "found" else "", "time-beside": "usual",
                            "time:median": 18.5, "time:usual": 9.2, "time:n": 23,
                            "stock": full, "stock-step": "won" if full == "found" else "", "stock:older": 41,
                            "stock:p90": 12.4, "stock:week": 9}  # fmt: skip
        month["stages"]["visitor"] = 1000 + n
        # Later than whatever the stream itself tells meanwhile.
        moment_of = (moment.now() + timedelta(seconds=300 + n)).isoformat()
        told |= {"as_of": moment_of, "rows_as_of": moment_of}
        tell = "(data) => new BroadcastChannel('revops-board').postMessage({ kind: 'frame', data })"
        second.evaluate(tell, json.dumps(told))
        expect(second.locator('[data-n="stage:visitor"]')).to_have_text(f"1,{n:03}")
        expect(second.locator("#bottleneck")).to_have_attribute("data-verdict", str(said["bottleneck"]))
        expect(
            second.locator(f'[data-case="time"][data-is="{"sql" if slow == "found" else slow}"]')
        ).to_be_visible()
        seen.add((said["bottleneck"], second.locator("#bottleneck-claim").inner_text()))
    expect(second.locator('.gate[data-gate="sql-rate"]')).to_be_focused()
    moved = second.evaluate("window.moved")
    assert moved == [], "\n".join(moved)
    assert len(seen) == len(VERDICTS)
