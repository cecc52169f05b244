"""An explorer in a real browser: its chart is drawn under the page's policy, and its table stands without scripts.

The fixture `page` fails on any console error, refused by the policy or not, and on any request to another host.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dashboards.views.explore import EXPLORERS
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from tests import builders
from tests.browser import arrived

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"


@pytest.fixture
def signed_in(stack, page, now):
    member = builders.a_member("marketing", language="ja")
    member.set_password(PASSWORD)
    member.save()
    for hours in (1, 3, 30, 60):
        builders.an_mql(now, at=now - timedelta(hours=hours))
    called = builders.an_mql(now, at=now - timedelta(hours=5))
    leads.log(called.pk, SYSTEM, now=now, kind="call", direction="outbound", result="connected")
    builders.a_contract(now, mrr="50000", starts_on=now.date())
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", member.username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    arrived(page, ".queue")
    return page


def test_every_chart_is_drawn_without_a_fault(stack, signed_in) -> None:
    page = signed_in
    for name in EXPLORERS:
        page.goto(f"{stack.url}/explore/{name}/")
        expect(page.locator(".chart .main-svg").first).to_be_visible()
        expect(page.locator(".chart[data-drawn]")).to_have_count(1)
        # What the renderer lays over the chart must lie over it: its sheet was filled.
        assert page.evaluate("getComputedStyle(document.querySelector('.main-svg')).position") == "absolute"
    assert page.locator(".modebar-btn").count() == 0


def test_a_chart_follows_the_theme(stack, signed_in) -> None:
    page = signed_in
    page.goto(f"{stack.url}/explore/trend/")
    chart = page.locator(".chart[data-drawn]")
    expect(chart).to_have_attribute("data-drawn", "#FFFFFF")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    expect(chart).to_have_attribute("data-drawn", "#18202B")


def test_the_renderer_is_fetched_by_explorers_alone(stack, signed_in) -> None:
    page = signed_in
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    for path in ("/explore/", "/funnel/", "/explore/trend/?from=2001-01-01&to=2001-02-01"):
        page.goto(stack.url + path, wait_until="load")
    assert [url for url in asked if "plotly" in url] == []


def test_table_and_file_need_no_script(stack, signed_in, browser) -> None:
    cookies = signed_in.context.cookies()
    context = browser.new_context(locale="ja-JP", java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{stack.url}/explore/cohorts/")
    expect(page.locator(".chart-box")).to_be_hidden()
    page.click(".data-table summary")
    expect(page.locator("#numbers-table tbody tr").first).to_be_visible()
    with page.expect_download() as file:
        page.click(".data-table a[download]")
    assert file.value.suggested_filename.startswith("cohorts-")
    context.close()
