"""Signing in: by e-mail, in the person's language, and not by guessing."""

import pytest
from django.test import Client, override_settings
from rest_framework.throttling import SimpleRateThrottle

from tests import builders

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def member():
    made = builders.a_member("marketing", language="en")
    made.set_password(PASSWORD)
    made.save()
    return made


def signing_in(member, password=PASSWORD, **more):
    return Client().post("/sign-in/", {"username": member.username, "password": password, **more})


def test_the_right_password_leads_to_the_queue(member):
    assert signing_in(member)["Location"] == "/"


def test_the_case_of_the_email_does_not_matter(member):
    member.username = member.username.upper()
    assert signing_in(member).status_code == 302


def test_one_comes_back_to_where_one_wanted_to_go(member):
    assert signing_in(member, next="/?tab=returned")["Location"] == "/?tab=returned"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(member, elsewhere):
    assert signing_in(member, next=elsewhere)["Location"] == "/"


def test_a_wrong_password_and_an_unknown_email_read_the_same(member):
    wrong = signing_in(member, "wrong")
    assert wrong.status_code == 422
    member.username = "nobody@example.jp"
    unknown = signing_in(member)
    said = [str(r.context["form"].non_field_errors()) for r in (wrong, unknown)]
    assert said[0] == said[1] != ""


def test_somebody_who_left_cannot_sign_in(member):
    member.is_active = False
    member.save()
    assert signing_in(member).status_code == 422


def test_guessing_is_stopped_even_for_the_right_password(member, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"sign-in": "3/min"})
    for _ in range(3):
        assert signing_in(member, "wrong").status_code == 422
    assert signing_in(member).status_code == 429


def test_those_who_sign_in_rightly_lock_nobody_out(member, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"sign-in": "3/min"})
    assert signing_in(member, "wrong").status_code == 422
    assert [signing_in(member).status_code for _ in range(8)] == [302] * 8
    # What failed still counts.
    assert [signing_in(member, "wrong").status_code for _ in range(3)] == [422, 422, 429]


@override_settings(
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
    }
)
def test_without_redis_people_can_still_sign_in(member):
    assert signing_in(member).status_code == 302


def test_the_page_speaks_the_language_of_the_browser():
    assert 'lang="ja"' in Client().get("/sign-in/", headers={"Accept-Language": "ja"}).content.decode()
    assert 'lang="en"' in Client().get("/sign-in/", headers={"Accept-Language": "en"}).content.decode()


def test_a_member_keeps_the_language_once_chosen(member):
    client = Client()
    client.force_login(member)
    client.post("/i18n/setlang/", {"language": "ja", "next": "/"})
    assert 'lang="ja"' in client.get("/", headers={"Accept-Language": "en"}).content.decode()


def test_the_policy_allows_neither_inline_scripts_nor_styles():
    answer = Client().get("/sign-in/")
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    body = answer.content.decode()
    assert "<style" not in body
    assert ' style="' not in body
    assert " onclick=" not in body
