"""An administrator at the settings, and what the ledger says of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from funnel.models import Event, Member
from funnel.transitions.acting import Actor
from tests.builders import a_member


@pytest.fixture
def boss(db: None) -> Member:
    """An administrator of a department."""
    return a_member("marketing", is_administrator=True, is_active=True)


@pytest.fixture
def by(boss: Member, now) -> Actor:
    return Actor.of(boss, "html", now=now)


@pytest.fixture
def desk(boss: Member) -> Client:
    """The administrator's browser."""
    client = Client()
    client.force_login(boss)
    return client


def said(prefix: str = "") -> list[dict[str, Any]]:
    """What the ledger says of changes whose `what` begins so, the oldest first."""
    rows = Event.objects.filter(kind="setting_changed").order_by("id")
    return [e.data for e in rows if e.data["what"].startswith(prefix)]
