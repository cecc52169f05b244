"""The desk's cursor, and what lies on whose desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel import search
from funnel.models import Deal
from funnel.transitions import customers, deals, leads
from funnel.transitions.acting import SYSTEM
from handoffs import desk
from tests import builders

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(st.integers(0, 9), MOMENTS, st.integers(0, 2**63))
def test_a_cursor_survives_the_address_to_the_microsecond(source, moment, pk):
    cursor = desk.Cursor(source, moment, pk)
    assert desk.Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "x", "1_2", "1_2_3_4", "a_b_c", "0_" + "9" * 400 + "_1"])
def test_what_is_no_cursor_means_the_beginning(text):
    assert desk.Cursor.parse(text) == desk.Cursor()


def on(department: str, tab: str, **more) -> set[tuple[str, int]]:
    found = desk.page(tab, desk.Desk(frozenset({department}), **more), desk.Cursor())
    return {(item.kind, item.record.pk) for item in found.items}


@pytest.mark.django_db
def test_rows_of_one_instant_are_neither_lost_nor_doubled_between_pages(now):
    made = {builders.an_mql(now, at=now - timedelta(hours=1)).pk for _ in range(7)}
    whose, after, seen = desk.Desk(frozenset({"inside_sales"})), desk.Cursor(), []
    while after is not None:
        page = desk.page("do", whose, after, size=3)
        seen += [item.record.lead_id for item in page.items]
        after = page.next
    assert sorted(seen) == sorted(made)


@pytest.mark.django_db
def test_each_record_lies_with_the_department_that_has_to_act(now):
    fresh, certified, deal = builders.a_lead(now), builders.an_mql(now), builders.a_deal(now)
    promised = certified.handoffs.get()
    assert ("lead", fresh.pk) in on("marketing", "do")
    assert ("promise", promised.pk) in on("inside_sales", "do")
    assert ("handoff", promised.pk) in on("inside_sales", "waiting")
    assert on("field_sales", "do") == set()
    assert on("field_sales", "waiting") == {("handoff", deal.handoffs.get().pk)}
    assert on("customer_success", "do") == set()


@pytest.mark.django_db
def test_a_contacted_lead_moves_from_the_promises_to_the_work_in_hand(now):
    lead = builders.an_mql(now)
    caller = builders.an_actor("inside_sales", now=now)
    leads.log(lead.pk, caller, now=now, kind="call", result="connected")
    assert on("inside_sales", "do") == {("lead", lead.pk)}
    assert on("inside_sales", "do", owner=caller.member.pk) == {("lead", lead.pk)}
    assert on("inside_sales", "do", owner=0) == set()


@pytest.mark.django_db
def test_the_counts_are_what_the_tabs_hold(now):
    for _ in range(3):
        builders.an_mql(now, at=now - timedelta(hours=25))
    builders.an_mql(now)
    counted = desk.counts(desk.Desk(frozenset({"inside_sales"})), now)
    assert counted == {"do": 4, "waiting": 4, "returned": 0, "nurture": 0, "overdue": 3}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "ways", [{}, {"dense": 0}, {"dense": 99, "few": 0, "named": 0}], ids=["few", "dense", "many"]
)
def test_a_desk_is_searched_like_the_lists(now, monkeypatch, ways):
    monkeypatch.setattr("handoffs.desk.narrowing.hits", lambda text: search.hits(text, **ways))
    lead = builders.an_mql(now, company="株式会社みなと", name="高橋 由美", email="yumi@minato.example.jp")
    builders.an_mql(now, company="別会社", name="木村 亮")
    promise = ("promise", lead.handoffs.get().pk)
    for typed in ("ミナト", "高橋", "㈱みなと", "yumi@minato", "みなと 由美"):
        assert on("inside_sales", "do", search=typed) == {promise}
        assert desk.counts(desk.Desk(frozenset({"inside_sales"}), typed), now)["do"] == 1
    assert on("inside_sales", "do", search="みなと 亮") == set()


@pytest.mark.django_db
@pytest.mark.parametrize("ways", [{}, {"dense": 0}], ids=["few", "dense"])
def test_customers_and_what_they_agreed_to_are_searched_by_their_people(now, monkeypatch, ways):
    monkeypatch.setattr("handoffs.desk.narrowing.hits", lambda text: search.hits(text, **ways))
    builders.a_contract(now)
    contract = builders.a_contract(now)
    customers.agree_advocacy(contract.customer_id, builders.SYSTEM, now=now)
    handoff = contract.customer.handoffs.get(boundary="advocacy")
    company = contract.customer.account.name
    assert on("marketing", "do", search=company) == {("promise", handoff.pk)}
    assert on("marketing", "do", search="ぬぬ") == set()


@pytest.mark.django_db
def test_deals_whose_meeting_is_ahead_come_first_by_its_hour_and_no_page_loses_one(now):
    made = [builders.a_deal(now) for _ in range(4)]
    for deal, hours in zip(made, (50, None, -50, 26), strict=True):
        deals.move_step(deal.pk, SYSTEM, now=now, step="proposal")
        meeting = None if hours is None else now + timedelta(hours=hours)
        Deal.objects.filter(pk=deal.pk).update(meeting_at=meeting)
    whose = desk.Desk(frozenset({"field_sales"}), today=now.date(), tonight=now + timedelta(hours=5))
    after, seen = desk.Cursor(), []
    while after is not None:
        page = desk.page("do", whose, after, size=1)
        seen += [item.record.pk for item in page.items if item.kind == "deal"]
        after = page.next
    later, unset, over, sooner = (deal.pk for deal in made)
    assert seen == [sooner, later, over, unset]
