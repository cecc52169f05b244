"""The open board in a real browser: it follows commits by itself, moves nothing, and says when it cannot."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from playwright.sync_api import expect

from dashboards import live
from dashboards.models import Target
from funnel import moment
from funnel.models import Member
from funnel.transitions import deals
from funnel.transitions.acting import SYSTEM
from tests import builders
from tests.browser import arrived

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOKYO = ZoneInfo("Asia/Tokyo")
PASSWORD = "correct horse battery"
SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifts += one.value; })
  .observe({type: "layout-shift", buffered: false});
"""
# How long the unanswered have waited grows by itself.
TEXTS = """() => Object.fromEntries([...document.querySelectorAll('[data-n]:not([data-n="response:p90"])')]
  .map((e, i) => [`${i} ${e.dataset.n}`, e.textContent]))"""
BLANK = "() => document.querySelectorAll('[data-n]:not(rect)').forEach((e) => { e.textContent = '?'; })"
DRAWN = """() => [...document.querySelectorAll(
    '[data-as=bar], [data-as=width], [data-band], [data-hatch], [data-draw], [data-stand], [data-gate], #bottleneck')]
  .map((e) => [e.dataset.band ?? e.dataset.draw ?? e.dataset.n ?? '',
    e.getAttribute('class')?.trim().replace(/ +/g, ' ') ?? '', ...['d', 'x', 'y', 'cx', 'cy', 'width', 'height', 'hidden',
    'visibility', 'data-verdict', 'data-named'].map((name) => e.getAttribute(name))])"""
MOVED = """
window.moved = [];
new PerformanceObserver((list) => { for (const one of list.getEntries()) for (const s of one.sources)
  window.moved.push((s.node?.parentElement?.outerHTML ?? '').slice(0, 200) + JSON.stringify(s.currentRect)); })
  .observe({type: "layout-shift", buffered: false});
"""


def act(work):
    """Run something in a transaction of its own, at the database's moment."""
    with transaction.atomic():
        return work(moment.now())


def a_watcher(language: str) -> Member:
    member = builders.a_member("marketing", language=language)
    member.set_password(PASSWORD)
    member.save()
    return member


def open_board(page, stack, language: str = "ja", query: str = "") -> None:
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", a_watcher(language).username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{stack.url}/")
    page.goto(f"{stack.url}/funnel/{query}")
    arrived(page, "#live.on")


def test_a_commit_is_seen_without_a_reload_and_nothing_moves(stack, page, transactional_db):
    act(builders.a_lead)
    open_board(page, stack)
    page.evaluate(SHIFTS)
    page.evaluate("window.mine = 1")
    fetched: list[str] = []
    page.on("request", lambda sent: fetched.append(sent.url) if "/numbers/" in sent.url else None)
    act(builders.an_mql)
    expect(page.locator('[data-n="stage:mql"]')).to_have_text("1", timeout=10_000)
    assert page.inner_text('[data-n="stage:lead"]') == "2"
    assert page.inner_text('[data-n="rate:mql"]') == "50.0%"
    expect(page.locator('[data-n="stage:mql@web"]')).to_have_text("1", timeout=15_000)
    assert page.evaluate("window.shifts") == 0
    assert page.evaluate("window.mine") == 1
    # A frame holds all of it: every number is that of a page read anew, and none was asked for.
    page.wait_for_timeout(10_000)
    assert fetched == []
    followed = page.evaluate(TEXTS)
    page.reload()
    assert {k: v for k, v in page.evaluate(TEXTS).items() if "response" not in k} == {
        k: v for k, v in followed.items() if "response" not in k
    }


def a_target(kpi: str, value: str) -> None:
    today = moment.now().astimezone(TOKYO).date()
    Target.objects.create(
        kpi=kpi, whom="company", kind="month", first_day=today.replace(day=1), version=1, value=value
    )


def test_twenty_updates_move_nothing_keep_the_focus_and_draw_as_the_server_does(
    stack, page, transactional_db
):
    """With targets: pace, bars, standing, bottleneck and landing follow each commit by the stream alone."""
    for kpi, value in {"leads": "80", "mql": "70", "sql": "40", "won": "5", "mql-rate": "0.9", "sql-rate": "0.6",
                       "win-rate-plan": "0.5", "bookings": "5000000", "deal-size": "1000000"}.items():  # fmt: skip
        act(lambda now, kpi=kpi, value=value: a_target(kpi, value))
    act(lambda now: builders.a_contract(now, amount="1000000"))
    for _ in range(29):
        act(builders.an_mql)
    open_board(page, stack)
    expect(page.locator("#bottleneck")).to_have_attribute("data-named", "sql-rate", timeout=15_000)
    page.evaluate(MOVED)
    page.focus('[data-stage="mql"] .figure a')
    for n in range(31, 51):
        act(builders.an_mql)
        expect(page.locator('[data-n="stage:mql"]')).to_have_text(str(n), timeout=15_000)
    expect(page.locator('[data-stage="mql"] .figure a')).to_be_focused()
    assert page.evaluate("window.moved") == []
    expect(page.locator("#bottleneck")).to_have_attribute("data-named", "sql-rate", timeout=15_000)
    expect(page.locator('[data-gate="sql-rate"]')).to_have_class(re.compile("named"))
    followed = page.evaluate(DRAWN)
    page.reload()
    arrived(page, "#live.on")
    assert page.evaluate(DRAWN) == followed


