"""The sweep: marks as of the due moment, each promise once, and changes no verdict."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from handoffs import promises
from handoffs.models import Delivery, Handoff, LaneTerms, Notice, SweepRun
from handoffs.signals import promise_changed
from handoffs.tasks import deliver, reconcile, sweep
from tests.handoffs.conftest import HOUR, Story, fresh, promise

START = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
Clock = Callable[[datetime | None], None]


@pytest.mark.parametrize(("after", "marked"), [(-SECOND, 0), (20 * SECOND, 0), (21 * SECOND, 1)])
def test_it_waits_longer_than_a_request_may_take(
    story: Story, at: Clock, after: timedelta, marked: int
) -> None:
    at(START)
    owed = story.mql()
    at(START + 24 * HOUR + after)
    assert promises.sweep().marked == marked
    assert fresh(owed).missed_at == (owed.due_at if marked else None)


def test_it_marks_as_of_the_due_moment_however_late_it_runs(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(START + 30 * HOUR)
    swept = promises.sweep()
    assert (swept.marked, swept.worst_lag_seconds) == (1, 6 * 3600)
    assert fresh(owed).missed_at == START + 24 * HOUR
    run = SweepRun.objects.get()
    assert (run.ran_at, run.marked, run.worst_lag_seconds) == (START + 30 * HOUR, 1, 6 * 3600)


def test_it_tells_once(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(START + 30 * HOUR)
    assert [promises.sweep().marked for _ in range(3)] == [1, 0, 0]
    told = Notice.objects.get(kind="missed")
    assert (told.key, told.department, told.member) == (f"missed:{owed.pk}", "inside_sales", owed.owner)


def test_it_leaves_what_was_kept_cancelled_or_has_no_clock(story: Story, at: Clock) -> None:
    at(START)
    kept, returned, gate = story.mql(), story.mql(), story.sql()
    story.call(kept)
    story.call(gate)
    story.give_back(returned)
    at(START + 30 * HOUR)
    assert promises.sweep().marked == 0
    assert [promise(h) for h in (kept, returned, gate)] == ["kept", "cancelled", "kept"]


def test_it_tells_readings_of_every_promise_it_marks(story: Story, at: Clock) -> None:
    at(START)
    owed = {story.mql().pk for _ in range(5)}
    at(START + 30 * HOUR)
    heard: list[int] = []

    def hear(handoffs: list[Handoff], **_: object) -> None:
        assert all(h.missed_at == h.due_at for h in handoffs)
        heard.extend(h.pk for h in handoffs)

    promise_changed.connect(hear)
    try:
        promises.sweep(batch=2)
    finally:
        promise_changed.disconnect(hear)
    assert sorted(heard) == sorted(owed)


def test_a_warning_is_told_once_at_three_quarters_and_says_nothing_of_the_verdict(
    story: Story, at: Clock
) -> None:
    at(START)
    owed = story.mql()
    assert owed.warn_at == START + 18 * HOUR
    at(START + 18 * HOUR - SECOND)
    assert promises.sweep().warned == 0
    at(START + 18 * HOUR)
    assert [promises.sweep().warned for _ in range(2)] == [1, 0]
    assert Notice.objects.get(kind="warning").key == f"warning:{owed.pk}:75"
    assert (promise(owed), fresh(owed).warn_at) == ("open", None)


def test_no_warning_once_it_is_kept_or_past_due(story: Story, at: Clock) -> None:
    at(START)
    kept, late = story.mql(), story.mql()
    story.call(kept)
    at(START + 24 * HOUR + SECOND)
    promises.sweep()
    at(START + 30 * HOUR)
    promises.sweep()
    assert not Notice.objects.filter(kind="warning").exists()
    assert promise(late) == "missed"


def test_after_an_outage_only_the_latest_warning_is_told(story: Story, at: Clock) -> None:
    at(START)
    LaneTerms.objects.create(
        boundary="mql", version=2, target=10, unit="elapsed_hours", warn_at_percent=[50, 75, 90]
    )
    owed = story.mql()
    assert owed.warn_at == START + 5 * HOUR
    at(START + 8 * HOUR)
    promises.sweep()
    at(START + 9.5 * HOUR)
    promises.sweep()
    keys = list(Notice.objects.filter(kind="warning").order_by("id").values_list("key", flat=True))
    assert keys == [f"warning:{owed.pk}:75", f"warning:{owed.pk}:90"]


def test_the_command_says_what_it_marked(story: Story, at: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    at(START)
    story.mql()
    at(START + 25 * HOUR)
    call_command("sweep")
    assert capsys.readouterr().out == "marked=1 worst_lag_seconds=3600 warned=0 escalated=0\n"


@pytest.mark.parametrize("task", [sweep, deliver, reconcile])
def test_a_task_done_twice_changes_nothing_the_second_time(story: Story, at: Clock, task: Callable) -> None:
    at(START)
    story.mql()
    at(START + 25 * HOUR)
    task()

    def rows() -> list[object]:
        models = (Handoff, Notice, Delivery)
        return [row for model in models for row in model.objects.order_by("id").values_list()]

    before = rows()
    task()
    assert rows() == before
