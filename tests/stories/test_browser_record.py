"""The record by keyboard: what is typed is kept until the server has it, and kanji are never sent half-written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from funnel.models import Activity, Event
from tests import builders
from tests.browser import arrived

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"
COMPOSING = """key => document.getElementById("note").dispatchEvent(
  new KeyboardEvent("keydown", {key, isComposing: true, keyCode: 229, bubbles: true, cancelable: true}))"""


@pytest.fixture
def inside(stack, browser, transactional_db):
    """A page on which a member of inside sales is signed in, in English, and the member."""
    member = builders.a_member("inside_sales", language="en")
    member.set_password(PASSWORD)
    member.save()
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sign_in(page, stack, member)
    yield page, member
    context.close()


def sign_in(page, stack, member) -> None:
    page.goto(f"{stack.url}/sign-in/")
    fill_in(page, member)
    arrived(page, ".queue")


def fill_in(page, member) -> None:
    page.fill("#id_username", member.username)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")


def test_a_note_is_written_by_keyboard_alone_and_the_enter_of_the_input_method_sends_nothing(
    inside, stack, now
):
    page, _member = inside
    lead = builders.an_mql(now)
    page.goto(f"{stack.url}/c/{lead.pk}/")
    page.keyboard.press("c")
    page.keyboard.type("せんぽうに")
    page.evaluate(COMPOSING, "Enter")
    page.evaluate(COMPOSING, "1")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("二行目 123")
    assert not Activity.objects.exists()
    page.keyboard.press("Enter")
    arrived(page, ".toast")
    (said,) = Activity.objects.all()
    assert (said.kind, said.note.text.replace("\r\n", "\n")) == ("note", "せんぽうに\n二行目 123")
    assert page.locator("#note").input_value() == ""
    assert page.evaluate("document.activeElement.id") == "note"
    assert "二行目" in page.locator(".timeline").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.locator(".timeline", has_text="No answer").wait_for()
    assert Activity.objects.filter(result="no_answer").count() == 1


def test_nothing_typed_is_lost_by_a_reload_or_a_session_that_ends(inside, stack, now):
    page, member = inside
    lead = builders.an_mql(now)
    page.goto(f"{stack.url}/c/{lead.pk}/")
    page.fill("#note", "折り返しは月曜の朝")
    page.reload()
    assert page.locator("#note").input_value() == "折り返しは月曜の朝"
    page.context.clear_cookies(name="sessionid")
    page.locator("#note").press("Enter")
    arrived(page, "#id_username")
    fill_in(page, member)
    arrived(page, "#note")
    assert page.url == f"{stack.url}/c/{lead.pk}/"
    assert page.locator("#note").input_value() == "折り返しは月曜の朝"
    page.locator("#note").press("Enter")
    arrived(page, ".toast")
    assert Activity.objects.get().note.text == "折り返しは月曜の朝"
    page.reload()
    assert page.locator("#note").input_value() == ""


def test_a_fact_is_edited_where_it_stands(inside, stack, now):
    page, _member = inside
    lead = builders.an_mql(now)
    page.goto(f"{stack.url}/c/{lead.pk}/")
    page.fill("#note", "書きかけ")
    box = page.locator(f"#person-{lead.person_id}")
    box.locator("a.edit").click()
    box.locator("input[name=phone]").fill("０３−１２３４−５６７８")
    box.locator("select[name=role]").select_option("decides")
    box.locator("button[type=submit]").click()
    box.locator("text=Decision maker").wait_for()
    assert "03-1234-5678" in box.inner_text()
    assert page.locator("#note").input_value() == "書きかけ"
    assert Event.objects.get(kind="details_changed").data["fields"] == ["role", "phone"]


def test_j_and_k_walk_the_queue_one_came_from(inside, stack, now):
    page, _member = inside
    first, second = (builders.an_mql(now, at=now - timedelta(hours=30 - n)) for n in range(2))
    page.goto(f"{stack.url}/")
    page.locator(f"article.row h3 a[href^='/c/{first.pk}/']").click()
    arrived(page, ".timeline")
    assert "1 of 2" in page.locator(".crumb").inner_text()
    page.keyboard.press("j")
    page.wait_for_url(f"**/c/{second.pk}/**")
    arrived(page, ".timeline")
    assert "2 of 2" in page.locator(".crumb").inner_text()
    page.keyboard.press("c")
    page.keyboard.type("jk")
    assert page.locator("#note").input_value() == "jk"
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.wait_for_url(f"**/c/{first.pk}/**")
    arrived(page, ".timeline")
    page.keyboard.press("b")
    arrived(page, ".queue")
    assert "row=promise-" in page.url
