"""One thread, end to end, in a real browser on the real stack: from a typed form to a healthy customer.

The page fixture fails on console errors, on violations of the content security policy and on requests elsewhere.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from funnel import moment
from funnel.models import Activity, Customer, Lead, Organization
from funnel.transitions import customers
from funnel.transitions.acting import SYSTEM, Actor
from handoffs import promises
from handoffs.models import Handoff
from tests import builders
from tests.browser import arrived

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"


@pytest.fixture
def staff(transactional_db):
    """One person per department, who can sign in."""
    found = {}
    for department in builders.ALL_DEPARTMENTS:
        member = builders.a_member(department, language="en")
        member.set_password(PASSWORD)
        member.save()
        found[department.value] = member
    return found


def sign_in(page, stack, member) -> None:
    page.context.clear_cookies()
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", member.username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    arrived(page, ".queue")


def promise(lead: Lead, boundary: str) -> str:
    return Handoff.objects.with_promise().filter(lead=lead, boundary=boundary).latest("id").promise


def test_a_lead_becomes_a_healthy_customer(stack, page, staff):
    sign_in(page, stack, staff["marketing"])
    lead = _marketing_takes_it_in(page)
    sign_in(page, stack, staff["inside_sales"])
    _inside_sales_calls_and_hands_over(page, lead)
    sign_in(page, stack, staff["field_sales"])
    _field_sales_accepts_and_wins(page, lead)
    sign_in(page, stack, staff["customer_success"])
    _customer_success_sets_the_kickoff(page, stack, lead)
    _the_customer_uses_it(lead)
    page.goto(f"{stack.url}/c/{lead.pk}/")
    assert page.locator("#customer .health b").inner_text().isdecimal()
    told = page.locator(".timeline").inner_text()
    for words in (
        "Lead captured",
        "Certified MQL",
        "Call",
        "Certified SQL",
        "Won",
        "Kickoff set",
    ):
        assert words in told


def _marketing_takes_it_in(page) -> Lead:
    page.click("text=New lead")
    page.fill("input[name=company]", "株式会社みなと物流")
    page.fill("input[name=name]", "高橋 由美")
    page.fill("input[name=phone]", "０３−１２３４−５６７８")
    page.locator("form:has(input[name=company]) button[type=submit]").last.click()
    page.locator(".toast a").click()
    arrived(page, ".timeline")
    page.click("text=Certify MQL")
    page.click("button[value=inquiry]")
    arrived(page, ".toast")
    lead = Lead.objects.get()
    assert lead.stage == "mql"
    assert promise(lead, "mql") == "open"
    return lead


def _inside_sales_calls_and_hands_over(page, lead: Lead) -> None:
    row = page.locator("article.row", has_text="みなと物流")
    row.locator("button[value=called]").dblclick()
    arrived(page, ".row.done .outcome")
    assert Activity.objects.filter(lead=lead).count() == 1
    assert promise(lead, "mql") == "kept"
    for answer in ("budget", "authority", "need", "timeline"):
        row.locator(f"label:has(input[name={answer}][value=met])").click()
    row.locator("input[name=note]").fill("現行はExcel。4月の期初までに切り替えたい。")
    row.locator("[data-send]").click()
    arrived(page, ".row.done .outcome >> text=Handed over")
    assert promise(lead, "sql") == "kept"


def _field_sales_accepts_and_wins(page, lead: Lead) -> None:
    page.click("text=Handoffs waiting")
    row = page.locator("article.row", has_text="みなと物流")
    row.locator("button", has_text="Accept").click()
    arrived(page, ".row.done .outcome")
    assert Handoff.objects.get(lead=lead, boundary="sql").decision == "accepted"
    page.click("text=To do")
    row = page.locator("article.row", has_text="みなと物流")
    row.locator("a", has_text="Won").click()
    row.locator("input[name=amount]").fill("１２０万")
    row.locator(".slot form.act .chips button").first.click()
    arrived(page, ".row.done .outcome")
    assert lead.deals.get().amount == Decimal(1_200_000)
    assert promise(lead, "won") == "open"


def _customer_success_sets_the_kickoff(page, stack, lead: Lead) -> None:
    row = page.locator("article.row", has_text="みなと物流")
    row.locator(".exp .chips button").first.click()
    arrived(page, ".row.done .outcome")
    assert promise(lead, "won") == "kept"


def _the_customer_uses_it(lead: Lead) -> None:
    """What the product's own usage import and the nightly task would write."""
    customer = Customer.objects.get(account=lead.account)
    with transaction.atomic():
        now = moment.now()
        today = now.astimezone(Organization.current().tz).date()
        readings = [(today - timedelta(days=n), customers.USAGE_METRIC, Decimal(20)) for n in range(56)]
        customers.record_usage(customer.pk, SYSTEM, now=now, readings=readings)
        customers.refresh_health(customer.pk, day=today, now=now, by=SYSTEM)


