"""The list of customers, and the page of one with its acts."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from funnel.models import Contract, Customer, Event, HealthRecord, Lead
from funnel.transitions import customers
from funnel.transitions.acting import SYSTEM
from tests.builders import a_contract, a_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(a_member("customer_success", language="en"))
    return client


def local(now: datetime) -> date:
    """The organisation's day."""
    return now.astimezone(ZoneInfo("Asia/Tokyo")).date()


def once(n: int = 1) -> str:
    return f"00000000-0000-4000-8000-{n:012d}"


def test_the_health_page_names_every_factor_and_they_add_up(client: Client, now) -> None:
    contract = a_contract(now, seats=10)
    readings = [(local(now) - timedelta(days=n), "active_users", Decimal(8)) for n in range(1, 50)]
    customers.record_usage(contract.customer_id, SYSTEM, now=now, readings=readings)
    page = client.get(f"/customers/{contract.customer_id}/")
    health = page.context["health"].assessment
    assert sum(f.points for f in health.factors) == health.score
    html = page.content.decode()
    for factor in health.factors:
        assert factor.sentence.en in html.replace("&#x27;", "'")
    assert "<polyline" in html
    assert "style=" not in html


def test_an_act_is_recorded_and_the_health_is_judged_anew(client: Client, now) -> None:
    contract = a_contract(now)
    there = f"/customers/{contract.customer_id}/"
    answer = client.post(
        f"{there}survey/", {"once": once(), "score": "9", "answered_on": local(now).isoformat()}
    )
    assert answer.status_code == 302
    assert answer["Location"] == there
    assert "The answer is recorded." in client.get(there).content.decode()
    assert HealthRecord.objects.get(customer=contract.customer).factors[-1]["key"] == "nps"


def test_the_same_form_sent_twice_acts_once(client: Client, now) -> None:
    contract = a_contract(now, ends_on=local(now) + timedelta(days=300))
    today = local(now).isoformat()
    sent = {"once": once(), "signed_on": today, "starts_on": today, "ends_on": "", "mrr": "１２万"}
    for _ in range(2):
        answer = client.post(f"/customers/{contract.customer_id}/renew/", sent)
        assert answer.status_code == 302
    assert Contract.objects.filter(customer=contract.customer).count() == 2
    assert Contract.objects.latest("id").mrr == 120_000


def test_the_whole_life_of_a_customer_by_its_page(client: Client, now) -> None:
    contract = a_contract(now)
    there = f"/customers/{contract.customer_id}/"
    soon = (now + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    today = local(now).isoformat()
    steps = [
        ("kickoff", {"kickoff_at": soon}),
        ("kickoff-held", {}),
        ("first-value", {}),
        ("advocacy", {}),
        ("referral", {"company": "株式会社紹介先", "name": "紹介 花子"}),
        ("notice", {"notice_on": today}),
        ("end", {"ended_on": today, "reason": "予算"}),
    ]
    for n, (act, given) in enumerate(steps, 1):
        assert offered(client.get(there)) >= {act}, act
        answer = client.post(f"{there}{act}/", {"once": once(n)} | given)
        assert answer.status_code == 302, (act, answer.content.decode())
    customer = Customer.objects.get()
    assert customer.phase == "churned"
    assert customer.onboarded_at is not None
    assert Lead.objects.get(referred_by=customer).person.name == "紹介 花子"
    kinds = set(Event.objects.filter(customer=customer).values_list("kind", flat=True))
    assert {
        "kickoff_scheduled",
        "kickoff_held",
        "first_value_reached",
        "advocacy_agreed",
        "contract_ended",
    } <= kinds


def test_a_refusal_is_said_beside_the_form_and_nothing_typed_is_lost(client: Client, now) -> None:
    contract = a_contract(now)
    there = f"/customers/{contract.customer_id}/"
    answer = client.post(f"{there}kickoff/", {"once": once(), "kickoff_at": "2020-01-01T10:00"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "The kickoff cannot lie before the signing." in html
    assert "2020-01-01T10:00" in html
    assert Contract.objects.get().kickoff_at is None
    answer = client.post(f"{there}renew/", {"once": once(2), "signed_on": "x", "starts_on": "", "mrr": "-1"})
    assert answer.status_code == 422
    assert "The amount cannot be negative." in answer.content.decode()


def test_another_department_sees_who_may_and_is_refused(client: Client, now) -> None:
    contract = a_contract(now)
    client.force_login(a_member("marketing", language="en"))
    html = client.get(f"/customers/{contract.customer_id}/").content.decode()
    assert "This is done by Customer Success." in html
    answer = client.post(f"/customers/{contract.customer_id}/first-value/", {"once": once()})
    assert answer.status_code == 403
    assert not Event.objects.filter(kind="first_value_reached").exists()


def test_the_list_orders_by_health_and_narrows(client: Client, now) -> None:
    made = [a_contract(now, ends_on=local(now) + timedelta(days=30 * n)) for n in (3, 1, 2)]
    for contract, score in zip(made, (80, 20, 50), strict=True):
        band = {80: "healthy", 20: "at_risk", 50: "watch"}[score]
        HealthRecord.objects.create(customer=contract.customer, day=local(now), score=score, band=band)
    new = a_contract(now)
    ids = [made[1].customer_id, made[2].customer_id, made[0].customer_id, new.customer_id]
    assert listed(client) == ids
    assert listed(client, order="renewal") == ids
    assert listed(client, order="new")[0] == new.customer_id
    assert listed(client, band="watch") == [made[2].customer_id]
    assert listed(client, phase="churned") == []
    assert listed(client, q=made[0].customer.account.name) == [made[0].customer_id]


def test_pages_by_health_list_every_customer_once(client: Client, now) -> None:
    for n in range(53):
        contract = a_contract(now)
        if n % 3:
            score = n % 5 * 10
            HealthRecord.objects.create(customer=contract.customer, day=local(now), score=score, band="watch")
    seen, address = [], "/customers/"
    while address:
        page = client.get(address).context["page"]
        seen += [customer.pk for customer in page.rows]
        address = f"/customers/{page.next}" if page.next else ""
    assert len(seen) == len(set(seen)) == 53


def test_the_list_takes_few_statements(client: Client, now, django_assert_max_num_queries) -> None:
    for _ in range(12):
        a_contract(now)
    with django_assert_max_num_queries(8):
        client.get("/customers/")


def test_nobody_is_found_where_there_is_nobody(client: Client) -> None:
    assert client.get("/customers/12345678901234567890/").status_code == 404
    assert client.get("/customers/1/").status_code == 404
    assert "No customer yet" in client.get("/customers/").content.decode()


def offered(page) -> set[str]:
    """The acts on the customer that a record offers, whichever way they are shown."""
    acts = page.context["acts"]
    own = {offer.name for offer in [acts.likeliest, *acts.of_customer] if offer}
    buttons = {act.button.slug for act in [acts.primary, *acts.beside, *acts.more] if act}
    of_the_queue = {
        "kickoff": "kickoff",
        "hold": "kickoff-held",
        "onboard": "first-value",
        "refer": "referral",
    }
    return own | {of_the_queue.get(b, b) for b in buttons}


def listed(client: Client, **query: object) -> list[int]:
    return [customer.pk for customer in client.get("/customers/", query).context["page"].rows]
