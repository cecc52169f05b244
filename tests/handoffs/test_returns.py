"""Returned, sent again, and ended with its subject: what stays of a promise."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from funnel import moment
from funnel.errors import MoveRefused, NotYours, Refused
from funnel.models import Event, Person
from funnel.transitions import acting, corrections, deals, leads
from handoffs import promises
from handoffs.models import Handoff, Notice
from tests.handoffs.conftest import HOUR, Story, events_of, fresh, promise

START = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)
Clock = Callable[[datetime | None], None]


def test_returned_before_due_without_contact_is_cancelled(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(START + HOUR)
    now = story.give_back(owed, "not_a_fit")
    assert (now.promise, now.decision, now.return_reason) == ("cancelled", "returned", "not_a_fit")
    assert now.returned_after_contact is False
    assert now.cancelled_at == now.decided_at == now.closed_at == START + HOUR
    assert now.lead.stage == "lead"
    assert now.decided_by == story.people["inside_sales"].member
    assert Notice.objects.get(key=f"returned:{owed.pk}").department == "marketing"


def test_returned_after_contact_stays_kept(story: Story) -> None:
    owed = story.mql()
    story.call(owed)
    now = story.give_back(owed)
    assert (now.promise, now.decision, now.returned_after_contact) == ("kept", "returned", True)


@pytest.mark.parametrize("swept", [False, True], ids=["unswept", "swept"])
@pytest.mark.parametrize(
    ("after_due", "expected"), [(timedelta(0), "cancelled"), (timedelta(microseconds=1), "missed")]
)
def test_returned_after_due_stays_missed(
    story: Story, at: Clock, after_due: timedelta, expected: str, swept: bool
) -> None:
    at(START)
    owed = story.mql()
    at(START + 24 * HOUR + after_due)
    if swept:
        promises.sweep()
    now = story.give_back(owed)
    assert (now.promise, now.decision) == (expected, "returned")
    assert now.missed_at == (owed.due_at if expected == "missed" else None)
    assert Notice.objects.filter(key=f"missed:{owed.pk}").exists() == (expected == "missed")
    assert not Handoff.objects.overdue().exists()


def test_a_call_after_the_return_keeps_nothing(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(START + 25 * HOUR)
    story.give_back(owed)
    story.call(owed)
    assert promise(owed) == "missed"


def test_sent_again_five_times_is_five_rounds_with_a_clock_each(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    rounds = [owed]
    for hours in (23, 25, 23, 25):
        at(rounds[-1].opened_at + hours * HOUR)
        story.give_back(rounds[-1])
        rounds.append(story.mql(lead=owed.lead))
    found = list(Handoff.objects.filter(lead=owed.lead).with_promise().order_by("round"))
    assert [h.round for h in found] == [1, 2, 3, 4, 5]
    assert [h.promise for h in found] == ["cancelled", "missed", "cancelled", "missed", "open"]
    assert [h.due_at - h.opened_at for h in found] == [24 * HOUR] * 5
    assert [h.decision for h in found] == ["returned"] * 4 + ["pending"]


def test_a_returned_deal_is_handed_over_again_as_the_next_round(story: Story) -> None:
    first = story.sql(sheet={}, below_threshold_reason="meeting_soon")
    now = story.give_back(first, "incomplete")
    assert (now.promise, now.deal.state, now.lead.stage) == ("missed", "returned", "mql")
    second = story.sql(first.lead)
    assert (second.deal_id, second.round, promise(second)) == (first.deal_id, 2, "kept")
    assert promise(first) == "missed"
    assert second.sheet.score == 100


def test_a_returned_win_is_handed_over_again_with_a_new_clock(story: Story, at: Clock) -> None:
    at(START)
    first = story.won()
    at(START + 24 * HOUR)
    assert story.give_back(first, "incomplete").promise == "cancelled"
    assert events_of(first, "handoff_returned") == 1
    at(START + 7 * 24 * HOUR)
    deals.resend_won(first.deal_id, story.people["field_sales"], now=moment.now())
    second = Handoff.objects.get(deal=first.deal, boundary="won", round=2)
    assert (promise(second), second.opened_at) == ("open", START + 7 * 24 * HOUR)
    assert second.due_at == datetime(2026, 5, 13, 15, tzinfo=UTC)


def test_an_open_round_is_not_doubled(story: Story) -> None:
    first = story.won()
    with pytest.raises(MoveRefused, match="not_returned"):
        deals.resend_won(first.deal_id, story.people["field_sales"], now=moment.now())
    assert not Event.objects.filter(kind="won_resent").exists()
    assert Handoff.objects.filter(deal=first.deal, boundary="won").count() == 1
    assert promises.reconcile()["opened"] == 0


def test_an_advocate_can_be_returned(story: Story) -> None:
    now = story.give_back(story.advocacy(), "記事にできる成果がまだない")
    assert (now.promise, now.decision, now.return_reason) == ("cancelled", "returned", "other")
    assert Event.objects.get(kind="handoff_returned").note.text == "記事にできる成果がまだない"


@pytest.mark.parametrize("boundary", ["mql", "sql", "won", "advocacy"])
def test_a_return_needs_a_reason_and_the_receiver_and_writes_nothing_else(
    story: Story, boundary: str
) -> None:
    owed = {"mql": story.mql, "sql": story.sql, "won": story.won, "advocacy": story.advocacy}[boundary]()
    before = Event.objects.count()
    for by, reason, code in [
        (story.people[owed.to_department], "", "reason_required"),
        (story.people[owed.from_department], "no_budget", "not_yours"),
    ]:
        with pytest.raises(Refused) as refused, transaction.atomic():
            promises.give_back(owed.pk, by, now=moment.now(), reason=reason)
        assert refused.value.code == code
    assert Event.objects.count() == before
    assert fresh(owed).decision == "pending"


def test_what_was_accepted_is_not_returned(story: Story) -> None:
    owed = story.mql()
    story.accept(owed)
    with pytest.raises(MoveRefused) as refused:
        story.give_back(owed)
    assert refused.value.code == "not_pending"
    assert "accepted" in refused.value.say("en")
    assert "受領" in refused.value.say("ja")


def _disqualify(story: Story, owed: Handoff) -> None:
    leads.disqualify(owed.lead_id, story.people["inside_sales"], now=moment.now(), reason="spam")


def _recycle(story: Story, owed: Handoff) -> None:
    wake = moment.now().date() + timedelta(days=30)
    by = story.people["inside_sales"]
    leads.recycle(owed.lead_id, by, now=moment.now(), reason="timing", wake_up_on=wake)


def _merge(story: Story, owed: Handoff) -> None:
    older = Person.objects.create(name="先")
    # The younger pass is the one that closes.
    keep = leads.capture(
        story.people["marketing"], now=moment.now(), fields=leads.LeadFields(company="先の会社", name="先"),
        occurred_at=owed.lead.lead_at - HOUR,
    ).lead  # fmt: skip
    older.delete()
    leads.merge_people(keep.person_id, owed.lead.person_id, acting.SYSTEM, now=moment.now())


def _join(story: Story, owed: Handoff) -> None:
    account = owed.lead.account
    colleague = story.lead(company=account.name)
    other = story.sql(story.mql(lead=colleague).lead)
    leads.join(owed.lead_id, other.deal_id, story.people["inside_sales"], now=moment.now())


def _withdraw(story: Story, owed: Handoff) -> None:
    corrections.withdraw(owed.opened_by_id, story.people["marketing"], now=moment.now(), reason="誤認定")


ENDINGS = [_disqualify, _recycle, _merge, _join, _withdraw]


@pytest.mark.parametrize("end", ENDINGS)
def test_an_open_promise_ends_with_its_subject(story: Story, end: Callable[[Story, Handoff], None]) -> None:
    owed = story.mql()
    end(story, owed)
    now = fresh(owed)
    assert (now.promise, now.closed_at is not None) == ("cancelled", True)
    assert not Handoff.objects.pending().filter(pk=owed.pk).exists()


@pytest.mark.parametrize("end", ENDINGS)
@pytest.mark.parametrize("state", ["missed", "kept", "kept_late"])
def test_a_finished_verdict_outlives_its_subject(
    story: Story, at: Clock, end: Callable[[Story, Handoff], None], state: str
) -> None:
    at(START)
    owed = story.mql()
    if state == "kept":
        story.call(owed)
    at(START + 25 * HOUR)
    if state == "kept_late":
        story.call(owed)
    end(story, owed)
    assert promise(owed) == state
    assert not Handoff.objects.overdue().filter(pk=owed.pk).exists()


def test_certified_again_after_a_withdrawal_is_the_next_round(story: Story) -> None:
    owed = story.mql()
    _withdraw(story, owed)
    assert story.mql(lead=owed.lead).round == 2


def test_a_void_deal_ends_both_of_its_promises(story: Story) -> None:
    owed = story.sql()
    won = story.won(owed.deal)
    deals.void(owed.deal_id, story.people["field_sales"], now=moment.now(), reason="重複")
    assert (promise(won), promise(owed)) == ("cancelled", "kept")
    assert not Handoff.objects.live().filter(deal=owed.deal_id).exists()


def test_a_win_taken_back_and_won_again_is_the_next_round(story: Story) -> None:
    first = story.won()
    deals.reopen(first.deal_id, story.people["field_sales"], now=moment.now(), reason="誤り")
    assert promise(first) == "cancelled"
    second = story.won(first.deal)
    assert (second.round, promise(second)) == (2, "open")


def test_only_the_receiving_department_returns(story: Story) -> None:
    owed = story.mql()
    with pytest.raises(NotYours):
        promises.give_back(owed.pk, story.people["customer_success"], now=moment.now(), reason="no_budget")
