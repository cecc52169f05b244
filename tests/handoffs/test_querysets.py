"""One expression says how a promise stands; filters, counts and a plain recount of the ledger agree."""

from collections import Counter
from datetime import datetime

import pytest

from funnel import moment
from handoffs import promises
from handoffs.lanes import Promise
from handoffs.models import Handoff
from tests.handoffs import histories
from tests.handoffs.conftest import HOUR, Story, deaf

SEEDS = range(1, 6)


def _said(now: datetime | None = None) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for lead_id, state in (
        Handoff.objects.with_promise(now).order_by("round").values_list("lead_id", "promise")
    ):
        found.setdefault(lead_id, []).append(state)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_the_state_is_what_the_ledger_says(story: Story, seed: int) -> None:
    lives = histories.live(story, seed)
    now = moment.now()
    for moment_of_reading in (now, now + 12 * HOUR, now + 48 * HOUR):
        expected = {
            lead.pk: [r.state(moment_of_reading) for r in histories.recount(lead)]
            for lead in lives
            if histories.recount(lead)
        }
        assert _said(moment_of_reading) == expected
        _filters_agree(moment_of_reading)


def _filters_agree(now: datetime) -> None:
    """Every row is in one state, and the filter for that state finds it."""
    by_expression = Counter(Handoff.objects.with_promise(now).values_list("promise", flat=True))
    by_filter = {state: Handoff.objects.standing(state, now=now).count() for state in Promise}
    assert {s: n for s, n in by_filter.items() if n} == by_expression
    assert sum(by_expression.values()) == Handoff.objects.count() > 4


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_not_heard_is_made_up_for_exactly(story: Story, seed: int) -> None:
    with deaf():
        lives = histories.live(story, seed, swept=False)
    assert not Handoff.objects.exists()
    promises.reconcile()
    expected = {
        lead.pk: [r.state(moment.now()) for r in histories.recount(lead)]
        for lead in lives
        if histories.recount(lead)
    }
    assert _said() == expected
    assert not any(promises.forgotten().values())
    before = list(Handoff.objects.order_by("id").values_list())
    assert not any(promises.reconcile().values())
    assert list(Handoff.objects.order_by("id").values_list()) == before


def test_overdue_is_missed_still_owed_and_still_live(story: Story) -> None:
    moment.simulate(histories.START)
    called, waiting, returned = story.mql(), story.mql(), story.mql()
    moment.simulate(histories.START + 25 * HOUR)
    story.call(called)
    story.give_back(returned)
    assert list(Handoff.objects.overdue()) == [waiting]
    assert list(Handoff.objects.owed()) == [waiting]


def test_compliance_counts_by_the_due_moment_cancelled_shown_open_left_out(story: Story) -> None:
    moment.simulate(histories.START)
    kept, missed, returned = story.mql(), story.mql(), story.mql()
    story.call(kept)
    story.give_back(returned)
    moment.simulate(histories.START + 30 * HOUR)
    story.mql()
    due = missed.due_at
    rows = Handoff.objects.compliance("mql", due - HOUR, due)
    assert Counter(rows.values_list("promise", flat=True)) == {"kept": 1, "missed": 1, "cancelled": 1}
    assert not Handoff.objects.compliance("mql", due, due + HOUR).exists()
    gate = story.sql()
    assert list(Handoff.objects.compliance("sql", gate.opened_at, gate.opened_at + HOUR)) == [gate]


def test_pending_is_what_can_still_be_decided(story: Story) -> None:
    waiting, accepted, returned = story.mql(), story.mql(), story.mql()
    story.accept(accepted)
    story.give_back(returned)
    story.call(waiting)
    assert list(Handoff.objects.pending()) == [waiting]
    assert list(Handoff.objects.pending().for_departments(["marketing"])) == []
