"""Every page there is, in a real browser: no accessibility violation, no sideways scrolling, little weight.

Pages are found by the resolver: a new one is visited without being named here. WCAG 2.2 A and AA and best practice.
"""

from __future__ import annotations

import gzip
import io
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import expect

from dashboards import improving, meetings, sharing, weekly
from dashboards.models import Improvement, Meeting, SharedCase
from funnel.ingest.read import read
from funnel.models import Activity, Contract, Deal, Event, ImportBatch, Lead, Member, Membership, SavedView
from funnel.transitions import corrections, customers, leads
from funnel.transitions.acting import SYSTEM
from handoffs import notices, promises
from handoffs.kinds import Way
from handoffs.models import Delivery, Handoff, Outlet
from tests import builders
from tests.browser import arrived

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_LOOKS = ["color-contrast", "target-size", "link-in-text-block", "html-has-lang", "html-lang-valid"]
"""What may differ from one look to another; the rest is the same markup, asked in every look by the storms."""
NOT_OURS = ("admin/", "api/")
SIGNED_OUT = "sign-in/"
LOOKS = [("ja", "light"), ("en", "dark")]
EVERY_LOOK = [("ja", "light"), ("ja", "dark"), ("en", "light"), ("en", "dark")]
MOST = {"page": 120_000, "script": 45_000}
"""Bytes sent for the queue and a record, packed: everything, and scripts."""


@pytest.fixture
def somebody(transactional_db, now) -> Member:
    """An administrator who leads every department, and a company with something at every stage."""
    member = builders.a_member(*builders.ALL_DEPARTMENTS, role="lead", is_administrator=True, language="ja")
    member.set_password(PASSWORD)
    member.save()
    for n, hours in enumerate((0, 3, 20, 23, 30, 50)):
        builders.an_mql(now, at=now - timedelta(hours=hours), company=f"株式会社みなと物流{n}")
    builders.a_lead(now)
    called = builders.an_mql(now, at=now - timedelta(hours=5))
    leads.log(
        called.pk, SYSTEM, now=now, kind="call", direction="outbound", result="connected", note="4月から"
    )
    by = builders.an_actor("inside_sales", now=now)
    promises.accept(Handoff.objects.filter(boundary="mql").earliest("id").pk, by, now=now)
    builders.a_deal(now)
    contract = builders.a_contract(now)
    today = now.date()
    readings = [(today - timedelta(days=n), "logins", Decimal(40 - n)) for n in range(2, 32)]
    customers.record_usage(contract.customer_id, SYSTEM, now=now, readings=readings)
    read(
        io.BytesIO("会社名,氏名\n株式会社甲,山田 太郎\n".encode()), "leads", by=replace(SYSTEM, source="csv")
    )
    attempt = Event.objects.filter(lead=called, kind="contact_attempted").latest("id")
    corrections.withdraw(attempt.pk, SYSTEM, now=now, reason="")
    promises.sweep()
    notices.spread()
    SavedView.objects.create(
        owner=member, list="leads", name="対応中", query="outcome=open", department="marketing"
    )
    for mailbox in ("a", "b"):
        builders.a_lead(now, company="株式会社双子", name="双葉 由美", email=f"{mailbox}@example.jp")
    held, _is_new = meetings.start("weekly", by, now=now)
    plan = improving.Plan(
        "電話番号の欄を足す", member.pk, now.date() + timedelta(days=7), kpi="mql-compliance"
    )
    done = meetings.decide(held.pk, plan, by, now=now)
    improving.finish(done.pk, by, now=now)
    meetings.decide(held.pk, plan, by, now=now)
    sharing.share_deal(contract.deal_id, "決裁者に早く会えた", ["決裁者"], by, now=now)
    weekly.thank(member.pk, "field_sales", weekly.monday(today), "受付に入った", by, now=now)
    return member


def addresses(patterns: Any = None, before: str = "") -> list[str]:
    found = []
    for one in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(one.pattern).removeprefix("^")
        if isinstance(one, URLResolver):
            found += addresses(one.url_patterns, path)
        elif isinstance(one, URLPattern) and not path.startswith(NOT_OURS):
            found.append(path)
    return found


