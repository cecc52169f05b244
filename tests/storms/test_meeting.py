"""A review under load: how soon a turned slide is seen elsewhere, and what ten thousand later events change of it."""

from __future__ import annotations

import csv
import itertools
import re
import time
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from dashboards import counts, meetings, past
from dashboards.deck import DECKS, Kind
from dashboards.models import Meeting
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Event, Organization
from funnel.stages import Department, EventKind
from funnel.transitions import corrections
from handoffs import promises
from tests.browser import arrived
from tests.dashboards.conftest import DAY, HOUR, Company, company, tokyo
from tests.dashboards.test_meetings import a_week, signed_in, started
from tests.stories.test_browser_review import ROOM, a_second_screen, at, weeks
from tests.stories.test_queue_hands import Hands

__all__ = ["company", "weeks"]
pytestmark = pytest.mark.storm
TURNS, SOON = 100, 1.0
LAST = len(DECKS[Kind.WEEKLY])


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_turned_slide_is_seen_on_another_screen_within_a_second(page, stack, weeks, record_property):  # noqa: F811
    hands = Hands(page, stack)
    hands.sign_in("inside_sales")
    page.set_viewport_size(ROOM)
    page.goto(f"{stack.url}/review/")
    arrived(page, ".meeting-kinds")
    hands.press("2")
    at(page, 1)
    held = Meeting.objects.latest("id")
    other = a_second_screen(hands, f"/review/weekly/{held.label}/")
    there_and_back = itertools.cycle(
        [("ArrowRight", n) for n in range(2, LAST + 1)] + [("ArrowLeft", n) for n in range(LAST - 1, 0, -1)]
    )
    waits = []
    for key, slide in itertools.islice(there_and_back, TURNS):
        pressed = time.monotonic()
        page.keyboard.press(key)
        at(other, slide)
        waits.append(time.monotonic() - pressed)
        at(page, slide)
    other.context.close()
    waits.sort()
    p50, p99 = waits[TURNS // 2], waits[int(TURNS * 0.99) - 1]
    record_property(
        f"{TURNS} slides turned: p50, p99, longest (s)", tuple(round(n, 3) for n in (p50, p99, waits[-1]))
    )
    assert Meeting.objects.get(pk=held.pk).version >= TURNS
    assert p99 <= SOON


LATER, BACK_DATED = 10_000, 500
FILED, LIVED = 3_000, 420


@pytest.mark.django_db
def test_ten_thousand_later_events_change_no_digit_of_a_review(company, tmp_path, record_property):  # noqa: F811
    a_month(company)
    meeting = started(company)
    kept, then = Meeting.objects.get(pk=meeting.pk).snapshot, meeting.started_at
    client = signed_in(company)
    shown = slides(client, meeting)
    assert kept["numbers"]["stage:won"] == 2
    last, begun = Event.objects.latest("id").pk, time.monotonic()

    file_late(company, tmp_path)
    live_on(company)
    promises.sweep()

    took = time.monotonic() - begun
    later = Event.objects.filter(pk__gt=last)
    assert not later.filter(recorded_at__lte=then).exists()
    back_dated = later.filter(occurred_at__lt=then, occurred_at__gte=tokyo(4, 1, 0))
    events, dated = later.count(), back_dated.count()
    assert events >= LATER
    assert dated >= BACK_DATED
    said = Counter(later.values_list("kind", flat=True))
    assert {
        EventKind.LEAD_CAPTURED, EventKind.MQL_CERTIFIED, EventKind.CONTACT_ATTEMPTED, EventKind.SQL_CERTIFIED,
        EventKind.DEAL_WON, EventKind.EVENT_CORRECTED,
    } <= set(said)  # fmt: skip

    reading = time.monotonic()
    assert Meeting.objects.get(pk=meeting.pk).snapshot == kept
    assert slides(client, meeting) == shown
    scope = Scope(meeting.starts, meeting.ends)
    known = past.numbers(past.read(scope, then, Organization.current()))
    both = known.keys() & kept["numbers"].keys()
    assert {"stage:mql", "rate:mql", "kept:lane-mql", "due:won", "overdue"} <= both
    assert {
        name: (kept["numbers"][name], known[name]) for name in both if known[name] != kept["numbers"][name]
    } == {}
    record_property(
        "later events, of these back-dated, seconds to record them, seconds to read all again, numbers compared",
        (events, dated, round(took, 1), round(time.monotonic() - reading, 1), len(both)),
    )
    # What is true by now is another thing, so that sameness says something.
    live_now = meetings.collect(scope, Organization.current(), moment.now())
    assert live_now["numbers"]["stage:mql"] > kept["numbers"]["stage:mql"] + BACK_DATED
    assert counts.differences() == []


def a_month(company: Company) -> None:  # noqa: F811
    """The week of the meetings' tests, and two passes that were won in it."""
    for n in range(3):
        at_ = tokyo(4, 2 + n)
        lead = company.lead(at_)
        company.mql(lead, at_)
        company.call(lead, at_ + HOUR)
        handed = company.sql(lead, at_ + DAY)
        company.accept(handed, at_ + DAY + HOUR)
        if n:
            company.win(handed, at_ + 5 * DAY, "1000000")
    a_week(company)
    promises.sweep()


def slides(client: Client, meeting: Meeting) -> list[str]:
    """What is read on every slide and on the printed report."""
    here = f"/review/{meeting.kind}/{meeting.label}/"
    pages = [client.get(f"{here}?slide={n + 1}") for n in range(LAST)]
    bodies = [re.search(r'id="slide-head".*?(?=<aside)', page.content.decode(), re.DOTALL) for page in pages]
    assert all(bodies)
    return [_settled(found[0]) for found in bodies if found] + [_report(client, here)]


def _settled(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)


def _report(client: Client, here: str) -> str:
    found = re.search(r'<div class="report">.*', client.get(f"{here}print/").content.decode(), re.DOTALL)
    assert found
    return _settled(found[0]).partition("</main>")[0]


def file_late(company: Company, where: Path) -> None:  # noqa: F811
    """The day after: a file of passes of the weeks before, which nobody had entered until then."""
    moment.simulate(tokyo(4, 21))
    path = where / "late.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ["external_id", "company", "name", "email", "channel", "created_at", "mql_at", "first_contact_at"]
        )
        for n in range(FILED):
            day, hour = 1 + n % 17, 9 + n % 8
            rows.writerow(
                [f"F{n}", f"株式会社後日{n}", f"後日 {n}", f"gojitsu{n}@example.jp", "web"]
                + [f"2026-04-{day:02} {hour:02}:00", f"2026-04-{day + 1:02} {hour:02}:30"]
                + [f"2026-04-{day + 1:02} {hour:02}:50"]
            )
    call_command("ingest", str(path), "--as", "leads", "--history")


def live_on(company: Company) -> None:  # noqa: F811
    """The days after: passes come and are won, calls of before are entered late, what was entered wrong is put right."""
    marketing = company.by(Department.MARKETING)
    for n in range(LIVED):
        came = tokyo(4, 22) + n * HOUR / 4
        lead = company.lead(came, "expo" if n % 3 else "web")
        company.mql(lead, came + HOUR / 8)
        company.call(lead, came + HOUR / 6)
        if n % 4 == 0:
            handed = company.sql(lead, came + HOUR / 5)
            company.accept(handed, came + HOUR / 4)
            if n % 8 == 0:
                company.win(handed, came + HOUR / 3, "1200000")
    certified = Event.objects.filter(kind=EventKind.MQL_CERTIFIED).order_by("id")
    of_before = list(certified.filter(recorded_at__lt=tokyo(4, 20)))
    moment.simulate(tokyo(4, 29))
    for wrong in of_before:
        corrections.correct_time(
            wrong.pk,
            marketing,
            now=moment.now(),
            occurred_at=wrong.occurred_at + HOUR / 60,
            reason="日時違い",
        )
