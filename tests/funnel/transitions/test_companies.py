"""Two records of one company become one: what goes over, what still finds it, who may, and two who try at once."""

import threading

import pytest
from django.db import connections

from funnel.errors import BadValue, MoveRefused, NotYours, Refused
from funnel.models import Account, Customer, Deal, Event, Lead, Person
from funnel.search import alike, hits
from funnel.transitions import companies, leads
from funnel.transitions.acting import SYSTEM, Actor
from tests.builders import a_contract, a_deal, a_lead, a_member, an_actor

pytestmark = pytest.mark.django_db


def two(now) -> tuple[Account, Account]:
    """みなと物流 with one lead, and ポートロジ with a deal: one company under two names."""
    first = a_lead(
        now, company="株式会社みなと物流", name="高橋 由美", email="yumi@minato.example.jp"
    ).account
    second = a_deal(now, company="ポートロジ", name="木村 亮", email="kimura@minato.example.jp").account
    assert first
    assert second
    return first, second


def test_everything_of_the_other_record_hangs_on_the_one_kept(now) -> None:
    first, second = two(now)
    Account.objects.filter(pk=second.pk).update(industry="物流", external_id="crm-2", region="東京都")
    Account.objects.filter(pk=first.pk).update(region="横浜市")
    kept = companies.merge(first.pk, second.pk, SYSTEM, now=now)
    kept.refresh_from_db()
    assert (kept.name, kept.industry, kept.external_id, kept.region) == (
        "株式会社みなと物流", "物流", "crm-2", "横浜市",
    )  # fmt: skip
    for model in (Lead, Person, Deal):
        assert not model.objects.filter(account=second).exists()
    assert Lead.objects.filter(account=first).count() == 2
    event = Event.objects.get(kind="records_merged")
    assert event.data == {
        "of": "account", "kept": first.pk, "absorbed": second.pk, "taken": ["industry", "external_id"],
        "moved": {"leads": 1, "deals": 1, "people": 1, "customers": 0},
    }  # fmt: skip


def test_what_is_chosen_is_exchanged_and_both_names_find_the_company(now) -> None:
    first, second = two(now)
    Account.objects.filter(pk=first.pk).update(external_id="a")
    Account.objects.filter(pk=second.pk).update(external_id="b")
    kept = companies.merge(first.pk, second.pk, SYSTEM, now=now, take=("name", "external_id"))
    kept.refresh_from_db()
    gone = Account.objects.get(pk=second.pk)
    assert (kept.name, kept.name_norm, kept.external_id) == ("ポートロジ", "ポートロジ", "b")
    assert (gone.name_norm, gone.external_id, gone.merged_into) == ("みなと物流", "a", kept)


def test_the_old_name_finds_the_company_at_every_door(now) -> None:
    first, second = two(now)
    third = a_lead(now, company="港運輸", name="佐々木 葵").account
    assert third
    companies.merge(second.pk, third.pk, SYSTEM, now=now)
    companies.merge(first.pk, second.pk, SYSTEM, now=now)
    for name in ("ポートロジ", "港運輸"):
        # Quick add and API, a file, the search, and who is alike as one types.
        made = leads.capture(
            SYSTEM, now=now, fields=leads.LeadFields(company=f"株式会社{name}", name=f"新 {name}")
        )
        assert made.lead.account == first
        assert companies.named([name]) == {name: first.pk}
        found = hits(name).narrow(Person.objects.all(), "pk")
        assert set(found) == set(Person.objects.filter(account=first))
        assert [one.why for one in alike(company=name, name="高橋由美", email="", phone="")] == [("name",)]
    assert Account.objects.filter(merged_into=None).count() == 1
    # One step, however often it was merged.
    assert set(Account.objects.exclude(merged_into=None).values_list("merged_into", flat=True)) == {first.pk}


def test_a_new_company_of_the_old_name_is_another_one(now) -> None:
    first, second = two(now)
    companies.merge(first.pk, second.pk, SYSTEM, now=now)
    again = Account.objects.create(name="ポートロジ", name_norm="ポートロジ")
    assert companies.named(["ポートロジ", "", "無い"]) == {"ポートロジ": again.pk}


def test_the_texts_of_people_follow_the_names_of_merged_companies(now) -> None:
    first, second = two(now)
    companies.merge(first.pk, second.pk, SYSTEM, now=now)
    Account.objects.filter(pk=second.pk).update(name="旧ポート")
    assert {p.name for p in hits("旧ポート").narrow(Person.objects.all(), "pk")} == {"高橋 由美", "木村 亮"}
    Account.objects.filter(pk=second.pk).update(merged_into=None)
    assert not hits("旧ポート").narrow(Person.objects.all(), "pk").exists()


def test_a_contract_goes_over_and_two_are_refused(now) -> None:
    first, _ = two(now)
    customer = a_contract(now).customer
    companies.merge(first.pk, customer.account_id, SYSTEM, now=now)
    assert Customer.objects.get(pk=customer.pk).account_id == first.pk
    assert Event.objects.get(kind="records_merged").customer == customer
    other = a_contract(now).customer
    with pytest.raises(MoveRefused, match="two_customers"):
        companies.merge(first.pk, other.account_id, SYSTEM, now=now)
    assert Account.objects.get(pk=other.account_id).merged_into is None


def test_leads_and_administrators_merge_and_members_do_not(now) -> None:
    first, second = two(now)
    for by in (an_actor("marketing", now=now), an_actor(now=now)):
        with pytest.raises(NotYours, match="leads_only"):
            companies.merge(first.pk, second.pk, by, now=now)
    lead = Actor.of(a_member("field_sales", role="lead"), "html", now=now)
    companies.merge(first.pk, second.pk, lead, now=now)
    assert Event.objects.get(kind="records_merged").department == "field_sales"


def test_what_cannot_be_merged_is_refused(now) -> None:
    first, second = two(now)
    with pytest.raises(BadValue, match="same_company"):
        companies.merge(first.pk, first.pk, SYSTEM, now=now)
    with pytest.raises(BadValue, match="bad_choice"):
        companies.merge(first.pk, second.pk, SYSTEM, now=now, take=["name_norm"])
    companies.merge(first.pk, second.pk, SYSTEM, now=now)
    for pair in ((first.pk, second.pk), (second.pk, first.pk)):
        with pytest.raises(MoveRefused, match="already_done"):
            companies.merge(*pair, SYSTEM, now=now)


@pytest.mark.django_db(transaction=True)
def test_who_is_captured_while_companies_merge_hangs_on_the_one_kept(now) -> None:
    first, second = two(now)
    gate, said = threading.Barrier(3), []

    def capture() -> None:
        gate.wait()
        leads.capture(SYSTEM, now=now, fields=leads.LeadFields(company="ポートロジ", name="後 から"))
        connections.close_all()

    def merge(keep: int, absorb: int) -> None:
        gate.wait()
        try:
            companies.merge(keep, absorb, SYSTEM, now=now)
            said.append("merged")
        except Refused as refused:
            said.append(refused.code)
        finally:
            connections.close_all()

    hands = [
        threading.Thread(target=capture),
        threading.Thread(target=merge, args=(first.pk, second.pk)),
        threading.Thread(target=merge, args=(first.pk, second.pk)),
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(said) == ["already_done", "merged"]
    assert not Lead.objects.filter(account=second).exists()
    assert not Person.objects.filter(account=second).exists()