def known() -> dict[str, object]:
    """A record for the addresses that name one, by the first word of the path."""
    customer = Contract.objects.latest("id").customer_id
    lead = Lead.objects.filter(stage="mql").latest("id").pk
    return {
        "c": lead,
        "leads": lead,
        "deals": Deal.objects.filter(state="open").latest("id").pk,
        "handoffs": Handoff.objects.filter(boundary="sql").latest("id").pk,
        "customers": customer,
        "contracts": Contract.objects.latest("id").pk,
        "events": Event.objects.filter(kind="contact_attempted").latest("id").pk,
        "acceptances": Event.objects.filter(kind="handoff_accepted").latest("id").pk,
        "import": ImportBatch.objects.latest("id").pk,
        "funnel": "won",
        "numbers": "won",
        "sla": Event.objects.filter(kind="contact_attempted").latest("id").pk,
        "cohorts": "steps",
        "improvements": Improvement.objects.latest("id").pk,
        "cases": SharedCase.objects.latest("id").pk,
        "kind": "weekly",
        "review": "weekly",
        "label": Meeting.objects.filter(kind="weekly").latest("id").label,
        "name": "steps",
        "notices": Delivery.objects.filter(way="app").latest("id").pk,
        "activities": Activity.objects.latest("id").pk,
        "accounts": Lead.objects.filter(account__isnull=False).latest("id").account_id,
        "companies": Lead.objects.filter(account__isnull=False).earliest("id").account_id,
        "other_id": Lead.objects.filter(account__isnull=False).latest("id").account_id,
        "people": Lead.objects.filter(outcome=None).earliest("id").person_id,
        "absorb_id": Lead.objects.filter(outcome=None).latest("id").person_id,
        "views": SavedView.objects.latest("id").pk,
        "queue": lead,
        "invitation": "unknown",
        "boundary": "mql",
        "department": "marketing",
        "act": "loss",
        "member_id": Member.objects.latest("id").pk,
        "membership_id": Membership.objects.latest("id").pk,
        "table": "stage",
        "code": "sql",
        "settings": Outlet.objects.get_or_create(way=Way.MAIL)[0].pk,
    }


def filled(path: str, records: dict[str, object]) -> str:
    if "<" not in path:
        return f"/{path}"
    first, rest = path.split("/", 1)
    if first not in records:
        raise AssertionError(f"say in `known` which record /{path} shows")
    return f"/{first}/" + re.sub(
        r"<(?:\w+:)?(\w+)>", lambda name: str(records.get(name[1], records[first])), rest
    )


def asked() -> list[str]:
    """What an address shows otherwise when it is asked otherwise: a page of its own to whoever reads it."""
    at = Event.objects.latest("id").recorded_at.isoformat(timespec="minutes")
    return [
        f"/funnel/?{urlencode({'known_at': at})}",
        "/funnel/?known_at=soon",
        "/funnel/?beside=month",
        "/?tab=waiting",
        "/?tab=returned",
        "/?tab=nurture",
        "/deals/?view=list",
        "/agreement/?on=2026-01-05",
        "/customers/?q=nobody",
        "/search/?q=みなと",
    ]


def pages(member: Member) -> list[str]:
    """Addresses that answer this member's GET with a whole page of HTML."""
    client = Client()
    client.force_login(member)
    records, found = known(), []
    for path in [*(filled(one, records) for one in sorted(set(addresses()))), *asked()]:
        answer = client.get(path)
        assert answer.status_code < 500, path
        is_page = answer.headers.get("Content-Type", "").startswith("text/html") and answer.status_code == 200
        if is_page and b"<html" in answer.content:
            found.append(path)
    return found


def opened(browser, stack, member: Member, language: str, theme: str):
    Member.objects.filter(pk=member.pk).update(language=language)
    context = browser.new_context(
        locale=language, timezone_id="Asia/Tokyo", color_scheme=theme, viewport={"width": 1280, "height": 800}
    )
    page = context.new_page()
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", member.username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    arrived(page, ".queue")
    return page


