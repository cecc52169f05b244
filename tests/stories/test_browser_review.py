"""A review on the projector: by keys alone, on two screens at once, nothing lost when a browser drops out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from dashboards import improving, meetings
from dashboards.deck import DECKS, Kind
from dashboards.models import Improvement, Meeting
from funnel import moment
from funnel.models import Member, Organization
from handoffs import promises
from handoffs.models import Notice
from tests import builders
from tests.browser import arrived
from tests.stories.test_browser_wall import CUT, SMALLEST, TOO_SMALL
from tests.stories.test_queue_hands import PASSWORD, Hands

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROOM = {"width": 1920, "height": 1080}
WEEK = timedelta(weeks=1)


@pytest.fixture
def weeks(transactional_db, now) -> Meeting:
    """Some leads, two of them called too late, and last week's review with one thing done and one left undone."""
    for hours in (3, 20, 30, 50, 70):
        builders.an_mql(now, at=now - timedelta(hours=hours))
    builders.a_deal(now)
    builders.a_contract(now)
    promises.sweep()
    by = builders.an_actor("inside_sales", now=now)
    then = now - WEEK
    moment.simulate(then)
    held, _ = meetings.start(Kind.WEEKLY, by, now=then)
    assert by.member is not None
    owner, day = by.member.pk, then.astimezone(Organization.current().tz).date()
    done = improving.Plan("電話番号の欄を足す", owner, day, kpi="mql-compliance", expected=Decimal("0.05"))
    first = meetings.decide(held.pk, done, by, now=then)
    improving.finish(first.pk, by, now=then)
    meetings.decide(held.pk, improving.Plan("不在時の代理割当", owner, day), by, now=then)
    meetings.close(held.pk, by, now=then)
    moment.simulate(None)
    return held


def at(page: Any, slide: int) -> None:
    page.wait_for_selector(f'#slide-head[data-slide="{slide}"]', state="attached")


def a_second_screen(hands: Hands, path: str) -> Any:
    """Another browser of another member, looking at the same meeting."""
    other = hands.page.context.browser.new_context(viewport=ROOM).new_page()
    member = builders.a_member("marketing", language="ja")
    member.set_password(PASSWORD)
    member.save()
    other.goto(f"{hands.stack.url}/sign-in/")
    other.fill("#id_username", member.username)
    other.fill("#id_password", PASSWORD)
    other.keyboard.press("Enter")
    arrived(other, "#queue")
    other.goto(hands.stack.url + path)
    at(other, 1)
    return other


def test_a_review_is_run_by_seven_keys_and_three_typed_lines_on_every_screen(page, stack, weeks):
    hands = Hands(page, stack)
    member = hands.sign_in("inside_sales")
    page.set_viewport_size(ROOM)
    page.goto(f"{stack.url}/review/")
    arrived(page, ".meeting-kinds")
    hands.keys = 0
    hands.press("2")
    at(page, 1)
    held = Meeting.objects.latest("id")
    assert held.since_id == weeks.pk
    # Last week's homework: what is late stands before what was done.
    expect(page.locator("#homework li").nth(0)).to_contain_text("不在時の代理割当")
    expect(page.locator("#homework li.done")).to_contain_text("電話番号の欄を足す")
    other = a_second_screen(hands, f"/review/weekly/{held.label}/")
    for slide in range(2, len(DECKS[Kind.WEEKLY]) + 1):
        hands.press("ArrowRight")
        at(page, slide)
        at(other, slide)
    assert hands.keys == 6
    for n, words in enumerate(("Call sooner", "A stand-in", "A phone field"), 1):
        page.keyboard.press("d")
        page.locator("#decision:focus").wait_for()
        page.keyboard.type(f"{words} @{member.name}")
        expect(page.locator("#decision-help")).to_contain_text("Say by when")
        page.keyboard.type(" tomorrow")
        expect(page.locator("#decision-help")).to_contain_text(f"Owner {member.name} · due")
        page.keyboard.press("Enter")
        expect(page.locator("#decided li")).to_have_count(n)
        expect(other.locator("#decided li")).to_have_count(n)
        expect(page.locator("#decision")).to_have_value("")
    page.locator("body").press("c")
    hands.keys += 1
    expect(page.locator("#ending")).to_contain_text("Open again")
    assert hands.keys <= 7
    assert Improvement.objects.filter(meeting=held).count() == 3
    told = list(Notice.objects.filter(kind="minutes"))
    assert told
    for notice in told:
        assert all(words in notice.text for words in ("Call sooner", "A stand-in", "A phone field"))
    other.context.close()


def test_what_cannot_be_read_is_said_and_a_browser_that_drops_out_loses_nothing(browser, stack, weeks):
    # A page that is refused is a fault to the browser's console, so this one is opened apart.
    context = browser.new_context(viewport=ROOM)
    page = context.new_page()
    hands = Hands(page, stack)
    hands.sign_in("inside_sales")
    page.goto(f"{stack.url}/review/")
    arrived(page, ".meeting-kinds")
    hands.press("2")
    at(page, 1)
    here = page.url
    page.keyboard.press("d")
    page.locator("#decision:focus").wait_for()
    page.keyboard.type("Call sooner @nobody yesterday")
    page.keyboard.press("Enter")
    expect(page.locator("#decision-help")).to_contain_text("nobody")
    expect(page.locator("#decision")).to_have_value("Call sooner @nobody yesterday")
    page.locator("#decision").fill("Half a sentence")
    page.close()
    back = context.new_page()
    back.goto(here)
    at(back, 1)
    expect(back.locator("#decision")).to_have_value("Half a sentence")
    context.close()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_slide_is_read_from_across_the_room(page, stack, weeks, language):
    hands = Hands(page, stack)
    member = hands.sign_in("inside_sales")
    Member.objects.filter(pk=member.pk).update(language=language)
    page.set_viewport_size(ROOM)
    for kind in (Kind.WEEKLY, Kind.MONTHLY, Kind.STANDUP):
        held, _ = meetings.start(kind, builders.an_actor("inside_sales", now=moment.now()), now=moment.now())
        for n in range(len(DECKS[kind])):
            page.goto(f"{stack.url}/review/{kind}/{held.label}/?slide={n + 1}")
            at(page, n + 1)
            page.wait_for_load_state("load")
            assert page.evaluate(TOO_SMALL, SMALLEST) == [], (kind, n + 1)
            assert page.evaluate(CUT) == [], (kind, n + 1)
