"""The admin: facts are read-only, settings are edited and every change is in the ledger."""

import pytest
from django.contrib import admin

from funnel.models import Event, Member, Reason
from tests.builders import a_contract, a_member

pytestmark = pytest.mark.django_db
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


def test_a_changed_setting_is_an_event(client, administrator) -> None:
    reason = Reason.objects.get(act="loss", code="price")
    client.post(
        f"/admin/funnel/reason/{reason.pk}/change/",
        {
            "act": "loss",
            "code": "price",
            "label_en": "Too dear",
            "label_ja": "価格",
            "position": 0,
            "is_active": "on",
        },
    )
    event = Event.objects.get(kind="setting_changed")
    assert (event.actor, event.data) == (
        administrator,
        {"what": f"reason.{reason.pk}", "old": None, "new": ["label_en"]},
    )


def test_a_member_is_added_with_a_department(client, administrator) -> None:
    known = {"username": "new@example.jp", "name": "新人", "email": "new@example.jp", "language": "ja"}
    secret = "correct-horse-battery"  # noqa: S105 - made up here
    inline = {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0, "memberships-0-department": "marketing",
              "memberships-0-role": "member", "memberships-0-valid_from": "2026-01-01"}  # fmt: skip
    answer = client.post(
        "/admin/funnel/member/add/",
        known | inline | {"usable_password": "true", "password1": secret, "password2": secret},
    )
    assert answer.status_code == 302, answer.context["errors"]
    member = Member.objects.get(username="new@example.jp")
    assert member.check_password(secret)
    assert member.memberships.get().department == "marketing"
    changed = f"membership.{member.memberships.get().pk}"
    assert Event.objects.get(data__what=changed).data["new"] == ["added"]


def test_who_leaves_a_department_when_is_in_the_ledger(client, administrator) -> None:
    leaver = a_member("inside_sales")
    held = leaver.memberships.get()
    client.post(
        f"/admin/funnel/member/{leaver.pk}/change/",
        {
            "username": leaver.username, "name": leaver.name, "language": "ja", "is_active": "on",
            "memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 1, "memberships-0-id": held.pk,
            "memberships-0-member": leaver.pk, "memberships-0-department": "inside_sales",
            "memberships-0-role": "lead", "memberships-0-valid_from": "2020-01-01",
            "initial-memberships-0-valid_from": "2020-01-01", "memberships-0-valid_to": "2027-01-01",
        },
    )  # fmt: skip
    event = Event.objects.get(data__what=f"membership.{held.pk}")
    assert (event.actor, event.data["new"]) == (administrator, ["role", "valid_to"])


def test_nobody_but_an_administrator_gets_in(client) -> None:
    client.force_login(a_member("marketing", role="lead"))
    assert client.get("/admin/").status_code == 302


def test_every_model_of_the_ledger_is_look_only() -> None:
    for model, page in admin.site._registry.items():
        if model._meta.app_label == "funnel" and model._meta.model_name in LOOK_ONLY:
            assert not page.has_change_permission(None)