def test_without_scripts_a_contact_is_logged_by_a_plain_form(stack, browser, staff, now):
    lead = builders.an_mql(now, company="無地商店")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, stack, staff["inside_sales"])
    page.click("button[value=no_answer]")
    arrived(page, ".toast")
    assert Activity.objects.get(lead=lead).result == "no_answer"
    context.close()


def test_without_scripts_a_lead_is_handed_over_accepted_and_returned(stack, browser, staff, now):
    lead = builders.an_mql(now, company="無地商店")
    waiting = builders.a_deal(now, company="素地工業")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, stack, staff["inside_sales"])
    page.goto(f"{stack.url}/leads/{lead.pk}/sql/")
    for field in ("budget", "authority", "need", "timeline"):
        page.check(f"input[name={field}][value=met]")
    page.fill("input[name=meeting_at]", f"{now + timedelta(days=5):%Y-%m-%dT%H:%M}")
    page.fill("[name=note]", "来期に全社で導入したい")
    page.locator("main form button[type=submit]:visible").first.click()
    arrived(page, ".toast")
    lead.refresh_from_db()
    assert lead.stage == "sql"
    sign_in(page, stack, staff["field_sales"])
    theirs = Handoff.objects.get(boundary="sql", lead=lead)
    page.goto(f"{stack.url}/handoffs/{theirs.pk}/accept/")
    page.locator("main form button[type=submit]:visible").first.click()
    arrived(page, ".toast")
    page.goto(f"{stack.url}/handoffs/{Handoff.objects.get(boundary='sql', deal=waiting).pk}/return/")
    page.click("button[value=no_budget]")
    arrived(page, ".toast")
    theirs.refresh_from_db()
    waiting.refresh_from_db()
    assert (theirs.decision, waiting.state) == ("accepted", "returned")
    context.close()


def test_a_refusal_is_said_in_the_row_and_nothing_typed_is_lost(stack, browser, staff, now):
    deal = builders.a_deal(now, company="控えめ商事")
    handoff = Handoff.objects.get(boundary="sql", deal=deal)
    # Its own page: a browser logs a refused answer as an error of the console.
    context = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
    page = context.new_page()
    sign_in(page, stack, staff["field_sales"])
    page.click("text=Handoffs waiting")
    row = page.locator(f"#row-handoff-{handoff.pk}")
    row.locator("a", has_text="Return").click()
    row.locator("textarea[name=note]").fill("決裁者を聞き直してください")
    with transaction.atomic():
        at = moment.now()
        promises.accept(handoff.pk, Actor.of(builders.a_member("field_sales"), "html", now=at), now=at)
    row.locator("button[value=no_decision_maker]").click()
    row.locator(".error-summary").wait_for()
    assert "Somebody else has already accepted this handoff" in row.inner_text()
    assert row.locator("textarea[name=note]").input_value() == "決裁者を聞き直してください"
    deal.refresh_from_db()
    assert deal.state == "open"
    context.close()
