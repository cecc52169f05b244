"""Corrections are further events; the lead ends where its ledger leaves it."""

from datetime import timedelta

import pytest

from funnel.errors import MoveRefused
from funnel.models import Event
from funnel.transitions import corrections, customers, deals, leads
from funnel.transitions.acting import SYSTEM
from funnel.transitions.ledger import reach_of
from funnel.transitions.rereading import reread
from tests.builders import a_contract, a_deal, a_lead, an_mql, deal_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def the(lead, kind: str) -> Event:
    return Event.objects.get(lead=lead, kind=kind)


def test_a_corrected_time_moves_the_entry(now) -> None:
    lead = an_mql(now, at=now - 5 * HOUR)
    corrections.correct_time(
        the(lead, "mql_certified").pk, SYSTEM, now=now, occurred_at=now - 2 * HOUR, reason="日時の誤り"
    )
    lead.refresh_from_db()
    assert lead.mql_at == now - 2 * HOUR
    assert the(lead, "mql_certified").occurred_at == now - 5 * HOUR


def test_a_corrected_time_stays_between_its_neighbours(now) -> None:
    deal = a_deal(now, at=now - 5 * HOUR)
    with pytest.raises(MoveRefused, match="out_of_order"):
        corrections.correct_time(
            the(deal.lead, "mql_certified").pk, SYSTEM, now=now, occurred_at=now - HOUR, reason="x"
        )
    assert not Event.objects.filter(
        kind="event_corrected", data__has_key="occurred_at", inferred=False
    ).exists()


def test_a_withdrawn_certification_never_was(now) -> None:
    lead = an_mql(now)
    event = the(lead, "mql_certified")
    corrections.withdraw(event.pk, SYSTEM, now=now, reason="押し間違い")
    lead.refresh_from_db()
    assert (lead.stage, lead.mql_at) == ("lead", None)
    with pytest.raises(MoveRefused, match="already_undone"):
        corrections.withdraw(event.pk, SYSTEM, now=now, reason="x")


def test_a_withdrawn_sql_voids_its_deal(now) -> None:
    deal = a_deal(now)
    corrections.withdraw(the(deal.lead, "sql_certified").pk, SYSTEM, now=now, reason="x")
    deal.refresh_from_db()
    assert (deal.state, deal.lead.stage, deal.lead.sql_at) == ("void", "mql", None)


def test_an_undone_call_is_no_first_contact(now) -> None:
    lead = an_mql(now, at=now - 5 * HOUR)
    mistaken = leads.log(lead.pk, SYSTEM, now=now, kind="call", occurred_at=now - 4 * HOUR)
    leads.log(lead.pk, SYSTEM, now=now, kind="call", occurred_at=now - HOUR)
    corrections.withdraw(mistaken.event_id, SYSTEM, now=now, reason="押し間違い")
    lead.refresh_from_db()
    assert lead.first_contact_at == now - HOUR
    corrections.correct_time(
        Event.objects.filter(lead=lead, kind="contact_attempted").latest("id").pk,
        SYSTEM, now=now, occurred_at=now - 2 * HOUR, reason="日時の誤り",
    )  # fmt: skip
    lead.refresh_from_db()
    assert lead.first_contact_at == now - 2 * HOUR


def test_a_call_before_the_latest_certification_is_no_answer_to_it(now) -> None:
    lead = an_mql(now, at=now - 9 * HOUR)
    leads.send_back(lead.pk, SYSTEM, now=now, boundary="mql", reason="incomplete", occurred_at=now - 5 * HOUR)
    leads.certify_mql(lead.pk, SYSTEM, now=now, reason="inquiry", occurred_at=now - 3 * HOUR)
    leads.log(lead.pk, SYSTEM, now=now, kind="call", occurred_at=now - 6 * HOUR)
    lead.refresh_from_db()
    assert lead.first_contact_at is None
    leads.log(lead.pk, SYSTEM, now=now, kind="call")
    lead.refresh_from_db()
    assert lead.first_contact_at == now


def test_a_withdrawn_second_certification_leaves_the_lead_as_it_was_returned(now) -> None:
    lead = an_mql(now, at=now - 9 * HOUR)
    leads.send_back(lead.pk, SYSTEM, now=now, boundary="mql", reason="incomplete")
    leads.certify_mql(lead.pk, SYSTEM, now=now, reason="inquiry")
    again = Event.objects.filter(lead=lead, kind="mql_certified").latest("id")
    corrections.withdraw(again.pk, SYSTEM, now=now, reason="押し間違い")
    lead.refresh_from_db()
    assert (lead.stage, lead.mql_at) == ("lead", now - 9 * HOUR)


def test_a_withdrawn_second_handover_leaves_the_deal_returned(now) -> None:
    deal = a_deal(now, at=now - 5 * HOUR)
    leads.send_back(deal.lead_id, SYSTEM, now=now, boundary="sql", reason="incomplete", deal_id=deal.pk)
    deal_of(deal.lead, now)
    again = Event.objects.filter(lead=deal.lead, kind="sql_certified").latest("id")
    corrections.withdraw(again.pk, SYSTEM, now=now, reason="押し間違い")
    deal.refresh_from_db()
    assert (deal.state, deal.lead.stage, deal.lead.sql_at) == ("returned", "mql", now - 5 * HOUR)


def test_first_value_that_was_not_reached_leaves_the_customer_in_onboarding(now) -> None:
    contract = a_contract(now)
    customers.onboard(contract.customer_id, SYSTEM, now=now)
    lead = contract.deal.lead
    corrections.withdraw(the(lead, "first_value_reached").pk, SYSTEM, now=now, reason="押し間違い")
    lead.refresh_from_db()
    contract.customer.refresh_from_db()
    assert (lead.onboarded_at, contract.customer.onboarded_at) == (None, None)
    assert customers.onboard(contract.customer_id, SYSTEM, now=now).phase == "adopting"


def test_the_cache_is_what_the_ledger_says(now) -> None:
    contract = a_contract(now)
    deals.reopen(contract.deal_id, SYSTEM, now=now, reason="x")
    deals.win(contract.deal_id, SYSTEM, now=now, amount=3)
    for lead in (contract.deal.lead, a_lead(now), an_mql(now, at=now - HOUR)):
        lead.refresh_from_db()
        cached = reach_of(lead)
        reread(lead)
        assert reach_of(lead) == cached
