"""Who may open what: every address declares it, and every role meets what is declared."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from funnel.stages import ACTS
from tests import builders

KINDS = {"public", "reads", "writes", "receives", "leads_only", "administers"}
# These guard themselves: probes and languages are for everybody, the admin and the API have their own rules.
GUARDED_ELSEWHERE = ("admin/", "api/", "healthz", "readyz", "i18n/", "sign-out/")
NUMBER = 999_999


def addresses(patterns=None, before: str = "") -> list[tuple[str, object]]:
    """Every address of the product and its view."""
    found = []
    for one in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(one.pattern).removeprefix("^")
        if isinstance(one, URLResolver):
            found += addresses(one.url_patterns, path)
        elif isinstance(one, URLPattern) and not path.startswith(GUARDED_ELSEWHERE):
            found.append((path, one.callback))
    return found


def concrete(path: str) -> str:
    return "/" + re.sub(r"<(\w+:)?\w+>", str(NUMBER), path)


def test_every_address_declares_who_may_open_it():
    undeclared = [path for path, view in addresses() if getattr(view, "permission", None) is None]
    assert undeclared == []


def test_every_declaration_is_one_of_the_known_kinds():
    for path, view in addresses():
        permission = view.permission
        assert permission.kind in KINDS, path
        assert (permission.kind == "writes") == bool(permission.act), path
        assert not permission.act or permission.act in ACTS, path


@pytest.mark.django_db
def test_a_stranger_reaches_public_pages_only():
    for path, view in addresses():
        if view.permission.kind == "public":
            continue
        answer = Client().get(concrete(path))
        answer = Client().post(concrete(path)) if answer.status_code == 405 else answer
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/sign-in/"), path


@pytest.mark.django_db
def test_pages_for_leads_and_administrators_are_closed_to_others():
    roles = {
        "viewer": builders.a_member(is_viewer=True),
        "member": builders.a_member("marketing"),
        "lead": builders.a_member("marketing", role="lead"),
        "administrator": builders.a_member(is_administrator=True),
    }
    may = {"leads_only": {"lead", "administrator"}, "administers": {"administrator"}}
    for role, member in roles.items():
        client = Client()
        client.force_login(member)
        for path, view in addresses():
            if view.permission.kind in may:
                answer = client.get(concrete(path))
                answer = client.post(concrete(path)) if answer.status_code == 405 else answer
                assert (answer.status_code == 403) == (role not in may[view.permission.kind]), (role, path)


@pytest.mark.django_db
def test_every_write_of_a_viewer_is_refused_or_finds_nothing():
    client = Client()
    client.force_login(builders.a_member(is_viewer=True))
    for path, view in addresses():
        if view.permission.kind in ("writes", "receives"):
            answer = client.post(concrete(path), {"once": str(uuid.uuid4())})
            assert answer.status_code in (403, 404, 405, 422), path
