"""Tokens for programs."""

import io

import pytest
from django.core.management import CommandError, call_command

from funnel.models import Event, Member
from tests.doors import Caller


def made(name: str, scope: str) -> str:
    out = io.StringIO()
    call_command("create_token", name=name, scope=scope, stdout=out)
    return out.getvalue()


def test_the_token_is_the_last_word_printed_and_works(db: None):
    printed = made("基幹 連携", "write")
    assert printed.count("\n") == 1
    assert Caller(printed.split()[-1]).get("leads/").status == 200


def test_the_same_name_and_scope_is_the_same_service_member(db: None):
    made("crm", "write")
    made("crm", "write")
    made("crm", "read")
    assert sorted(Member.objects.filter(name="crm").values_list("is_service", "is_viewer")) == [
        (True, False),
        (True, True),
    ]
    assert not any(m.has_usable_password() for m in Member.objects.filter(is_service=True))


def test_making_a_token_is_an_event_without_the_token(db: None):
    token = made("crm", "read").split()[-1]
    (event,) = Event.objects.filter(kind="setting_changed")
    assert event.data["new"]["scope"] == "read"
    assert token not in str(event.data)


def test_a_name_is_needed(db: None):
    with pytest.raises(CommandError):
        made("  ", "read")
