"""Ctrl K and N: found, opened and added by the keys of one hand, and an input method keeps its own."""

from __future__ import annotations

import pytest

from funnel.models import Lead
from tests import builders
from tests.browser import arrived

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
COMPOSED_ENTER = """(input) => {
  const usual = { bubbles: true, cancelable: true, key: "Enter" };
  const fire = (more) => input.dispatchEvent(new KeyboardEvent("keydown", { ...usual, ...more }));
  fire({ isComposing: true, keyCode: 229 });
  fire({ keyCode: 229 });
}"""


@pytest.fixture
def at_work(stack, page, transactional_db):
    """A member of inside sales on his queue, in Japanese, counting what he clicks and types."""
    member = builders.a_member("inside_sales", language="ja")
    member.set_password(PASSWORD)
    member.save()
    page.goto(f"{stack.url}/sign-in/")
    page.fill("#id_username", member.username)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    arrived(page, ".queue")
    return page


def test_the_bar_finds_by_reading_and_opens_by_enter(at_work, stack, now):
    lead = builders.an_mql(now, company="株式会社みなと物流", name="高橋 由美", name_kana="タカハシ ユミ")
    at_work.keyboard.press("Control+k")
    at_work.locator("#palette[open]").wait_for()
    at_work.keyboard.insert_text("たかはし")
    option = at_work.locator("#palette-list [role=option]").first
    option.filter(has_text="高橋").wait_for()
    assert option.get_attribute("aria-selected") == "true"
    # The Enter that confirms a conversion opens nothing.
    at_work.locator("#palette-q").evaluate(COMPOSED_ENTER)
    assert at_work.locator("#palette[open]").count() == 1
    at_work.keyboard.press("ArrowDown")
    at_work.keyboard.press("ArrowUp")
    assert at_work.locator("#palette-q").get_attribute("aria-activedescendant") == option.get_attribute("id")
    at_work.keyboard.press("Enter")
    at_work.wait_for_url(f"{stack.url}/c/{lead.pk}/")


def test_letters_being_composed_are_not_searched(at_work):
    asked = []
    at_work.on("request", lambda sent: asked.append(sent.url) if "suggest" in sent.url else None)
    at_work.locator("[data-palette]").click()
    at_work.locator("#palette-list [role=option]").first.wait_for()
    del asked[:]
    at_work.locator("#palette-q").evaluate("""(input) => {
      input.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
      input.value = "ｍ";
      input.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing: true }));
    }""")
    at_work.wait_for_timeout(400)
    assert asked == []
    at_work.locator("#palette-q").evaluate("""(input) => {
      input.value = "ファネル";
      input.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
    }""")
    at_work.locator("#option-all").wait_for()
    assert at_work.locator("#palette-list [role=option]").first.get_attribute("href") == "/funnel/"
    assert len(asked) == 1
    at_work.keyboard.press("Escape")
    assert at_work.locator("#palette[open]").count() == 0


def test_a_lead_is_added_with_one_click_and_two_fields(at_work, stack, now):
    at_work.goto(f"{stack.url}/c/")
    at_work.locator("a[data-key=n]").click()
    at_work.locator("dialog.quick[open]").wait_for()
    # The panel opens with the hand in the first field: two fields and Enter, no further click.
    at_work.keyboard.insert_text("株式会社あさひ")
    at_work.keyboard.press("Tab")
    at_work.keyboard.insert_text("木村 亮")
    at_work.keyboard.press("Enter")
    at_work.locator("#list tr", has_text="木村 亮").wait_for()
    assert at_work.locator("dialog.quick").count() == 0
    lead = Lead.objects.select_related("person", "account").get()
    assert (lead.account.name, lead.person.name) == ("株式会社あさひ", "木村 亮")
    at_work.locator(".toast a").wait_for()


def test_n_opens_the_panel_and_says_who_is_known(at_work, stack, now):
    known = builders.a_lead(now, company="株式会社あさひ", name="木村 亮")
    at_work.keyboard.press("n")
    at_work.locator("dialog.quick[open]").wait_for()
    at_work.keyboard.insert_text("あさひ")
    at_work.keyboard.press("Tab")
    at_work.keyboard.insert_text("木村亮")
    at_work.keyboard.press("Tab")
    at_work.locator(f".alike a[href='/c/{known.pk}/']").wait_for()
    assert Lead.objects.count() == 1
