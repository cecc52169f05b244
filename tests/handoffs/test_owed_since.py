"""From when a first contact is timed, kept in the row of its pass, is what the promises say after every act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F, OuterRef, Subquery

from dashboards.counts.ledger import findings
from funnel import moment
from funnel.models import Event, Lead
from funnel.transitions import corrections, leads
from handoffs import promises
from handoffs.lanes import Boundary
from handoffs.models import Handoff
from tests.handoffs import histories
from tests.handoffs.conftest import HOUR, Story, deaf

pytestmark = pytest.mark.django_db


def wrong() -> list[tuple[object, ...]]:
    """Passes whose kept moment is not the opening of their latest round, looked up one by one."""
    rounds = Handoff.objects.filter(lead=OuterRef("pk"), boundary=Boundary.MQL).order_by("-round")
    asked = Lead.objects.annotate(says=Subquery(rounds.values("opened_at")[:1]))
    return [row for row in asked.values_list("pk", "contact_owed_since", "says") if row[1] != row[2]]


def found() -> int:
    return next(one.count for one in findings() if one.check == "first contacts")


Clock = Callable[[datetime | None], None]


def kept(lead: Lead) -> object:
    return Lead.objects.values_list("contact_owed_since", flat=True).get(pk=lead.pk)


@pytest.mark.parametrize("seed", range(4))
def test_through_random_lives_it_is_the_latest_round(story: Story, seed: int, monkeypatch) -> None:
    lived, act = [], histories._act

    def looked_at(*args: object) -> None:
        act(*args)  # type: ignore[arg-type]
        assert wrong() == []
        lived.append(1)

    monkeypatch.setattr(histories, "_act", looked_at)
    lives = histories.live(story, seed)
    assert len(lived) > 20
    assert Handoff.objects.filter(lead__in=lives, round__gt=1).exists()
    assert found() == 0


def test_certified_again_returned_undone_corrected_and_merged(story: Story, at: Clock) -> None:
    start = histories.START
    at(start)
    owed = story.mql()
    lead = owed.lead
    assert kept(lead) == owed.opened_at
    at(start + HOUR)
    story.give_back(owed)
    assert kept(lead) == owed.opened_at
    at(start + 2 * HOUR)
    returned = Event.objects.filter(kind="mql_returned").latest("id")
    corrections.withdraw(returned.pk, story.people["inside_sales"], now=moment.now(), reason="誤り")
    assert kept(lead) == owed.opened_at
    story.give_back(owed)
    at(start + 3 * HOUR)
    again = story.mql(lead=lead)
    assert (again.round, kept(lead)) == (2, again.opened_at)
    assert again.opened_at > owed.opened_at
    certified = Event.objects.filter(kind="mql_certified").latest("id")
    corrections.correct_time(
        certified.pk,
        story.people["marketing"],
        now=moment.now(),
        occurred_at=start + 2 * HOUR,
        reason="日付違い",
    )
    assert wrong() == []
    other = story.lead()
    leads.merge_people(lead.person_id, other.person_id, story.people["marketing"], now=moment.now())
    assert wrong() == []
    assert found() == 0


def test_a_promise_not_heard_of_is_dated_when_it_is_made_up_for(story: Story) -> None:
    with deaf():
        event = story.mql_event()
    assert kept(event.lead) is None
    promises.reconcile()
    assert kept(event.lead) == Handoff.objects.get(lead=event.lead).opened_at


@pytest.mark.parametrize(
    "said", ["NULL", "now()", "'2020-01-01'::timestamptz", "contact_owed_since - interval '1 day'"]
)
def test_no_statement_makes_it_something_else(story: Story, said: str) -> None:
    owed, never = story.mql(), story.lead()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE funnel_lead SET contact_owed_since = {said}")  # noqa: S608  Words of this test.
        assert cursor.rowcount >= 2
    assert (kept(owed.lead), kept(never)) == (owed.opened_at, None)


def test_a_row_read_before_the_promise_and_saved_whole_after_it_changes_nothing(story: Story) -> None:
    read_before = story.lead()
    owed = story.mql(lead=read_before)
    stale = Lead.objects.get(pk=read_before.pk)
    stale.contact_owed_since = None
    stale.save()
    assert kept(read_before) == owed.opened_at


def test_reconcile_finds_what_the_trigger_would_not_have_let_in(story: Story) -> None:
    story.mql()
    assert found() == 0
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE funnel_lead DISABLE TRIGGER lead_contact_owed_since")
    Lead.objects.update(contact_owed_since=F("lead_at") - timedelta(days=1))
    assert found() == Lead.objects.count() == 1
