"""Targets by hand in a real browser: the plan typed node by node, the table with its versions, the sheet out of a
spreadsheet, and what is wrong said at its field with everything typed still there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from dashboards import targets
from dashboards.targets import COMPANY
from funnel.models import Organization
from tests import builders
from tests.browser import _ours, arrived

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
TREE = "#plan-result .tree:not(.branch)"


@pytest.fixture
def page(browser) -> Iterator[Any]:
    """A Japanese page; fails on any fault but a refused form, which a browser calls an error of its console."""
    context = browser.new_context(
        locale="ja-JP", timezone_id="Asia/Tokyo", viewport={"width": 1440, "height": 1000}
    )
    context.set_default_timeout(15_000)
    faults: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda sent: None if _ours(sent.url) else faults.append(f"request to {sent.url}"))
    yield opened
    context.close()
    assert [fault for fault in faults if "status of 422" not in fault] == []


@pytest.fixture
def at_work(stack, page, now) -> Any:
    """An administrator, in a company that had one lead six weeks ago."""
    member = builders.a_member(language="ja", is_administrator=True)
    member.set_password(PASSWORD)
    member.save()
    builders.a_lead(now, at=now - timedelta(days=45), history=True)
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", member.username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    page.wait_for_load_state("load")
    return page


def month(now) -> Any:
    return now.astimezone(Organization.current().tz).date().replace(day=1)


def typed(page, name: str, text: str) -> None:
    """Type over what stands in the field that has the focus, and go on to the next."""
    expect(page.locator(f"#p-{name}")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type(text)
    page.keyboard.press("Tab")


def shows(page, *values: str) -> None:
    expect(page.locator(f"{TREE} .tree-value")).to_have_text(list(values), timeout=15_000)


def test_a_plan_is_typed_node_by_node_and_started(stack, at_work, now) -> None:
    page = at_work
    page.goto(f"{stack.url}/targets/plan/")
    arrived(page, "#plan-form")
    typed(page, "revenue", "1000万")
    shows(page, "1,000万円", "10", "34", "170", "340", "17,000")
    for name, text in (
        ("deal_size", "100万円"),
        ("win_rate", "35%"),
        ("sql_rate", "20"),
        ("mql_rate", "50%"),
    ):
        typed(page, name, text)
    typed(page, "visitor_rate", "2%")
    shows(page, "1,000万円", "10", "29", "145", "290", "14,500")
    # What the same goal takes at today's rates stands beside it.
    expect(page.locator(f"{TREE} > li:nth-child(6) dd").nth(2)).to_have_text("17,000")
    # A count of one's own: 21 ÷ 0.35 is 60, and the goal stays.
    page.locator("summary", has_text="件数を直接指定").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    typed(page, "won", "21")
    shows(page, "1,000万円", "21", "60", "300", "600", "30,000")
    expect(page.locator(".tree-forward")).to_contain_text("21")
    # Visitors of one's own run forward: 20,000 make 400 leads and 14 wins.
    page.locator("#p-visitor").focus()
    typed(page, "visitor", "20000")
    shows(page, "1,000万円", "21", "60", "300", "600", "20,000")
    expect(page.locator(f"{TREE} > li:nth-child(5) dd").last).to_have_text("400")
    expect(page.locator(".tree-forward")).to_contain_text("14")
    for name, text in (("visitor", ""), ("won", "")):
        page.locator(f"#p-{name}").focus()
        typed(page, name, text)
    page.locator("#p-win_rate").focus()
    typed(page, "win_rate", "30%")
    shows(page, "1,000万円", "10", "34", "170", "340", "17,000")
    first = month(now)
    page.select_option("#plan-month", first.isoformat())
    page.locator(".tree-forward").click()
    page.locator("[data-key=s]").focus()
    page.keyboard.press("Enter")
    arrived(page, "#targets")
    for slug, text in (
        ("leads", "340"),
        ("mql", "170"),
        ("sql", "34"),
        ("won", "10"),
        ("visitors", "17,000"),
    ):
        expect(page.locator(f'[id="t-{slug}.{first}"]')).to_have_value(text)
    page.goto(f"{stack.url}/funnel/")
    arrived(page, ".pipe.aimed")
    for key, text in (("lead", "340"), ("mql", "170"), ("sql", "34"), ("won", "10")):
        expect(page.locator(f'[data-n="target:{key}"]').first).to_have_text(text)


def test_a_target_shows_its_versions_and_what_cannot_be_one(stack, at_work, now) -> None:
    page, first = at_work, month(now)
    page.goto(f"{stack.url}/targets/")
    arrived(page, "#targets")
    changes = page.locator("section[aria-labelledby=target-changes] tbody tr")
    for text in ("340", "360"):
        page.fill(f'[id="t-leads.{first}"]', text)
        page.press(f'[id="t-leads.{first}"]', "Enter")
        expect(changes.first).to_contain_text(text)
    expect(changes).to_have_count(2)
    expect(changes.first).to_contain_text("340 → 360")
    expect(changes.first).to_contain_text("担当")
    # Nothing typed is lost, and nothing is saved.
    page.fill(f'[id="t-leads.{first}"]', "0")
    page.fill(f'[id="t-mql-rate.{first}"]', "120%")
    page.press(f'[id="t-mql-rate.{first}"]', "Enter")
    expect(page.locator(f'[id="e-leads.{first}"]')).to_contain_text("0の目標は何もしなくても達成になります")
    expect(page.locator(f'[id="e-mql-rate.{first}"]')).to_contain_text("率は100%以下で")
    expect(page.locator(f'[id="t-leads.{first}"]')).to_have_value("0")
    expect(page.locator(f'[id="t-mql-rate.{first}"]')).to_have_value("120%")
    found = targets.latest(COMPANY, ["leads", "mql-rate"], "month", [first])
    assert {slug: target.value for (slug, _), target in found.items()} == {"leads": 360}


def test_a_plan_nobody_can_make_is_said_at_its_field(stack, at_work) -> None:
    page = at_work
    page.goto(f"{stack.url}/targets/plan/")
    arrived(page, "#plan-form")
    page.fill("#p-revenue", "1000万")
    shown = {
        "win_rate": (("120%", "率は0〜1の間で"), ("0%", "0より大きい数値を"), ("30%", "")),
        "revenue": (
            ("1" + "0" * 30, "数値が大きすぎます"),
            ("0", "0より大きい"),
            ("ひゃく", "数値"),
            ("1000万", ""),
        ),
    }
    for name, tries in shown.items():
        for text, said in tries:
            page.fill(f"#p-{name}", text)
            page.press(f"#p-{name}", "Tab")
            if said:
                expect(page.locator(f"#pe-{name}")).to_contain_text(said)
                expect(page.locator(f"{TREE}")).to_have_count(0)
            else:
                expect(page.locator(f"#pe-{name}")).to_be_empty()
                shows(page, "1,000万円", "10", "34", "170", "340", "17,000")
            expect(page.locator(f"#p-{name}")).to_have_value(text)


def test_a_block_of_a_spreadsheet_grows_into_a_plan(stack, at_work) -> None:
    page = at_work
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{stack.url}/targets/now/")
    arrived(page, "[data-sheet]")
    block = (
        "１００\t２００\t展示会を増やす\r\n１０％\t２０％\t24時間以内に電話\r\n30%\t４０%\t提案書の見直し\r\n"
    )
    page.evaluate("text => navigator.clipboard.writeText(text)", block)
    page.locator('[name="leads.now"]').focus()
    page.keyboard.press("Control+v")
    expect(page.locator('[name="win-rate-plan.target"]')).to_have_value("４０%")
    expect(page.locator('[name="sql-rate-on-leads.measure"]')).to_have_value("24時間以内に電話")
    page.locator('[name="leads.now"]').press("Enter")
    arrived(page, "[data-won=now]")
    expect(page.locator("[data-won=now]")).to_have_text("3")
    expect(page.locator("[data-won=target]")).to_have_text("16")
    expect(page.locator(".sheet-table tbody td.num:last-child b")).to_have_text(["+3", "+3", "+1"])
    page.get_by_role("link", name="計画を作る").click()
    arrived(page, TREE)
    expect(page.locator("#p-revenue")).to_have_value("16,000,000")
    expect(page.locator("#p-win_rate")).to_have_value("40%")
    shows(page, "1,600万円", "16", "40", "100", "200", "10,000")
