"""The page of alike companies and their merge: what is proposed, what is said beforehand, and who may."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from funnel.models import Account, CompaniesApart, Lead, Member
from funnel.search import company_pairs, pairing
from tests.builders import a_contract, a_lead, a_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client: Client) -> Member:
    member = a_member("marketing", role="lead", language="en")
    client.force_login(member)
    return member


def two(now) -> tuple[int, int]:
    """One company under two names, whose people have mailboxes of one domain."""
    made = [
        a_lead(now, company=company, email=f"p{n}@minato.example.jp")
        for n, company in enumerate(("みなと物流", "ポートロジ"))
    ]
    first, second = (one.account_id for one in made)
    assert first
    assert second
    return first, second


def found(**more) -> list[tuple[int, int, tuple[str, ...]]]:
    return [(pair.first.pk, pair.second.pk, pair.why) for pair in company_pairs(limit=50, **more).rows]


def send(client: Client, keep: int, absorb: int, **said: str):
    return client.post(f"/companies/{keep}/merge/{absorb}/now/", {"once": str(uuid.uuid4()), **said})


def test_pairs_share_a_name_or_the_mail_domain_of_their_people(now) -> None:
    first, second = two(now)
    again = Account.objects.create(name="㈱みなと物流", name_norm="みなと物流")
    for n in range(pairing.MOST_AT_A_DOMAIN + 1):
        a_lead(now, company=f"会社{n}", email=f"someone{n}@mailbox.example")
    assert found() == [(first, again.pk, ("name",)), (first, second, ("mail",))]


def test_pages_go_back_through_the_records_a_stretch_at_a_time(
    client: Client, lead, now, monkeypatch
) -> None:
    wanted = []
    for n in range(3):
        one = Account.objects.create(name=f"双{n}", name_norm=f"双{n}")
        wanted.append((one.pk, Account.objects.create(name=f"双{n}", name_norm=f"双{n}").pk))
    monkeypatch.setattr(pairing, "COMPANIES_AT_ONCE", 2)
    monkeypatch.setattr("funnel.views.companies.SIZE", 1)
    seen, address, pages = [], "/companies/duplicates/", 0
    while address:
        context = client.get(address).context
        seen += [(pair.first.pk, pair.second.pk) for pair in context["pairs"]]
        address = f"/companies/duplicates/{context['next']}" if context["next"] else ""
        pages += 1
    assert seen == wanted[::-1]
    assert pages > 3
    assert client.get("/companies/duplicates/?after=nonsense").status_code == 200


def test_a_merge_is_shown_chosen_confirmed_and_done(client: Client, lead: Member, now) -> None:
    first, second = two(now)
    Account.objects.filter(pk=first).update(region="横浜市")
    Account.objects.filter(pk=second).update(region="東京都", industry="物流")
    page = client.get("/companies/duplicates/").content.decode()
    assert f'href="/companies/{first}/merge/{second}/"' in page
    preview = client.get(f"/companies/{first}/merge/{second}/").content.decode()
    assert "People, leads, deals and the contract of the one that goes" in preview
    assert "p1@minato.example.jp" in preview
    unsure = send(client, first, second, region="absorb")
    assert unsure.status_code == 422
    assert "Say that this is one company" in unsure.content.decode()
    assert send(client, first, second, region="absorb", sure="on")["Location"] == "/companies/duplicates/"
    kept = Account.objects.get(pk=first)
    assert (kept.name, kept.region, kept.industry) == ("みなと物流", "東京都", "物流")
    assert Lead.objects.filter(account=kept).count() == 2
    assert found() == []
    assert send(client, first, second, sure="on").status_code == 404


def test_two_customers_are_said_to_stay_two_beforehand(client: Client, lead: Member, now) -> None:
    one, two_ = (a_contract(now).customer.account_id for _ in range(2))
    preview = client.get(f"/companies/{one}/merge/{two_}/")
    assert preview.context["cannot"]
    refused = send(client, one, two_, sure="on")
    assert refused.status_code == 422
    assert "Both companies have contracts" in refused.content.decode()


def test_a_pair_said_apart_is_proposed_no_more(client: Client, lead: Member, now) -> None:
    first, second = two(now)
    for pair in ((first, second), (second, first)):
        client.post("/companies/{}/apart/{}/".format(*pair))
    assert CompaniesApart.objects.get().said_by == lead
    assert found() == []


def test_a_member_sees_the_pairs_and_who_merges_them(client: Client, now) -> None:
    first, second = two(now)
    client.force_login(a_member("marketing", language="en"))
    page = client.get("/companies/duplicates/").content.decode()
    assert "disabled" in page
    assert "lead of a department or an administrator" in page
    assert send(client, first, second, sure="on").status_code == 403
    assert client.post(f"/companies/{first}/apart/{second}/").status_code == 403
    assert client.get(f"/companies/{first}/merge/{first}/").status_code == 302


def test_the_api_merges_companies_for_a_program(api, reader, now) -> None:
    first, second = two(now)
    address = f"accounts/{first}/merge/"
    answer = api.post(address, {"absorb": second, "take": {"name": True}})
    assert (answer.status, answer["name"]) == (200, "ポートロジ")
    assert api.post(address, {"absorb": second})["code"] == "already_done"
    assert api.post(address, {"absorb": first})["code"] == "same_company"
    assert api.post(address, {"absorb": 999_999}).status == 404
    assert api.get(f"accounts/{second}/")["merged_into"] == first
    assert reader.post(address, {"absorb": second}).status == 403


def test_pairs_are_found_with_few_statements(
    client: Client, lead: Member, now, django_assert_max_num_queries
) -> None:
    for n in range(4):
        for mailbox in "ab":
            a_lead(now, company=f"会社{n}{mailbox}", email=f"{mailbox}@domain{n}.example.jp")
    with django_assert_max_num_queries(8):
        assert len(client.get("/companies/duplicates/").context["pairs"]) == 4


def test_the_database_keeps_pairs_said_apart_once_and_in_order(lead: Member, now) -> None:
    first, second = two(now)
    CompaniesApart.objects.create(first_id=first, second_id=second, said_by=lead)
    for pair in ((first, second), (second, first), (first, first)):
        with pytest.raises(IntegrityError), transaction.atomic():
            CompaniesApart.objects.create(first_id=pair[0], second_id=pair[1], said_by=lead)
