"""How many clicks and keys the daily acts take, counted in a real browser; and what the hand never meets."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from playwright.sync_api import expect

from funnel import moment
from funnel.models import Activity, Lead, Note, Organization
from funnel.transitions import deals, leads
from funnel.transitions.acting import SYSTEM, Actor
from handoffs import promises
from handoffs.models import Handoff
from tests import builders
from tests.browser import arrived

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"


class Hands:
    """A page, and how often its mouse and its keyboard were used since `count` was called."""

    def __init__(self, page, stack) -> None:
        self.page, self.stack = page, stack
        self.clicks = self.keys = 0

    def click(self, selector: str) -> None:
        self.clicks += 1
        self.page.locator(selector).first.click()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def sign_in(self, *departments: str) -> object:
        member = builders.a_member(*departments, language="en")
        member.set_password(PASSWORD)
        member.save()
        self.page.context.clear_cookies()
        self.page.goto(f"{self.stack.url}/sign-in/")
        self.page.fill("#id_username", member.username)
        self.page.fill("#id_password", PASSWORD)
        self.page.keyboard.press("Enter")
        arrived(self.page, "#queue")
        return member

    def open(self, path: str = "/") -> None:
        self.page.goto(self.stack.url + path)
        arrived(self.page, "#queue")
        self.clicks = self.keys = 0

    def done(self, words: str) -> None:
        self.page.locator(".row.done .outcome", has_text=words).first.wait_for()


@pytest.fixture
def hands(page, stack, transactional_db) -> Hands:
    return Hands(page, stack)


def test_a_first_contact_is_one_click_and_its_undo_another(hands, now):
    lead = builders.an_mql(now)
    hands.sign_in("inside_sales")
    hands.open()
    hands.click("button[value=called]")
    hands.done("Called")
    assert hands.clicks == 1
    assert Activity.objects.get(lead=lead).result == "connected"
    hands.click(".toast [data-undo] button")
    hands.page.locator(".row .outcome", has_text="Undone").wait_for()
    assert lead.events.filter(kind="event_corrected", data__withdrawn=True).count() == 1
    assert hands.page.locator(".toast [data-undo]").count() == 0


def test_by_keys_alone_a_contact_its_note_its_undo_and_the_next_row(hands, now):
    first = builders.an_mql(now, at=now - timedelta(hours=3))
    second = builders.an_mql(now, at=now - timedelta(hours=2))
    hands.sign_in("inside_sales")
    hands.open()
    hands.press("2")
    hands.done("No answer")
    assert hands.keys == 1
    hands.page.locator(".toast input[name=note]").focus()
    hands.page.keyboard.type("留守電に残した")
    hands.page.keyboard.press("Enter")
    hands.page.locator(".toast", has_text="Note saved").wait_for()
    assert Activity.objects.get(lead=first).note.text == "留守電に残した"
    hands.page.keyboard.press("Escape")
    # Typed faster than the row unfolds: nothing is lost, nothing goes astray.
    hands.press("j", "3")
    hands.page.locator(".toast", has_text="Mailed").wait_for()
    assert Activity.objects.get(lead=second).kind == "mail"
    hands.press("z")
    hands.page.locator(".toast", has_text="Undone").wait_for()
    assert second.events.filter(kind="event_corrected").count() == 1
    assert first.events.filter(kind="event_corrected").count() == 0


def test_bant_and_handing_over_are_five_clicks_and_by_keys_nine(hands, now):
    by_hand = builders.an_mql(now, at=now - timedelta(hours=3))
    by_keys = builders.an_mql(now, at=now - timedelta(hours=2))
    hands.sign_in("inside_sales")
    note = "現行はExcel。4月までに切り替えたい。"
    hands.open()
    row = f"#row-promise-{by_hand.handoffs.get().pk}"
    hands.page.locator(f"{row} input[name=note]").fill(note)
    for name in ("budget", "authority", "need", "timeline"):
        hands.click(f"{row} label:has(input[name={name}][value=met])")
    assert hands.page.locator(f"{row} [data-filled]").inner_text() == "8"
    hands.click(f"{row} [data-send]")
    hands.page.locator(row, has_text="Handed over").wait_for()
    assert hands.clicks == 5
    handoff = Handoff.objects.with_promise().get(lead=by_hand, boundary="sql")
    assert handoff.promise == "kept"
    hands.open()
    hands.press("j")
    hands.page.keyboard.press("Escape")
    row = f"#row-promise-{by_keys.handoffs.get().pk}"
    hands.page.locator(f"{row} input[name=note]").fill(note)
    hands.page.keyboard.press("Escape")
    hands.keys = 0
    hands.press("b", "1", "a", "1", "n", "1", "t", "2", "Shift+Enter")
    hands.page.locator(row, has_text="Handed over").wait_for()
    assert hands.keys == 9
    assert by_keys.qualifications.latest().answers() == {
        "budget": "met", "authority": "met", "need": "met", "timeline": "not_met",
    }  # fmt: skip


def test_handing_over_incomplete_takes_a_reason_and_is_a_miss(hands, now):
    lead = builders.an_mql(now)
    hands.sign_in("inside_sales")
    hands.open()
    hands.click("label:has(input[name=need][value=met])")
    hands.click(".short button[value=meeting_soon]")
    hands.done("Handed over")
    assert hands.clicks == 2
    assert Handoff.objects.with_promise().get(lead=lead, boundary="sql").promise == "missed"


def test_a_return_is_two_clicks_or_two_keys(hands, now):
    one, two = builders.a_deal(now, at=now - timedelta(hours=1)), builders.a_deal(now)
    hands.sign_in("field_sales")
    hands.open("/?tab=waiting")
    hands.click(".row[aria-current] a[data-key=x]")
    hands.click(".slot button[value=no_decision_maker]")
    hands.done("Handoff returned")
    assert hands.clicks == 2
    hands.open("/?tab=waiting")
    hands.press("x", "2")
    hands.done("Handoff returned")
    assert hands.keys == 2
    reasons = Handoff.objects.filter(boundary="sql").values_list("deal_id", "return_reason")
    assert dict(reasons) == {one.pk: "no_decision_maker", two.pk: "no_budget"}


def test_nurture_is_two_clicks_or_two_keys(hands, now):
    one = builders.an_mql(now, at=now - timedelta(hours=2))
    two = builders.an_mql(now, at=now - timedelta(hours=1))
    hands.sign_in("inside_sales")
    hands.open()
    hands.click(".exp a[hx-get*=recycle]")
    hands.click(".slot button[value=quarter]")
    hands.done("Put back to nurture")
    assert hands.clicks == 2
    hands.open()
    hands.press("h", "1")
    hands.done("Put back to nurture")
    assert hands.keys == 2
    today = now.astimezone(Organization.current().tz).date()
    wakes = dict(Lead.objects.values_list("pk", "wake_up_on"))
    assert (wakes[one.pk] - today, wakes[two.pk] - today) == (timedelta(days=90), timedelta(days=30))


def test_won_with_its_kickoff_is_three_clicks_and_the_amount(hands, now):
    deal = builders.a_deal(now)
    field = hands.sign_in("field_sales")
    with transaction.atomic():
        at = moment.now()
        by = Actor.of(field, "html", now=at)
        promises.accept(deal.handoffs.get().pk, by, now=at)
    hands.open()
    hands.click(".row[aria-current] a[data-key=w]")
    hands.page.locator(".slot input[name=amount]").fill("１２０万")
    hands.click(".slot label:has(input[name=slot])")
    hands.click(".slot .chips button")
    hands.done("Recorded as won")
    assert hands.clicks == 3
    deal.refresh_from_db()
    assert (deal.amount, deal.reason) == (Decimal(1_200_000), "fit")
    assert Handoff.objects.with_promise().get(boundary="won", deal=deal).promise == "kept"


def test_won_with_its_kickoff_by_keys_alone_and_undone_by_one(hands, now):
    deal = builders.a_deal(now)
    deals.describe(deal.pk, SYSTEM, now=now, amount=900_000)
    field = hands.sign_in("field_sales")
    with transaction.atomic():
        at = moment.now()
        promises.accept(deal.handoffs.get().pk, Actor.of(field, "html", now=at), now=at)
    hands.open()
    hands.press("w")
    hands.page.locator(".slot input[name=amount]").wait_for()
    assert hands.page.locator(".slot input[name=amount]").input_value() == "900,000"
    hands.press("m")
    hands.page.locator("[name=amount]:focus").wait_for()
    hands.page.keyboard.type("1,200,000")
    hands.press("Escape", "2", "y", "1")
    hands.done("Recorded as won")
    # W, the amount and out of it, the slot, and why: nothing else.
    assert hands.keys == 6
    deal.refresh_from_db()
    assert (deal.state, deal.amount, deal.reason) == ("won", Decimal(1_200_000), "fit")
    kept = Handoff.objects.with_promise().get(boundary="won", deal=deal)
    assert kept.promise == "kept"
    hands.press("z")
    hands.page.locator(".toast", has_text="Undone").wait_for()
    deal.refresh_from_db()
    assert (deal.state, deal.amount) == ("open", Decimal(900_000))
    assert Handoff.objects.with_promise().get(pk=kept.pk).promise == "cancelled"


def test_a_lead_is_added_by_keys_alone(hands, now):
    hands.sign_in("marketing")
    hands.open()
    hands.press("n")
    hands.page.locator("dialog[open] input[name=company]").wait_for()
    hands.page.locator("[name=company]:focus").wait_for()
    hands.page.keyboard.type("あさひ商会")
    hands.page.keyboard.press("Tab")
    hands.page.keyboard.type("木村 亮")
    hands.page.keyboard.press("Enter")
    hands.page.locator(".toast", has_text="Added").wait_for()
    assert Lead.objects.get().person.name == "木村 亮"


def test_a_loss_by_keys_and_an_acceptance_by_one(hands, now):
    deal = builders.a_deal(now)
    hands.sign_in("field_sales")
    hands.open("/?tab=waiting")
    hands.press("a")
    hands.done("Accepted")
    hands.press("z")
    hands.page.locator(".toast", has_text="Undone").wait_for()
    hands.press("a")
    hands.done("Accepted")
    hands.open()
    hands.press("l", "1")
    hands.done("Recorded as lost")
    deal.refresh_from_db()
    assert (deal.state, deal.reason) == ("lost", "price")


def test_what_was_accepted_together_is_taken_back_by_one_key(hands, now):
    owed = [builders.an_mql(now, at=now - timedelta(hours=n)).handoffs.get().pk for n in (1, 2)]
    hands.sign_in("inside_sales")
    hands.open("/?tab=waiting")
    hands.click(".inbox button.primary")
    hands.page.locator(".toast", has_text="Accepted 2 handoffs").wait_for()
    assert hands.clicks == 1
    assert Handoff.objects.filter(pk__in=owed, decision="accepted").count() == 2
    hands.press("z")
    hands.page.locator(".toast", has_text="Taken back: 2 acceptances").wait_for()
    assert hands.keys == 1
    assert Handoff.objects.filter(pk__in=owed, decision="pending").count() == 2


def test_what_was_taken_or_woken_in_its_row_is_there_again_after_one_key(hands, now):
    nobodys = builders.an_mql(now).handoffs.get()
    Handoff.objects.filter(pk=nobodys.pk).update(
        owner=None, owned_at=None, routed_by="", routed_count=None, routed_limit=None
    )
    asleep = builders.an_mql(now)
    member = hands.sign_in("inside_sales")
    by, day = Actor.of(member, "html", now=now), now.astimezone(Organization.current().tz).date()
    leads.recycle(asleep.pk, by, now=now, reason="timing", wake_up_on=day + timedelta(days=30))
    hands.open()
    hands.press("o")
    hands.done("It is yours now")
    assert Handoff.objects.get(pk=nobodys.pk).owner == member
    hands.press("z")
    row = hands.page.locator(f"#row-promise-{nobodys.pk}")
    row.locator(".outcome", has_text="Undone").wait_for()
    assert Handoff.objects.get(pk=nobodys.pk).owner is None
    expect(row.locator("[data-key=o]")).to_be_visible()
    hands.open("/?tab=nurture")
    row = hands.page.locator(".row", has_text=asleep.account.name)
    row.locator("form[action*=wake] button").click()
    row.locator(".outcome").wait_for()
    assert Lead.objects.get(previous=asleep).is_counted
    hands.press("z")
    row.locator(".outcome", has_text="Undone").wait_for()
    assert not Lead.objects.filter(previous=asleep, is_counted=True).exists()
    expect(row.locator("form[action*=wake] button")).to_be_visible()


def test_composing_kanji_sends_nothing_and_is_no_key(hands, now):
    lead = builders.an_mql(now)
    hands.sign_in("inside_sales")
    hands.open()
    page = hands.page
    ime = page.context.new_cdp_session(page)
    page.locator(".exp input[name=note]").focus()
    for text in ("k", "か", "かn", "かん", "かんじ"):
        ime.send(
            "Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process"}
        )
        ime.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )
    ime.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Enter", "code": "Enter"},
    )
    ime.send("Input.insertText", {"text": "漢字"})
    ime.send(
        "Input.dispatchKeyEvent",
        {"type": "keyUp", "windowsVirtualKeyCode": 13, "key": "Enter", "code": "Enter"},
    )
    assert page.locator(".exp input[name=note]").input_value() == "漢字"
    # A key of a conversion that reaches the page itself is no shortcut either.
    page.keyboard.press("Escape")
    for key in ("1", "x", "j"):
        page.evaluate(
            "key => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, isComposing: true, bubbles: true}))",
            key,
        )
    page.wait_for_timeout(300)
    assert page.locator(".row.done, .slot form").count() == 0
    assert not Activity.objects.exists()
    assert not Note.objects.filter(lead=lead).exists()
    assert not lead.deals.exists()


def test_what_is_new_waits_and_nothing_moves(hands, now):
    builders.an_mql(now, at=now - timedelta(hours=1))
    hands.sign_in("inside_sales")
    hands.open()
    page = hands.page
    page.locator(".exp input[name=note]").fill("途中まで")
    page.evaluate(
        "() => { window.shifts = 0; new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput)"
        " window.shifts += e.value })).observe({type: 'layout-shift'}) }"
    )
    page.wait_for_timeout(700)
    newer = builders.an_mql(moment.now(), at=now - timedelta(hours=20), company="新着商事")
    page.locator("#show-news:not([hidden])").wait_for(timeout=20_000)
    assert page.locator("article.row").count() == 1
    assert page.locator("#show-news").inner_text() == "Show 1 new"
    assert page.evaluate("window.shifts") == 0
    assert page.evaluate("document.activeElement.name") == "note"
    assert page.locator(".exp input[name=note]").input_value() == "途中まで"
    page.keyboard.press("Escape")
    hands.press("r")
    page.locator("article.row", has_text="新着商事").wait_for()
    assert page.locator("article.row").count() == 2
    # The row under the hand is still the same, and so is what was typed into it.
    assert page.locator(".row[aria-current] .exp input[name=note]").input_value() == "途中まで"
    assert newer.handoffs.count() == 1


def test_without_a_line_a_click_waits_and_is_sent_once(stack, browser, transactional_db, now):
    lead = builders.an_mql(now)
    # Its own page: a browser logs a lost line as an error of the console.
    context = browser.new_context()
    hands = Hands(context.new_page(), stack)
    hands.sign_in("inside_sales")
    # The page's clock goes on from the moment the server read for it, so it runs late by the time of its loading.
    opened = moment.now()
    hands.open()
    context.set_offline(True)
    hands.click("button[value=no_answer]")
    hands.page.locator("#unsent:not([hidden])").wait_for()
    assert hands.page.locator("#unsent").inner_text() == "1 not sent yet"
    clicked = moment.now()
    hands.page.wait_for_timeout(1200)
    assert not Activity.objects.exists()
    context.set_offline(False)
    hands.page.locator("#unsent[hidden]").wait_for(state="attached")
    hands.page.locator(".toast", has_text="Sent").wait_for()
    activity = Activity.objects.get(lead=lead)
    # It happened when it was clicked, not when the line came back.
    assert opened <= activity.occurred_at <= clicked
    hands.page.evaluate("window.dispatchEvent(new Event('online'))")
    hands.page.wait_for_timeout(500)
    assert Activity.objects.filter(lead=lead).count() == 1
    context.close()


def test_a_session_that_ends_while_typing_loses_nothing(hands, now):
    builders.an_mql(now, at=now - timedelta(hours=3))
    lead = builders.an_mql(now, at=now - timedelta(hours=2))
    member = hands.sign_in("inside_sales")
    hands.open()
    page = hands.page
    hands.press("j")
    row = f"#row-promise-{lead.handoffs.get().pk}"
    page.locator(f"{row} input[name=note]").fill("決裁は部長。来週また電話する。")
    page.locator(f"{row} label:has(input[name=need][value=met])").click()
    Session.objects.all().delete()
    page.locator(f"{row} [data-keep]").click()
    page.wait_for_url("**/sign-in/**")
    page.fill("#id_username", member.username)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    arrived(page, f"{row}[aria-current] input[name=note]")
    expect(page.locator(f"{row} input[name=note]")).to_have_value("決裁は部長。来週また電話する。")
    assert page.locator(f"{row} input[name=need][value=met]").is_checked()