def test_beside_an_earlier_month_the_changes_follow_and_what_was_stands_still(stack, page, transactional_db):
    act(builders.an_mql)
    open_board(page, stack, query="?period=month&beside=year")
    was = page.locator('[data-stage="mql"] .then').inner_text()
    act(builders.an_mql)
    expect(page.locator('[data-beside="stage:mql"]')).to_have_text("+2", timeout=15_000)
    assert page.locator('[data-stage="mql"] .then').inner_text() == was
    followed = page.evaluate(DRAWN), page.locator("[data-beside]").all_inner_texts()
    page.reload()
    arrived(page, "#live.on")
    assert (page.evaluate(DRAWN), page.locator("[data-beside]").all_inner_texts()) == followed


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_browser_words_numbers_as_the_server_does(stack, page, transactional_db, language: str):
    for amount in ("1234567", "98765432", "0"):
        act(lambda now, amount=amount: builders.a_contract(now, amount=amount))
    lost = act(builders.a_deal)
    act(lambda now: deals.lose(lost.pk, SYSTEM, now=now, reason="price"))
    open_board(page, stack, language)
    page.wait_for_timeout(500)
    said = page.evaluate(TEXTS)
    page.evaluate(BLANK)
    act(lambda now: deals.describe(lost.pk, SYSTEM, now=now, name=str(Decimal(1))))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-n]").filter(has_text="?")).to_have_count(0, timeout=15_000)
    assert page.evaluate(TEXTS) == said


def test_a_frame_whose_rows_are_older_than_the_page_changes_none_of_them(stack, page, transactional_db):
    act(lambda now: builders.a_contract(now, amount="1200000"))
    open_board(page, stack)
    second = page.context.new_page()
    second.goto(f"{stack.url}/funnel/")
    arrived(second, "#live.on")
    expect(second.locator('[data-n="deals"]')).to_have_text("1")
    for rows_are_older, said in ((timedelta(minutes=1), "1"), (timedelta(0), "7")):
        now = moment.now()
        told = live.frame(now) | {"rows_as_of": (now - rows_are_older).isoformat()}
        told["periods"]["month"]["others"]["deals"] = 7
        told["periods"]["month"]["stages"]["visitor"] += int(said)
        visitors = told["periods"]["month"]["stages"]["visitor"]
        # The second board hears through the first one's stream: this is how it is told.
        tell = "(data) => new BroadcastChannel('revops-board').postMessage({ kind: 'frame', data })"
        second.evaluate(tell, json.dumps(told))
        expect(second.locator('[data-n="stage:visitor"]')).to_have_text(str(visitors))
        expect(second.locator('[data-n="deals"]')).to_have_text(said)


def test_without_the_stream_it_asks_every_15_seconds_and_says_so(stack, browser, transactional_db):
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.route("**/live/", lambda route: route.abort())
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", a_watcher("en").username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{stack.url}/")
    page.goto(f"{stack.url}/funnel/")
    expect(page.locator("[data-state]")).to_contain_text("15 seconds", timeout=25_000)
    act(builders.a_lead)
    expect(page.locator('[data-n="stage:lead"]')).to_have_text("1", timeout=25_000)
    page.route("**/funnel/numbers/**", lambda route: route.abort())
    arrived(page, "#live.late", timeout=25_000)
    assert page.inner_text('[data-n="stage:lead"]') == "1"
    context.close()


def test_two_boards_of_one_browser_share_one_stream(stack, page, transactional_db):
    open_board(page, stack)
    streams: list[str] = []
    page.context.on("request", lambda sent: streams.append(sent.url) if sent.url.endswith("/live/") else None)
    second = page.context.new_page()
    second.goto(f"{stack.url}/funnel/?period=week")
    arrived(second, "#live.on")
    act(builders.a_lead)
    for one in (page, second):
        expect(one.locator('[data-n="stage:lead"]')).to_have_text("1", timeout=15_000)
    assert len(streams) <= 1


def test_the_wall_fits_and_has_no_small_text(stack, page, transactional_db):
    act(builders.a_contract)
    open_board(page, stack, query="?tv=1")
    small = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter((e) => e.children.length === 0 && e.textContent.trim()
          && e.getClientRects().length && !e.closest('.vh, script') && parseFloat(getComputedStyle(e).fontSize) < 28)
          .map((e) => e.textContent)"""
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
