"""The Enter key never says more than the person did."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from playwright.sync_api import expect

from funnel import moment
from funnel.models import Activity, Member
from funnel.transitions.acting import Actor
from handoffs import promises
from handoffs.models import Handoff
from tests import builders
from tests.browser import arrived

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"


@pytest.fixture
def member(transactional_db):
    """A member of inside sales and field sales, who reads English."""
    found = builders.a_member("inside_sales", "field_sales", language="en")
    found.set_password(PASSWORD)
    found.save()
    return found


@pytest.fixture
def signed_in(stack, browser, member):
    """A page on which the member is signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", member.username)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    arrived(page, ".queue")
    yield page
    context.close()


def test_keys_go_and_the_list_says_them(signed_in, stack):
    signed_in.keyboard.press("?")
    signed_in.locator("dialog#keys[open]").wait_for()
    signed_in.keyboard.press("Escape")
    signed_in.keyboard.press("/")
    assert signed_in.evaluate("document.activeElement.id") == "q"
    signed_in.keyboard.type("gf")
    assert signed_in.input_value("#q") == "gf"
    signed_in.keyboard.press("Escape")
    signed_in.keyboard.press("g")
    signed_in.keyboard.press("f")
    signed_in.wait_for_url("**/funnel/")


def test_keys_are_silent_for_a_member_who_switched_them_off(signed_in, stack):
    Member.objects.update(shortcuts_off=True)
    signed_in.goto(f"{stack.url}/")
    signed_in.keyboard.press("?")
    signed_in.keyboard.press("/")
    assert signed_in.locator("dialog#keys[open]").count() == 0
    assert signed_in.evaluate("document.activeElement.tagName") == "BODY"


def test_enter_in_the_composer_keeps_a_note_and_is_no_contact(signed_in, stack, now):
    lead = builders.an_mql(now)
    signed_in.goto(f"{stack.url}/c/{lead.pk}/")
    signed_in.fill("#note", "calls back on Monday")
    signed_in.keyboard.press("Enter")
    arrived(signed_in, ".toast")
    assert Activity.objects.get(lead=lead).kind == "note"
    lead.refresh_from_db()
    assert lead.first_contact_at is None


def test_enter_in_a_form_of_chips_chooses_none(signed_in, stack, now):
    lead = builders.an_mql(now)
    signed_in.goto(f"{stack.url}/")
    row = signed_in.locator("article.row")
    row.locator(".exp a", has_text="Nurture").click()
    row.locator("textarea[name=note]").fill("after the fair")
    row.locator("input[name=wake_up_on]").press("Enter")
    row.locator(".error", has_text="Choose a day.").wait_for()
    assert row.locator("textarea[name=note]").input_value() == "after the fair"
    lead.refresh_from_db()
    assert lead.outcome is None


def test_a_form_in_a_row_folds_and_the_focus_is_back_in_the_row(signed_in, stack, now):
    builders.an_mql(now)
    signed_in.goto(f"{stack.url}/")
    row = signed_in.locator("article.row")
    row.locator(".exp a", has_text="Nurture").click()
    row.locator(".slot form.act").wait_for()
    row.locator("[data-close]").click()
    assert row.locator(".slot form.act").count() == 0
    assert signed_in.evaluate("document.activeElement.closest('article.row') !== null")


def test_shift_enter_finishes_a_form_and_leads_to_the_reason_that_is_missing(signed_in, stack, member, now):
    page = signed_in
    deal, lost = builders.a_deal(now, at=now - timedelta(hours=1)), builders.a_deal(now)
    with transaction.atomic():
        at = moment.now()
        for one in (deal, lost):
            promises.accept(one.handoffs.get().pk, Actor.of(member, "html", now=at), now=at)
    page.goto(f"{stack.url}/?row=deal-{deal.pk}")
    arrived(page, "#queue")
    chips = page.locator(".slot .chips button")
    pressed = []

    def press(*keys: str) -> None:
        for key in keys:
            pressed.append(key)
            page.keyboard.press(key)

    press("w")
    page.locator(".slot input[name=amount]").wait_for()
    press("1", "m")
    expect(page.locator(".slot input[name=amount]")).to_be_focused()
    page.keyboard.type("120万")
    press("Shift+Enter")
    expect(chips.first).to_be_focused()
    expect(chips.first).to_have_accessible_description("Choose a reason.")
    deal.refresh_from_db()
    assert deal.state == "open"
    press("Enter")
    page.locator(".row.done .outcome", has_text="Recorded as won").wait_for()
    # W, the slot, to the amount, the end of the form, and the reason it leads to.
    assert len(pressed) == 5
    deal.refresh_from_db()
    assert (deal.state, deal.amount, deal.reason) == ("won", Decimal(1_200_000), "fit")
    assert Handoff.objects.with_promise().get(boundary="won", deal=deal).promise == "kept"
    page.goto(f"{stack.url}/deals/{lost.pk}/lose/?next=/")
    arrived(page, "form.act")
    press("Shift+Enter")
    page.locator(".error", has_text="Choose a reason.").wait_for()
    expect(page.locator("form.act .chips button").first).to_be_focused()
    press("Enter")
    arrived(page, "#queue")
    lost.refresh_from_db()
    assert (lost.state, lost.reason) == ("lost", "price")
