"""A lead typed by hand: two fields are enough, and who is known already is said before a second is made."""

import re
import uuid

import pytest
from django.test import Client

from funnel.models import Channel, Lead, Member, Person
from funnel.search import alike
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from tests.builders import a_lead, a_member

pytestmark = pytest.mark.django_db
PANEL = {"HX-Request": "true"}


@pytest.fixture
def writer(client: Client) -> Member:
    member = a_member("marketing", language="en")
    client.force_login(member)
    return member


@pytest.fixture
def yumi(now) -> Lead:
    return a_lead(
        now, company="株式会社みなと物流", name="高橋 由美", email="yumi@example.jp", phone="03-1234-5678"
    )


def add(client: Client, headers: dict[str, str] | None = None, **typed: str):
    return client.post("/leads/new/", {"once": str(uuid.uuid4()), **typed}, headers=headers or {})


def test_company_and_name_are_enough(client: Client, writer: Member) -> None:
    answer = add(client, company="あさひ", name="木村 亮")
    lead = Lead.objects.get()
    assert answer["Location"] == f"/c/{lead.pk}/"


def test_the_panel_says_it_is_done_and_the_list_hears_of_it(client: Client, writer: Member) -> None:
    assert "<dialog" in client.get("/leads/new/", headers=PANEL).content.decode()
    answer = add(client, PANEL, company="あさひ", name="木村 亮")
    assert answer.status_code == 200
    assert answer["HX-Trigger"] == '{"lead-added": {}}'
    assert f'href="/c/{Lead.objects.get().pk}/"' in answer.content.decode()
    assert add(client, PANEL, company="あさひ").status_code == 422


@pytest.mark.parametrize(
    ("typed", "why", "is_same"),
    [
        ({"company": "x", "name": "y", "email": "ＹＵＭＩ@example.jp"}, ("email",), True),
        ({"company": "㈱みなと物流", "name": "高橋　由美"}, ("name",), True),
        ({"company": "みなと物流", "name": "高橋由美様", "email": "other@example.jp"}, ("name",), False),
        ({"company": "x", "name": "y", "phone": "０３（１２３４）５６７８"}, ("phone",), False),
        ({"company": "みなと物流", "name": "高橋由美", "email": "yumi@example.jp", "phone": "0312345678"},
         ("email", "name", "phone"), True),
        ({"company": "みなと物流", "name": "高橋由香"}, None, None),
        ({"company": "x", "name": "y", "phone": "5678"}, None, None),
        ({"company": "x", "name": "y", "email": "no mail"}, None, None),
    ],
)  # fmt: skip
def test_who_is_known_is_found_as_it_is_typed(client, writer, yumi, typed, why, is_same) -> None:
    known = alike(**{"company": "", "name": "", "email": "", "phone": "", **typed})
    assert [(one.why, one.is_same, one.lead.pk) for one in known] == (
        [(why, is_same, yumi.pk)] if why else []
    )
    page = client.get("/leads/new/known/", typed).content.decode()
    assert (f'href="/c/{yumi.pk}/"' in page) == bool(why)


def test_a_person_with_a_lead_in_progress_is_opened_and_never_doubled(client: Client, writer, yumi) -> None:
    answer = add(client, company="みなと物流", name="高橋由美")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f'href="/c/{yumi.pk}/"' in page
    assert "Add anyway" not in page
    assert 'value="みなと物流"' in page
    assert Lead.objects.count() == 1


def test_somebody_with_the_same_phone_can_be_added_anyway(client: Client, writer, yumi) -> None:
    typed = {"company": "みなと物流", "name": "木村 亮", "phone": "03-1234-5678"}
    answer = add(client, **typed)
    assert answer.status_code == 409
    assert re.search(r'name="anyway" value="on">Add anyway', answer.content.decode())
    assert add(client, **typed, anyway="on").status_code == 302
    assert Person.objects.count() == 2


def test_a_person_whose_lead_has_ended_gets_a_new_pass(client: Client, writer, yumi, now) -> None:
    leads.disqualify(yumi.pk, SYSTEM, now=now, reason="spam")
    typed = {"company": "みなと物流", "name": "高橋由美"}
    assert add(client, **typed).status_code == 409
    add(client, **typed, anyway="on")
    assert list(Lead.objects.order_by("pass_no").values_list("person", "pass_no")) == [
        (yumi.person_id, 1),
        (yumi.person_id, 2),
    ]


def test_a_viewer_is_offered_nothing_to_add(client: Client) -> None:
    client.force_login(a_member(is_viewer=True))
    assert b"/leads/new/" not in client.get("/c/").content.replace(b"/leads/new/known", b"")
    assert add(client, company="あさひ", name="木村").status_code == 403


def test_a_retired_channel_is_not_offered_and_what_came_through_it_keeps_it(
    client: Client, writer: Member, now
) -> None:
    old = a_lead(now, company="古い経路", name="佐藤 一", channel="展示会").channel
    Channel.objects.create(slug="seminar", name="セミナー")
    Channel.objects.filter(pk=old.pk).update(is_active=False)
    offered = re.findall(r'name="channel" value="([^"]*)"', client.get("/leads/new/").content.decode())
    assert "seminar" in offered
    assert old.slug not in offered
    assert add(client, company="x", name="y", channel=old.slug).status_code == 422
    assert Lead.objects.get(channel=old).channel.name == "展示会"
