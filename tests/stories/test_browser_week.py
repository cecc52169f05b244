"""A week played in a browser: leads come, promises are missed, why is said, a review decides, and later it is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from playwright.sync_api import expect

from dashboards import improving
from dashboards.models import BreachReview, Improvement, Meeting
from funnel import moment
from funnel.models import Lead
from handoffs.models import Handoff, Notice
from tests import builders
from tests.browser import arrived
from tests.doors import Caller, a_token, lead_body
from tests.stories.test_browser_review import ROOM, at
from tests.stories.test_queue_hands import Hands

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MONDAY = datetime(2026, 8, 31, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
"""A week like any other: no holiday in it nor in the next one, and no number was defined anew in either."""
Clock = Callable[[datetime], datetime]


@pytest.fixture
def clock(transactional_db: None) -> Iterator[Clock]:
    """Sets the clock of every process that connects from then on, this one too."""
    name = connection.settings_dict["NAME"]

    def tell(words: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" {words}')
        connection.close()

    def to(when: datetime) -> datetime:
        tell(f"SET revops.clock = '{when.isoformat()}'")
        return moment.now()

    yield to
    tell("RESET revops.clock")


def come(caller: Caller, count: int) -> list[Lead]:
    """So many leads arrive over the API and ask for a call."""
    found = []
    for _n in range(count):
        made = caller.post("leads/", lead_body())
        assert made.status == 201, made.raw
        assert caller.post(f"leads/{made['id']}/qualify/", {"to": "mql", "reason": "inquiry"}).status == 200
        found.append(Lead.objects.get(pk=made["id"]))
    return found


def called(hands: Hands, lead: Lead) -> None:
    """Press "called" in the lead's row of the queue."""
    handoff = Handoff.objects.get(lead=lead, boundary="mql")
    hands.page.locator(f"#row-promise-{handoff.pk} button[value=called]").click()
    hands.page.locator(f"#row-promise-{handoff.pk}.done .outcome").wait_for()


def test_what_was_missed_is_explained_decided_on_and_measured(page, stack, clock: Clock):
    begun = MONDAY
    caller = Caller(a_token())
    hands = Hands(page, stack)
    # Monday: eight inquiries. Five are called the same day, three only two days later.
    now = clock(begun)
    member = hands.sign_in("inside_sales")
    arrivals = come(caller, 8)
    clock(begun + timedelta(hours=2))
    hands.open()
    for lead in arrivals[:5]:
        called(hands, lead)
    now = clock(begun + 2 * DAY)
    hands.open()
    for lead in arrivals[5:]:
        called(hands, lead)
        # Why it came too late is asked at once, and one click answers.
        asked = page.locator(".toast form.asked")
        asked.locator("button[name=one]").first.click()
        expect(asked).to_have_count(0)
    assert Handoff.objects.filter(boundary="mql", missed_at__isnull=False).count() == 3
    assert BreachReview.objects.exclude(cause="").count() == 3

    # Friday: the review, by keys alone on the projector, from the slide that names the lane.
    clock(begun + 4 * DAY)
    page.set_viewport_size(ROOM)
    page.goto(f"{stack.url}/review/")
    arrived(page, ".meeting-kinds")
    hands.keys = 0
    hands.press("2")
    at(page, 1)
    hands.press("ArrowRight", "ArrowRight")
    at(page, 3)
    expect(page.locator("h1")).to_contain_text("3 of 8 missed")
    due = begun + 11 * DAY
    for n, words in enumerate(("Call before noon", "A stand-in for absences", "A phone field"), 1):
        # A hand is slower than the few milliseconds in which the line before is still being put away.
        page.locator("form.decide:not([data-sent])").wait_for()
        page.keyboard.press("d")
        page.locator("#decision:focus").wait_for()
        page.keyboard.type(f"{words} @{member.name} {due.month}/{due.day}")
        page.keyboard.press("Enter")
        expect(page.locator("#decided li")).to_have_count(n)
    hands.press("ArrowRight", "ArrowRight", "ArrowRight")
    at(page, 6)
    page.locator("body").press("c")
    expect(page.locator("#ending")).to_contain_text("Open again")
    assert hands.keys + 1 <= 7
    first = Improvement.objects.earliest("id")
    assert [each.kpi for each in Improvement.objects.all()] == ["mql-compliance"] * 3
    assert "A phone field" in Notice.objects.get(kind="minutes", member=member).text

    # It is done the same day, and in the week after it eight others are all called in time.
    improving.finish(first.pk, builders.an_actor("inside_sales", now=now), now=begun + 4 * DAY)
    clock(begun + WEEK)
    later = come(caller, 8)
    clock(begun + WEEK + timedelta(hours=1))
    page.set_viewport_size({"width": 1280, "height": 800})
    hands.open()
    for lead in later:
        called(hands, lead)

    # A week after the review: its homework is in sight, the late one would stand first, and the effect is measured.
    clock(begun + WEEK + 4 * DAY + timedelta(hours=1))
    page.goto(f"{stack.url}/review/")
    arrived(page, ".meeting-kinds")
    page.keyboard.press("2")
    at(page, 1)
    assert Meeting.objects.latest("id").since is not None
    expect(page.locator("#homework li")).to_have_count(3)
    expect(page.locator("#homework li.done")).to_contain_text("Call before noon")
    page.goto(f"{stack.url}/improvements/{first.pk}/")
    arrived(page, "main h1")
    expect(page.locator("main")).to_contain_text("62.5% (5/8) before, 100.0% (8/8) after")
