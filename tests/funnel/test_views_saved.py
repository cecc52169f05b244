"""Saved views: each member's own, shown to a department if he says so, changed by him alone."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from funnel.models import Member, PeopleApart, SavedView
from tests.builders import a_lead, a_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client) -> Member:
    member = a_member("marketing", language="en")
    client.force_login(member)
    return member


def save(client: Client, name: str = "Hot", query: str = "outcome=open&q=みなと", **more: str):
    return client.post("/views/save/", {"name": name, "list": "leads", "query": query, **more}, follow=True)


def tabs(member: Member, address: str = "/c/") -> list[str]:
    client = Client()
    client.force_login(member)
    return [tab.name for tab in client.get(address).context["tabs"]]


def test_a_view_is_kept_as_a_tab_and_leads_back_to_the_same_list(client: Client, owner: Member, now) -> None:
    a_lead(now, company="みなと")
    page = save(client, query="stage=lead&after=77&view=3")
    (tab,) = page.context["tabs"]
    assert (tab.name, tab.address, tab.is_mine, tab.is_current) == ("Hot", "?stage=lead", True, True)
    assert page.request["QUERY_STRING"] == "stage=lead"
    assert not client.get("/c/?stage=mql").context["tabs"][0].is_current
    assert tabs(owner, "/people/") == []


def test_the_team_sees_a_shared_view_and_nobody_else(client: Client, owner: Member) -> None:
    save(client)
    save(client, "Ours", department="marketing")
    assert tabs(owner) == ["Hot", "Ours"]
    assert tabs(a_member("marketing")) == ["Ours"]
    assert tabs(a_member("inside_sales")) == []


def test_a_view_is_not_shown_to_a_department_of_others(client: Client, owner: Member) -> None:
    save(client, department="field_sales")
    assert SavedView.objects.get().department == ""


def test_only_its_owner_renames_and_deletes_a_view(client: Client, owner: Member) -> None:
    save(client, department="marketing")
    view = SavedView.objects.get()
    other = Client()
    other.force_login(a_member("marketing", role="lead"))
    assert other.post(f"/views/{view.pk}/rename/", {"name": "Mine"}).status_code == 404
    assert other.post(f"/views/{view.pk}/delete/").status_code == 404
    client.post(f"/views/{view.pk}/rename/", {"name": "Cold", "department": ""})
    view.refresh_from_db()
    assert (view.name, view.department) == ("Cold", "")
    client.post(f"/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_what_cannot_be_saved_is_said(client: Client, owner: Member, monkeypatch) -> None:
    save(client)
    assert "already have a view named" in save(client).content.decode()
    assert "Give the view a name" in save(client, name="　").content.decode()
    assert "Give the view a name" in save(client, name="x" * 41).content.decode()
    assert client.post("/views/save/", {"name": "x", "list": "nonsense"}).status_code == 302
    monkeypatch.setattr("funnel.views.lists.saved.MOST", 1)
    assert "Delete one first" in save(client, name="Second").content.decode()
    assert SavedView.objects.count() == 1


def test_a_view_is_no_way_to_another_site(client: Client, owner: Member) -> None:
    answer = client.post("/views/save/", {"name": "x", "list": "leads", "query": "//evil.example/?a=b"})
    assert answer["Location"].startswith("/c/?")


@pytest.mark.parametrize(
    "broken",
    [
        {"name": ""},
        {"list": "nonsense"},
        {"department": "nonsense"},
        {"name": "Hot"},
    ],
)
def test_the_database_refuses_a_view_that_is_none(
    client: Client, owner: Member, broken: dict[str, str]
) -> None:
    save(client)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(**{"owner": owner, "list": "leads", "name": "Cold", **broken})


def test_a_pair_is_said_apart_once_and_in_order(owner: Member, now) -> None:
    one, two = a_lead(now).person, a_lead(now).person
    PeopleApart.objects.create(first=one, second=two, said_by=owner)
    for first, second in ((one, two), (two, one), (one, one)):
        with pytest.raises(IntegrityError), transaction.atomic():
            PeopleApart.objects.create(first=first, second=second, said_by=owner)
