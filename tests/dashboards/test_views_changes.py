"""A target that was set stands on the page of changed settings in words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dashboards.targets import COMPANY, Whom, Wish
from dashboards.targets.writing import set_all
from funnel.transitions.acting import Actor
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", ["目標: MQL", "会社", "マーケティング", "担当"]),
        ("en", ["Target: ", "The company", "Marketing", "from 20"]),
    ],
)
def test_a_target_is_said_in_words(client, now, language, words):
    boss = builders.a_member("marketing", role="lead", is_administrator=True, language=language)
    by = Actor.of(boss, "html", now=now)
    first = now.date().replace(day=1)
    whoms = (COMPANY, Whom("department", department="marketing"), Whom("member", member_id=boss.pk))
    set_all([Wish("mql", "month", first, Decimal(40), whom, None) for whom in whoms], by, now=now)
    client.force_login(boss)
    table = client.get("/settings/history/").content.decode().split("<table", 1)[1]
    assert [word for word in words if word not in table] == []
    assert "target.mql" not in table
    assert ">40<" in table.replace(" ", "")
