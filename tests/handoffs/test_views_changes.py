"""The page of changed settings says everything in the reader's words, in both languages, at one price."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.company import calendar_days, departments, members, presence, reasons, sources, tokens, wordings
from funnel.models import Channel, Member, Membership, Organization, Reason
from funnel.transitions.acting import Actor
from handoffs import terms
from handoffs.models import LaneTerms
from tests import builders

pytestmark = pytest.mark.django_db
SAID = {
    "ja": [
        "インサイドセールス → フィールドセールス",
        "マーケティング → インサイドセールス",
        "期限までの長さ</span> 24",
        "期限までの長さ</span> 36",
        "「商談(SQL)」の呼び名",
        "案件",
        "佐藤 美咲: 不在",
        "佐藤 美咲 (マーケティング): 1日の受け渡し上限",
        "流入経路: 展示会",
        "APIトークン: CRM",
        "休業",
    ],
    "en": [
        "Inside Sales → Field Sales",
        "Marketing → Inside Sales",
        "Time allowed</span> 24",
        "Time allowed</span> 36",
        "Stage “SQL”",
        "Case",
        "佐藤 美咲: absence",
        "佐藤 美咲 (Marketing): handoffs a day at most",
        "Channel: 展示会",
        "API token: CRM",
        "closed",
    ],
}
CODES = re.compile(
    r"<td[^>]*>[^<]*\b(terms\.|member\.|absence\.|capacity\.|channel\.|stage\.sql|api_token|reason\.|first_on|is_active|elapsed_hours)"
)


@pytest.fixture
def boss(now) -> Member:
    return builders.a_member("marketing", is_administrator=True)


@pytest.fixture
def by(boss, now) -> Actor:
    return Actor.of(boss, "html", now=now)


def changed_everywhere(by: Actor, now) -> None:
    """A change of every kind the desk can make."""
    today = now.date()
    sato = builders.a_member("marketing")
    Member.objects.filter(pk=sato.pk).update(name="佐藤 美咲")
    membership = Membership.objects.get(member=sato)
    unit = LaneTerms.objects.filter(boundary="mql").latest("version").unit
    terms.agree("mql", by, now=now, target=36, unit=unit, warn_at_percent=[50, 75])
    items = LaneTerms.objects.filter(boundary="sql").latest("version").items
    terms.agree_items([{**item, "weight": 3} for item in items], by, now=now)
    wordings.call("stage", "sql", by, now=now, ja="案件", en="Case")
    away = {"first_on": today + timedelta(3), "last_on": today + timedelta(5)}
    presence.add_absence(sato.pk, by, now=now, **away)
    presence.set_capacity(membership.pk, by, now=now, capacity=4)
    made = sources.add_channel(by, now=now, name="展示会", slug="", is_web=False)
    sources.edit(Channel, made.pk, by, now=now, name="展示会", is_active=False, is_web=False)
    tokens.issue("CRM", "write", by, now=now)
    calendar_days.close(by, now=now, first=today + timedelta(9), last=today + timedelta(10), name="")
    members.set_roles(sato.pk, by, now=now, is_administrator=False, is_viewer=True)
    members.leave(sato.pk, by, now=now, on=today + timedelta(30))
    departments.cover("customer_success", by, now=now, covered_by="field_sales")
    first = Reason.objects.filter(act="loss").earliest("position")
    row = {"id": first.pk, "label_ja": "高い", "label_en": "Too dear", "position": 7, "is_active": True}
    reasons.change("loss", [row], by, now=now)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_was_changed_is_said_in_words(client, boss, by, now, language):
    changed_everywhere(by, now)
    Member.objects.filter(pk=boss.pk).update(language=language)
    client.force_login(boss)
    shown = client.get("/settings/history/").content.decode()
    assert [words for words in SAID[language] if words not in shown] == []
    assert CODES.findall(shown) == []


def test_the_page_asks_no_more_for_many_changes(client, boss, by, now):
    client.force_login(boss)
    changed_everywhere(by, now)
    client.get("/settings/history/")
    with CaptureQueriesContext(connection) as few:
        client.get("/settings/history/")
    unit = LaneTerms.objects.filter(boundary="mql").latest("version").unit
    for n in range(5):
        terms.agree("mql", by, now=now, target=40 + n, unit=unit, warn_at_percent=[75])
        sources.add_channel(by, now=now, name=f"展示会{n}", slug="", is_web=False)
        wordings.call("stage", "mql", by, now=now, ja=f"見込み{n}", en="")
        presence.set_capacity(Membership.objects.latest("id").pk, by, now=now, capacity=5 + n)
    with CaptureQueriesContext(connection) as many:
        client.get("/settings/history/")
    assert len(many) <= len(few)


def test_the_company_s_own_name_is_no_part_of_the_ledger(client, boss, by, now):
    organization = Organization.current()
    calendar_days.set_organization(
        by, now=now, name="株式会社新", zone=organization.zone, country="", fiscal_year_start=10, stamp=None
    )
    Member.objects.filter(pk=boss.pk).update(language="en")
    client.force_login(boss)
    shown = client.get("/settings/history/").content.decode()
    assert "month 10" in shown
    assert "None" in shown
    assert "changed" in shown
    assert "株式会社新" not in shown.split("<table", 1)[1]
