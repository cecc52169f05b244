"""What is laid down together is what single acts would have written."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from funnel.errors import NotYours
from funnel.models import Event, Lead, Person
from funnel.signals import event_recorded
from funnel.stages import Stage
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM, Actor
from funnel.transitions.bulk import NewLead, lay_down
from funnel.transitions.deals import DealFields
from funnel.transitions.filed import FiledDeal, date_stage, lay_deals
from funnel.transitions.leads import LeadFields

CSV = replace(SYSTEM, source="csv")
BLANK = NewLead(
    "", None, "", "", None, 1, None, "", "", "", None, "", "", None, "", None, "", None, None, None, None, None
)  # fmt: skip


def said(lead):
    """The events of a lead, without their ids."""
    return list(
        Event.objects.filter(lead=lead).order_by("id")
        .values_list("kind", "occurred_at", "department", "source", "binding", "inferred", "reason", "data")
    )  # fmt: skip


def columns(lead):
    own = {"id", "person_id", "external_id", "created_at"}
    return {f.attname: getattr(lead, f.attname) for f in Lead._meta.concrete_fields if f.attname not in own}


def test_a_lead_laid_down_equals_one_captured_and_certified(db, now):
    at = now - timedelta(hours=5)
    single = leads.capture(CSV, now=now, fields=LeadFields(external_id="A"), occurred_at=at).lead
    leads.certify_mql(single.pk, CSV, now=now, reason="other", occurred_at=at + timedelta(hours=1))
    leads.log(single.pk, CSV, now=now, kind="call", occurred_at=at + timedelta(hours=2))
    (written,) = lay_down(
        [BLANK._replace(external_id="B", lead_at=at, mql_at=at + timedelta(hours=1),
                        first_contact_at=at + timedelta(hours=2))],
        CSV, now=now,
    )  # fmt: skip
    single.refresh_from_db()
    laid = Lead.objects.get(pk=written.lead_id)
    assert columns(laid) == columns(single)
    contact = {"department": "inside_sales"}
    assert [e[:2] + e[3:] for e in said(laid)] == [e[:2] + e[3:] for e in said(single)]
    assert said(laid)[2][2] == contact["department"]
    assert laid.activities.get().occurred_at == single.activities.get().occurred_at


def test_one_signal_tells_of_saved_events_and_new_passages(db, now, django_assert_max_num_queries):
    heard = []

    def hear(sender, events, passages, **_):
        heard.append((events, passages))

    event_recorded.connect(hear)
    try:
        written = lay_down(
            [BLANK._replace(external_id=str(i), mql_at=now - timedelta(hours=1)) for i in range(50)],
            CSV,
            now=now,
        )
    finally:
        event_recorded.disconnect(hear)
    ((events, passages),) = heard
    assert len(events) == 100
    assert {p.lead_id for p in passages} == {w.lead_id for w in written}
    assert all(p.before is None for p in passages)
    for event in events[:4]:
        assert event == Event.objects.get(pk=event.pk)
        stored = Event.objects.get(pk=event.pk)
        assert {f.attname: getattr(event, f.attname) for f in Event._meta.concrete_fields} == {
            f.attname: getattr(stored, f.attname) for f in Event._meta.concrete_fields
        }


def test_texts_come_out_as_they_went_in(db, now):
    nasty = 'a\tb\\N\n"c"\r\\.\u3000山'
    lay_down([BLANK._replace(external_id=nasty, name=nasty, segment=nasty, company=nasty, company_norm="x")], CSV,
             now=now)  # fmt: skip
    lead = Lead.objects.get()
    assert lead.external_id == lead.segment == lead.person.name == lead.account.name == nasty


def test_a_second_open_lead_of_a_person_is_refused_by_the_database_and_nothing_stays(db, now):
    (first,) = lay_down([BLANK._replace(external_id="A")], CSV, now=now)
    person = Lead.objects.get(pk=first.lead_id).person_id
    with pytest.raises(IntegrityError), transaction.atomic():
        lay_down(
            [BLANK._replace(external_id="B"), BLANK._replace(external_id="C", person_id=person)], CSV, now=now
        )
    assert Lead.objects.count() == Person.objects.count() == 1


def test_who_may_not_certify_lays_no_certified_lead_down(db, now):
    marketing = Actor(None, "csv", frozenset({"marketing"}))
    lay_down([BLANK._replace(external_id="A", mql_at=now)], marketing, now=now)
    with pytest.raises(NotYours):
        lay_down([BLANK._replace(external_id="B", sql_at=now)], marketing, now=now)


def test_deals_of_one_lead_laid_down_together_share_lead_and_customer(db, now):
    at = now - timedelta(days=3)
    (lead,) = lay_down(
        [BLANK._replace(external_id="A", company="甲", company_norm="甲", mql_at=at)], CSV, now=now
    )
    deal = FiledDeal(lead.lead_id, DealFields(amount=Decimal(5)), "won", "", at, now, "")
    first, second = lay_deals(
        [deal, deal._replace(fields=DealFields(amount=Decimal(6), product="b"))], CSV, now=now
    )
    assert first.contract.customer == second.contract.customer
    one = Lead.objects.get()
    assert (one.outcome, one.won_at, one.inferred) == ("won", now, ["lead", "sql"])


def test_a_known_lead_is_dated_once(db, now):
    (lead,) = lay_down([BLANK._replace(external_id="A", mql_at=now - timedelta(hours=2))], CSV, now=now)
    at = now - timedelta(hours=1)
    assert date_stage(lead.lead_id, Stage.SQL, CSV, now=now, at=at) is True
    assert date_stage(lead.lead_id, Stage.SQL, CSV, now=now, at=at) is False
    assert Lead.objects.get().deals.count() == 1
