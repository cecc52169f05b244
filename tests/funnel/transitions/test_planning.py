"""What is to be done next with a deal, and moving one that somebody else may move too."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from funnel import moment
from funnel.errors import BadValue, MoveRefused
from funnel.models import Deal, Event
from funnel.querysets import deals_due, with_moved_at
from funnel.transitions import corrections, deals, leads
from funnel.transitions.acting import SYSTEM
from tests.builders import a_deal, a_member
from tests.handoffs.faults import at_once

pytestmark = pytest.mark.django_db
MAY = date(2027, 5, 10)


def test_a_next_step_is_kept_in_words_that_can_be_erased_and_the_ledger_keeps_none(now) -> None:
    deal = deals.plan(a_deal(now).pk, SYSTEM, now=now, next_step=" 山田様へ見積を送る ", next_step_on=MAY)
    assert (deal.next_step_text, deal.next_step_on) == ("山田様へ見積を送る", MAY)
    told = Event.objects.get(kind="details_changed", deal=deal)
    assert told.data == {
        "what": "deal",
        "id": deal.pk,
        "fields": ["next_step", "next_step_on"],
        "next_step_on": "2027-05-10",
    }
    assert (told.binding, told.note) == (False, deal.next_step)


def test_what_is_said_again_is_no_change(now) -> None:
    deal = a_deal(now)
    for _ in range(2):
        deals.plan(deal.pk, SYSTEM, now=now, next_step="電話", next_step_on=MAY)
    assert Event.objects.filter(kind="details_changed", deal=deal).count() == 1


def test_taking_a_next_step_back_takes_its_day_too(now) -> None:
    deal = deals.plan(a_deal(now).pk, SYSTEM, now=now, next_step="電話", next_step_on=MAY)
    deals.describe(deal.pk, SYSTEM, now=now, next_step="")
    deal.refresh_from_db()
    assert (deal.next_step, deal.next_step_on) == (None, None)


def test_a_day_without_a_step_is_refused_at_its_field(now) -> None:
    with pytest.raises(BadValue, match="next_step_required") as refused:
        deals.plan(a_deal(now).pk, SYSTEM, now=now, next_step=" ", next_step_on=MAY)
    assert refused.value.field == "next_step"


def test_who_did_not_see_what_stands_now_overwrites_nothing(now) -> None:
    deal = a_deal(now)
    seen = deal.next_step_seen
    deals.plan(deal.pk, SYSTEM, now=now, next_step="電話", seen=seen)
    with pytest.raises(MoveRefused, match="conflict"):
        deals.plan(deal.pk, SYSTEM, now=now, next_step="訪問", seen=seen)
    # The same form sent twice is no conflict.
    assert deals.plan(deal.pk, SYSTEM, now=now, next_step="電話", seen=seen).next_step_text == "電話"


def test_a_closed_deal_is_not_planned_but_one_reopened_knows_its_step(now) -> None:
    deal = deals.plan(a_deal(now).pk, SYSTEM, now=now, next_step="電話", next_step_on=MAY)
    deals.lose(deal.pk, SYSTEM, now=now, reason="price")
    with pytest.raises(MoveRefused, match="deal_not_open"):
        deals.plan(deal.pk, SYSTEM, now=now, next_step="訪問")
    assert deals.reopen(deal.pk, SYSTEM, now=now, reason="再検討").next_step_text == "電話"


def test_what_is_due_is_what_is_open_and_dated_today_or_before(now) -> None:
    def planned(day: date | None) -> Deal:
        return deals.plan(a_deal(now).pk, SYSTEM, now=now, next_step="電話", next_step_on=day)

    late, due = planned(MAY - timedelta(days=3)), planned(MAY)
    planned(MAY + timedelta(days=1)), planned(None), a_deal(now)
    deals.lose(planned(MAY).pk, SYSTEM, now=now, reason="price")
    rows = deals_due(Deal.objects.all(), MAY).order_by("next_step_on", "id")
    assert list(rows) == [late, due]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        assert "deal_next_step_due" in rows.explain()


def test_a_deal_stands_still_from_its_last_step_or_what_was_done_and_notes_move_nothing(now) -> None:
    def moved_at(deal: Deal):
        return with_moved_at(Deal.objects.filter(pk=deal.pk)).get().moved_at

    def days(n: int) -> timedelta:
        return timedelta(days=n)

    deal = a_deal(now, at=now - days(40))
    assert moved_at(deal) == now - days(40)
    deals.move_step(deal.pk, SYSTEM, now=now, step="proposal", occurred_at=now - days(30))
    assert moved_at(deal) == now - days(30)
    call = leads.log(deal.lead_id, SYSTEM, now=now, kind="call", occurred_at=now - days(9))
    assert moved_at(deal) == now - days(9)
    leads.log(deal.lead_id, SYSTEM, now=now, kind="note", direction="internal")
    leads.log(deal.lead_id, SYSTEM, now=now, kind="mail", is_human=False)
    assert moved_at(deal) == now - days(9)
    corrections.withdraw(call.event_id, SYSTEM, now=now, reason="")
    assert moved_at(deal) == now - days(30)


def test_a_move_from_where_the_deal_no_longer_stands_is_refused(now) -> None:
    deal = a_deal(now)
    deals.move_step(deal.pk, SYSTEM, now=now, step="proposal", seen="first_meeting")
    with pytest.raises(MoveRefused, match="conflict"):
        deals.move_step(deal.pk, SYSTEM, now=now, step="contracting", seen="first_meeting")
    # Back is a move like any other, and where it stands already it is no move.
    deals.move_step(deal.pk, SYSTEM, now=now, step="first_meeting", seen="proposal")
    deals.move_step(deal.pk, SYSTEM, now=now, step="first_meeting", seen="proposal")
    assert Event.objects.filter(deal=deal, kind="deal_step_changed").count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_the_same_deal_at_once_one_does_and_one_is_told(transactional_db) -> None:
    for _ in range(3):
        deal = a_deal(moment.now())

        def move(number: int, deal: Deal = deal) -> str:
            to = ("proposal", "negotiation")[number]
            with transaction.atomic():
                return deals.move_step(deal.pk, SYSTEM, now=moment.now(), step=to, seen="first_meeting").step

        results = at_once(2, move)
        deal.refresh_from_db()
        assert [r for r in results if isinstance(r, str)] == [deal.step]
        assert [r.code for r in results if isinstance(r, MoveRefused)] == ["conflict"]
        assert Event.objects.filter(deal=deal, kind="deal_step_changed").count() == 1


def test_what_changes_of_a_deal_is_an_event_with_figures_and_without_words(now) -> None:
    deal = a_deal(now)
    owner = a_member("field_sales")
    deals.describe(
        deal.pk, SYSTEM, now=now, amount="120", owner=owner, name="山田様の件", expected_close_on=MAY
    )
    deals.describe(deal.pk, SYSTEM, now=now, amount="120.00", owner=owner)
    told = Event.objects.get(kind="details_changed", deal=deal)
    assert told.data == {
        "what": "deal",
        "id": deal.pk,
        "fields": ["name", "amount", "owner", "expected_close_on"],
        "amount": {"from": None, "to": "120"},
        "owner": {"from": None, "to": owner.pk},
        "expected_close_on": {"from": None, "to": "2027-05-10"},
    }
    assert not told.binding
    deals.describe(deal.pk, SYSTEM, now=now, amount=None, next_step="見積")
    last, planned = Event.objects.filter(kind="details_changed", deal=deal).order_by("id")[1:]
    assert (last.data["amount"], planned.data["fields"]) == ({"from": "120", "to": None}, ["next_step"])
