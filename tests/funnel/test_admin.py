"""The admin: facts and settings are looked at; the currency alone is set here, and in the ledger."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.utils import translation

from funnel.models import Channel, CompanyDay, Event, Member, Organization
from tests.builders import a_contract, a_member

pytestmark = pytest.mark.django_db
SETTINGS = ("departmentsetting", "companyday", "channel", "reason", "member")
LOOK_ONLY = ("event", "lead", "deal", "customer", "importbatch")


@pytest.fixture
def administrator(client) -> Member:
    member = a_member("marketing", is_administrator=True)
    client.force_login(member)
    return member


@pytest.mark.parametrize("model", LOOK_ONLY)
def test_facts_are_shown_and_not_changed(client, administrator, now, model) -> None:
    a_contract(now)
    assert client.get(f"/admin/funnel/{model}/").status_code == 200
    assert client.get(f"/admin/funnel/{model}/add/").status_code == 403


@pytest.mark.parametrize("model", SETTINGS)
def test_settings_are_shown_and_written_on_their_pages_only(client, administrator, model) -> None:
    page = admin.site._registry[apps.get_model("funnel", model)]
    CompanyDay.objects.create(day="2027-01-04")
    Channel.objects.create(slug="web", name="Web")
    row = page.model.objects.first()
    assert client.get(f"/admin/funnel/{model}/{row.pk}/change/").status_code == 200
    for what in ("add", f"{row.pk}/change", f"{row.pk}/delete"):
        assert client.post(f"/admin/funnel/{model}/{what}/", {}).status_code == 403, what
    # An address of its own to set a password, as Django's pages for users have, would be a second writer.
    assert not any("password" in str(pattern.pattern) for pattern in page.get_urls())


def test_the_currency_is_set_here_and_in_the_ledger(client, administrator) -> None:
    answer = client.post(
        "/admin/funnel/organization/1/change/", {"currency": "EUR", "name": "Another", "zone": "UTC"}
    )
    assert answer.status_code == 302
    organization = Organization.objects.get()
    assert organization.currency == "EUR"
    assert (organization.name, organization.zone) != ("Another", "UTC")
    event = Event.objects.get(kind="setting_changed")
    assert (event.actor, event.data) == (
        administrator, {"what": "organization.currency", "old": "JPY", "new": "EUR"}
    )  # fmt: skip


def test_rights_and_tokens_are_not_made_here(client, administrator) -> None:
    for path in ("auth/group", "knox/authtoken"):
        assert client.get(f"/admin/{path}/").status_code == 404


def test_nobody_but_an_administrator_gets_in(client) -> None:
    client.force_login(a_member("marketing", role="lead"))
    assert client.get("/admin/").status_code == 302


def test_every_model_of_the_ledger_is_look_only() -> None:
    for model, page in admin.site._registry.items():
        if model._meta.app_label == "funnel" and model._meta.model_name in LOOK_ONLY:
            assert not page.has_change_permission(None)


ENGLISH = re.compile(r"[A-Za-z]{2,}")
SAME_IN_BOTH = {"ID", "MQL", "SQL", "BANT", "SHA-256", "Web"}


def _without_own_names(said: str) -> str:
    for word in SAME_IN_BOTH:
        said = said.replace(word, "")
    return said


@pytest.mark.parametrize("page", admin.site._registry.values(), ids=lambda page: page.model.__name__)
def test_columns_filters_fields_and_values_are_said_in_japanese(page) -> None:
    with translation.override("ja"):
        shown = {field for field in page.model._meta.fields if field.name not in (page.exclude or ())}
        words = {str(field.verbose_name) for field in shown if field.editable and not page.fields}
        words |= {label_for_field(name, page.model, page) for name in page.list_display}
        words |= {str(label) for field in shown for _, label in field.flatchoices if field.name != "language"}
        assert not [word for word in words if ENGLISH.search(_without_own_names(word))]


def test_an_english_reader_sees_english(client, administrator, now) -> None:
    Member.objects.filter(pk=administrator.pk).update(language="en")
    a_contract(now)
    page = client.get("/admin/funnel/event/").content.decode()
    assert "Occurred" in page
    assert "By department" in page
    assert "Contract signed" in page
    Member.objects.filter(pk=administrator.pk).update(language="ja")
    page = client.get("/admin/funnel/event/").content.decode()
    assert "発生日時" in page
    assert "契約締結" in page
    assert "Occurred" not in page
