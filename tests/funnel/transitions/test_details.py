"""Side facts: written by one verb, told in the ledger without personal text, never overwritten unseen."""

from __future__ import annotations

import pytest

from funnel.errors import BadValue, NotYours
from funnel.models import Account, Event
from funnel.transitions import details, leads, people
from funnel.transitions.acting import SYSTEM
from tests import builders

pytestmark = pytest.mark.django_db


def seen(what: str, subject) -> dict[str, str]:
    """What a form shows of a record."""
    subject.refresh_from_db()
    return {name: details.said(getattr(subject, name)) for name in details.WORDS[what]}


def test_a_changed_fact_is_an_event_that_names_the_fact_and_not_its_text(now):
    person = builders.a_lead(now, name="見込 太郎").person
    by = builders.an_actor("inside_sales", now=now)
    before = seen("person", person)
    facts = {**before, "phone": "03-1234-5678", "name": "見込 次郎"}
    assert set(details.revise("person", person.pk, by, now=now, seen=before, facts=facts)) == {
        "name",
        "phone",
    }
    person.refresh_from_db()
    assert (person.phone_norm, person.name_norm) == ("0312345678", "見込次郎")
    event = Event.objects.get(kind="details_changed")
    assert event.data == {"what": "person", "id": person.pk, "fields": ["name", "phone"]}
    assert (event.actor, event.binding, event.department) == (by.member, False, "inside_sales")
    assert "次郎" not in str(event.data)


def test_nothing_changed_is_no_event(now):
    person = builders.a_lead(now).person
    before = seen("person", person)
    assert details.revise("person", person.pk, SYSTEM, now=now, seen=before, facts=before) == []
    assert not Event.objects.filter(kind="details_changed").exists()


def test_a_fact_changed_in_between_is_not_overwritten_and_says_who_changed_it(now):
    person = builders.a_lead(now).person
    before = seen("person", person)
    first = builders.an_actor("inside_sales", now=now)
    details.revise("person", person.pk, first, now=now, seen=before, facts={**before, "title": "部長"})
    with pytest.raises(details.Overtaken) as caught:
        details.revise("person", person.pk, SYSTEM, now=now, seen=before, facts={**before, "title": "課長"})
    (conflict,) = caught.value.conflicts
    assert (conflict.field, conflict.now, conflict.name) == ("title", "部長", first.member.name)
    assert seen("person", person)["title"] == "部長"


def test_other_facts_changed_in_between_stay_as_they_are(now):
    person = builders.a_lead(now).person
    before = seen("person", person)
    details.revise("person", person.pk, SYSTEM, now=now, seen=before, facts={**before, "title": "部長"})
    details.revise("person", person.pk, SYSTEM, now=now, seen=before, facts={**before, "phone": "03-1"})
    after = seen("person", person)
    assert (after["title"], after["phone"]) == ("部長", "03-1")


def test_two_who_write_the_same_do_not_disagree(now):
    person = builders.a_lead(now).person
    before = seen("person", person)
    for _ in range(2):
        details.revise("person", person.pk, SYSTEM, now=now, seen=before, facts={**before, "title": "部長"})
    assert Event.objects.filter(kind="details_changed").count() == 1


def test_half_a_conflict_writes_nothing(now):
    person = builders.a_lead(now).person
    before = seen("person", person)
    details.revise("person", person.pk, SYSTEM, now=now, seen=before, facts={**before, "title": "部長"})
    facts = {**before, "title": "課長", "phone": "03-9999-9999"}
    with pytest.raises(details.Overtaken):
        details.revise("person", person.pk, SYSTEM, now=now, seen=before, facts=facts)
    assert seen("person", person)["phone"] == before["phone"]


def test_an_e_mail_of_another_person_is_refused(now):
    one, other = builders.a_lead(now).person, builders.a_lead(now).person
    before = seen("person", one)
    facts = {**before, "email": other.email.upper()}
    with pytest.raises(BadValue, match="email_taken"):
        details.revise("person", one.pk, SYSTEM, now=now, seen=before, facts=facts)


def test_a_company_keeps_a_name_and_its_facts_are_told_with_its_customer(now):
    contract = builders.a_contract(now)
    account = contract.customer.account
    before = seen("account", account)
    facts = {**before, "industry": "食品卸", "employees": 320, "region": "大阪府"}
    details.revise("account", account.pk, SYSTEM, now=now, seen=before, facts=facts)
    account.refresh_from_db()
    assert (account.industry, account.employees, account.region) == ("食品卸", 320, "大阪府")
    assert Event.objects.get(kind="details_changed").customer == contract.customer
    before = seen("account", account)
    with pytest.raises(BadValue, match="company_required"):
        details.revise("account", account.pk, SYSTEM, now=now, seen=before, facts={**before, "name": " "})
    details.revise("account", account.pk, SYSTEM, now=now, seen=before, facts={**before, "employees": ""})
    account.refresh_from_db()
    assert account.employees is None


def test_a_renamed_company_is_found_by_its_new_name(now):
    account = builders.a_lead(now, company="旧社名").account
    before = seen("account", account)
    details.revise(
        "account", account.pk, SYSTEM, now=now, seen=before, facts={**before, "name": "株式会社新社名"}
    )
    assert people.account("新社名") == Account.objects.get(pk=account.pk)


def test_plan_and_notes_of_a_customer(now):
    customer = builders.a_contract(now).customer
    before = seen("customer", customer)
    facts = {"plan": "スタンダード", "growth": "名古屋拠点 20ID", "note": "工場長が鍵\n二行目"}
    details.revise("customer", customer.pk, SYSTEM, now=now, seen=before, facts=facts)
    assert seen("customer", customer) == facts
    customer.refresh_from_db()
    assert customer.phase == "onboarding"


def test_who_only_looks_changes_nothing(now):
    person = builders.a_lead(now).person
    viewer = builders.an_actor(now=now)
    with pytest.raises(NotYours):
        details.revise("person", person.pk, viewer, now=now, seen={}, facts={"title": "部長"})


def test_facts_changed_over_the_api_are_told_too(now):
    lead = builders.a_lead(now)
    leads.describe(lead.pk, SYSTEM, now=now, phone="03-1111-2222", channel="fair")
    assert Event.objects.get(kind="details_changed").data["fields"] == ["phone"]