def faults(page, *, is_whole: bool = True) -> list[str]:
    """What axe finds, and whether anything sticks out: at 200 % zoom of 1280 × 800, and at 320 px."""
    asked = {"type": "tag", "values": RULES} if is_whole else {"type": "rule", "values": OF_LOOKS}
    report = Axe().run(page, options={"runOnly": asked}).response
    found = [f"{v['id']}: {v['nodes'][0]['target']}" for v in report["violations"]]
    for width, height in ((640, 400), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"sticks out at {width} px: {page.evaluate(STICKS_OUT)}")
    page.set_viewport_size({"width": 1280, "height": 800})
    return found


STICKS_OUT = """() => [...document.querySelectorAll("body *")].filter(e => {
    if (e.getBoundingClientRect().right <= innerWidth + 1) return false;
    for (let up = e.parentElement; up; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== "visible") return false;
    }
    return true;
}).slice(0, 4).map(e => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 20)}`).join(" | ")"""


ADMINISTRATION = (
    "",
    "funnel/event/",
    "funnel/lead/",
    "handoffs/handoff/",
    "handoffs/notice/",
    "dashboards/dailycount/",
)


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_the_administration_is_open_to_everybody(stack, browser, somebody, language, theme):
    page = opened(browser, stack, somebody, language, theme)
    records = (f"funnel/lead/{known()['leads']}/change/", f"handoffs/handoff/{known()['handoffs']}/change/")
    found = {}
    for path in (*ADMINISTRATION, *records):
        page.goto(f"{stack.url}/admin/{path}")
        expect(page.locator("#site-name")).to_be_visible()
        if wrong := faults(page):
            found[path] = wrong
    page.context.close()
    assert not found, "\n".join(f"{path}: {wrong}" for path, wrong in found.items())


def walked(
    browser, stack, member: Member, language: str, theme: str, *, is_whole: bool
) -> dict[str, list[str]]:
    """What is wrong with every page in one look, by its address."""
    page = opened(browser, stack, member, language, theme)
    found = {}
    for path in pages(member):
        page.goto(stack.url + path)
        if wrong := faults(page, is_whole=is_whole):
            found[path] = wrong
    page.context.close()
    return found


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_every_page_is_open_to_everybody(stack, browser, somebody, language, theme):
    found = walked(browser, stack, somebody, language, theme, is_whole=(language, theme) == LOOKS[0])
    assert not found, "\n".join(f"{path}: {wrong}" for path, wrong in found.items())


@pytest.mark.storm
@pytest.mark.parametrize(("language", "theme"), EVERY_LOOK)
def test_every_page_is_open_to_everybody_in_every_look(stack, browser, somebody, language, theme):
    found = walked(browser, stack, somebody, language, theme, is_whole=True)
    assert not found, "\n".join(f"{path}: {wrong}" for path, wrong in found.items())


def test_the_agreement_is_printed_without_the_page_around_it(stack, browser, somebody):
    page = opened(browser, stack, somebody, "ja", "light")
    page.goto(f"{stack.url}/agreement/")
    arrived(page, "svg.flow")
    expect(page.locator("header.top")).to_be_visible()
    page.emulate_media(media="print")
    # The breadth of A4 between margins of 12 mm.
    page.set_viewport_size({"width": 703, "height": 994})
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator("main .btn:visible")).to_have_count(0)
    expect(page.locator("svg.flow")).to_be_visible()
    expect(page.locator("main")).to_contain_text("24時間以内")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.evaluate(STICKS_OUT)
    page.context.close()


def test_the_queue_and_a_record_weigh_little(stack, browser, somebody):
    page = opened(browser, stack, somebody, "ja", "light")
    for path in ("/", f"/c/{known()['c']}/"):
        page.goto(stack.url + path, wait_until="networkidle")
        asked = {page.url, *page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")}
        bodies = {url: page.context.request.get(url).body() for url in asked if "/live/" not in url}
        sizes = {url: len(gzip.compress(body)) for url, body in bodies.items()}
        assert sum(sizes.values()) < MOST["page"], sizes
        assert sum(size for url, size in sizes.items() if url.endswith(".js")) < MOST["script"], sizes
    page.context.close()
