"""Who is let in, and who may write."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from funnel.models import Lead, Member
from tests.builders import a_member
from tests.doors import Answered, Caller, a_token, lead_body

READ = ("leads/", "accounts/", "persons/", "deals/", "customers/", "events/", "handoffs/", "members/")


@pytest.mark.parametrize("address", READ)
def test_a_token_of_scope_read_reads(reader: Caller, address: str):
    assert reader.get(address).status == 200


@pytest.mark.parametrize("address", READ)
def test_without_a_token_nothing_is_read(stranger: Caller, address: str):
    refused = stranger.get(address)
    assert (refused.status, refused["code"]) == (401, "not_authenticated")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_of_scope_read_changes_nothing(reader: Caller):
    refused = reader.post("leads/", lead_body())
    assert (refused.status, refused["code"]) == (403, "read_only")
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    "token", ["x" * 64, "", "short", "a b", "\x7f" * 64, "é" * 64, "ü" * 30, "' OR 1=1 --" * 4, "0" * 5_000]
)
def test_a_forged_token_is_refused(db: None, token: str):
    refused = Caller(token).get("leads/")
    assert (refused.status, refused["code"]) in ((401, "invalid_token"), (401, "not_authenticated"))


def test_the_token_of_a_member_who_left_and_an_expired_one_are_refused(api: Caller):
    assert api.get("leads/").status == 200
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert api.get("leads/")["code"] == "invalid_token"
    AuthToken.objects.update(expiry=None)
    assert api.get("leads/").status == 200
    Member.objects.update(is_active=False)
    assert api.get("leads/")["code"] == "invalid_token"


def test_a_token_is_stored_as_a_hash_only(db: None):
    token = a_token()
    (row,) = AuthToken.objects.values_list("digest", "token_key")
    assert token not in row[0]
    assert len(row[1]) < len(token)


def test_a_signed_in_member_writes_for_his_department_with_the_token_of_his_form(db: None):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(a_member("customer_success"))
    forged = Answered(browser.post("/api/v1/leads/", lead_body(), content_type="application/json"))
    assert (forged.status, forged["code"]) == (403, "csrf_failed")
    browser.handler.enforce_csrf_checks = False
    created = Answered(browser.post("/api/v1/leads/", lead_body(), content_type="application/json"))
    assert created.status == 201
    body = {"to": "mql", "reason": "inquiry"}
    refused = Answered(
        browser.post(f"/api/v1/leads/{created['id']}/qualify/", body, content_type="application/json")
    )
    assert (refused.status, refused["code"]) == (403, "not_yours")


def test_a_member_of_two_departments_says_for_which_he_acts(api: Caller):
    told = api.post("leads/", lead_body(), **{"Acting-Department": "inside_sales"})
    assert told.status == 201
    assert api.get("events/", lead=told["id"])["results"][0]["department"] == "inside_sales"
    refused = api.post("leads/", lead_body(), **{"Acting-Department": "accounting"})
    assert (refused.status, refused["field"], refused["code"]) == (422, "Acting-Department", "bad_choice")


def test_a_member_without_a_department_looks_and_changes_nothing(db: None):
    browser = Client()
    browser.force_login(a_member())
    assert browser.get("/api/v1/leads/").status_code == 200
    refused = Answered(browser.post("/api/v1/leads/", lead_body(), content_type="application/json"))
    assert (refused.status, refused["code"]) == (403, "read_only")
