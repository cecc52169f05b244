"""What beat asks for: promises of the last days each minute, whatever was forgotten once an hour."""

from datetime import UTC, datetime, timedelta

from handoffs import tasks
from handoffs.models import Handoff
from tests.handoffs.conftest import Story, deaf

START = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)


def test_each_minute_reaches_back_some_days_and_each_hour_for_ever(story: Story, at) -> None:
    at(START)
    lead = story.lead()
    with deaf():
        story.mql_event(lead=lead)
    at(START + tasks.LATELY + timedelta(hours=1))
    tasks.reconcile()
    assert not Handoff.objects.exists()
    tasks.reconcile_all()
    assert Handoff.objects.get().opened_at == START


def test_what_was_forgotten_lately_does_not_wait_for_the_hour(story: Story, at) -> None:
    at(START)
    lead = story.lead()
    with deaf():
        story.mql_event(lead=lead)
    at(START + timedelta(hours=1))
    tasks.reconcile()
    assert Handoff.objects.get().opened_at == START
