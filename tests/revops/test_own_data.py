"""From the demo to one's own company: in one moment or not at all, and never where there is no demo."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection
from django.test import Client

from funnel.errors import MoveRefused
from funnel.models import Event, FreshStart, Lead, Member, Organization, Reason
from handoffs.models import Handoff, LaneTerms
from revops.own_data import building
from tests.builders import a_member, an_mql

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery"
WANTED = {"company": "自社株式会社", "email": "boss@own.example.jp", "name": "社長", "language": "ja"}


def a_demo() -> Member:
    """A small demo company, with an administrator."""
    from funnel import moment

    Organization.objects.update(name="デモ", is_demo=True)
    member = a_member("marketing", is_administrator=True)
    an_mql(moment.now())
    return member


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'revops%'")
        return {name for (name,) in cursor.fetchall()}


def ask(by: Member) -> None:
    building.ask(by, **WANTED, password=make_password(PASSWORD))


def test_the_demo_gives_way_to_an_empty_company_while_pages_are_read_and_written():
    boss = a_demo()
    browser = Client()
    browser.force_login(boss)
    assert browser.get("/settings/own-data/").status_code == 200
    ask(boss)
    ended, faults, reads = threading.Event(), [], []

    def read() -> None:
        while not ended.is_set():
            try:
                reads.append(Lead.objects.count())
                Organization.objects.filter(pk=1).update(country="JP")
            except Exception as fault:
                faults.append(fault)
            finally:
                connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert building.carry_out()
    finally:
        ended.set()
        reader.join(30)
    assert faults == []
    assert (reads[0], reads[-1]) == (1, 0)
    own = Organization.current()
    assert (own.name, own.is_demo) == ("自社株式会社", False)
    (member,) = Member.objects.all()
    assert (member.username, member.is_administrator) == ("boss@own.example.jp", True)
    assert member.check_password(PASSWORD)
    assert not FreshStart.objects.exists()
    assert (LaneTerms.objects.count(), Reason.objects.count() > 40) == (4, True)
    assert [e.data["new"] for e in Event.objects.all()] == [{"own_data": True}]
    assert schemas() == set()
    call_command("migrate", "--check", verbosity=0)
    # What is recorded now opens promises, by the triggers and functions of the new tables.
    from funnel import moment

    a_member("inside_sales")
    an_mql(moment.now())
    assert Handoff.objects.get().due_at
    assert browser.get("/settings/own-data/")["Location"].startswith("/sign-in/")
    assert (
        Client().post("/sign-in/", {"username": "boss@own.example.jp", "password": PASSWORD})["Location"]
        == "/"
    )


def test_what_goes_wrong_on_the_way_leaves_the_demo_as_it_was(monkeypatch: pytest.MonkeyPatch):
    boss = a_demo()
    ask(boss)

    def breaks(*_: Any, **__: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE half_done ()")
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(building, "call_command", breaks)
    assert not building.carry_out()
    assert (Lead.objects.count(), Organization.current().name) == (1, "デモ")
    assert schemas() == set()
    asked = FreshStart.objects.get()
    assert (asked.standing, asked.failure) == ("failed", "RuntimeError")
    assert not building.carry_out()
    browser = Client()
    browser.force_login(boss)
    assert "RuntimeError" in browser.get("/settings/own-data/").content.decode()


def test_an_installation_that_is_no_demo_is_never_cleared():
    boss = a_demo()
    ask(boss)
    Organization.objects.update(is_demo=False)
    assert not building.carry_out()
    assert Lead.objects.count() == 1
    with pytest.raises(MoveRefused) as refused:
        ask(boss)
    assert refused.value.code == "not_a_demo"
    browser = Client()
    browser.force_login(boss)
    assert browser.post("/settings/own-data/", {}).status_code == 200
    assert FreshStart.objects.get().company == "自社株式会社"


def test_becoming_a_company_of_its_own_meanwhile_stops_the_exchange(monkeypatch: pytest.MonkeyPatch):
    boss = a_demo()
    ask(boss)

    def build(asked: FreshStart) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {building.FRESH}")
            cursor.execute("UPDATE public.funnel_organization SET is_demo = false")

    monkeypatch.setattr(building, "_build", build)
    assert not building.carry_out()
    assert Lead.objects.count() == 1
    assert schemas() == set()


def test_the_form_asks_for_everything_and_for_the_words(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("revops.own_data.pages._hint", lambda: None)
    client.force_login(a_demo())
    once = client.get("/settings/own-data/").context["form"]["once"].value()
    good = {
        "once": once, "company": "自社", "name": "社長", "email": "boss@own.example.jp", "password": PASSWORD,
        "again": PASSWORD, "confirmed": "自社データではじめる",
    }  # fmt: skip
    for wrong in (
        {"confirmed": "はい"},
        {"email": "x"},
        {"again": "y"},
        {"company": " "},
        {"password": "short", "again": "short"},
    ):
        assert client.post("/settings/own-data/", {**good, **wrong}).status_code == 422
    assert not FreshStart.objects.exists()
    assert client.post("/settings/own-data/", good).status_code == 302
    kept = FreshStart.objects.get()
    assert PASSWORD not in kept.password
    page = client.get("/settings/own-data/").content.decode()
    assert "/settings/own-data/progress/" in page
    assert client.get("/settings/own-data/progress/").status_code == 200
    Organization.objects.update(is_demo=False)
    assert not building.carry_out()


def test_only_administrators_of_a_demo_see_the_way_out(client: Client):
    a_demo()
    client.force_login(a_member("marketing", language="en"))
    assert "Demo data" in client.get("/").content.decode()
    assert "/settings/own-data/" not in client.get("/").content.decode()
    assert client.get("/settings/own-data/").status_code == 403
