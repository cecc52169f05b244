"""A person is erased for good: no table holds a word of him, and every count, promise and event stays."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from dashboards import counts
from dashboards.counts.ledger import findings
from dashboards.scope import Scope
from funnel import moment
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import (
    Deal,
    Event,
    IdempotencyKey,
    ImportBatch,
    ImportRow,
    Lead,
    Note,
    Person,
    SavedView,
)
from funnel.transitions import deals, erasing, leads
from funnel.transitions.acting import Actor
from handoffs import promises
from handoffs.models import CustomerSheet
from tests import builders
from tests.handoffs.conftest import Story

NAME, KANA, MAIL, PHONE = (
    "綾小路 きみまろ子",
    "アヤノコウジ キミマロコ",
    "Kimimaro@ayanokoji.example.jp",
    "03-1234-9876",
)
WORDS = [NAME, "綾小路きみまろ子", KANA, MAIL, MAIL.lower(), "kimimaro", PHONE, "0312349876"]


@pytest.fixture
def boss(db: None) -> Actor:
    member = builders.a_member(is_administrator=True)
    return Actor.of(member, "html", now=moment.now())


def texts() -> dict[str, list[str]]:
    """Every column that can hold words, and which of his words it holds."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t"
            " USING (table_schema, table_name) WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            " AND c.data_type IN ('text', 'character varying', 'jsonb', 'json', 'ARRAY', 'USER-DEFINED', 'bytea')"
        )
        columns = cursor.fetchall()
        assert len(columns) > 150
        for table, column in columns:
            for word in WORDS:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" WHERE position(lower(%s) IN lower("{column}"::text)) > 0',
                    [word],
                )
                if cursor.fetchone()[0]:
                    found.setdefault(f"{table}.{column}", []).append(word)
    return found


@pytest.fixture
def known(story: Story) -> Person:
    """Somebody who bought, whom notes, sheets, files, answers and views name, and a record merged into his."""
    first = story.lead(company="綾小路商店", name=NAME, name_kana=KANA, email=MAIL, phone=PHONE, title="店主")
    colleague = story.lead(company="綾小路商店", name="別人 太郎", email="betsujin@example.jp")
    for lead in (first, colleague):
        by = story.people["inside_sales"]
        leads.log(
            lead.pk, by, now=moment.now(), kind="call", result="connected", note=f"{NAME}様が決裁者です"
        )
    elsewhere = story.lead()
    leads.log(elsewhere.pk, by, now=moment.now(), kind="call", note=f"担当は{MAIL.lower()}、{PHONE}")
    owed = story.mql(lead=first)
    deal = story.sql(owed.lead, sheet={"note": f"{NAME}様はお急ぎ", "contact": PHONE, "name": NAME}).deal
    Deal.objects.filter(pk=deal.pk).update(name=f"{NAME} ワークフロー")
    deals.plan(
        deal.pk, story.people["field_sales"], now=moment.now(), next_step=f"{NAME}様へ見積",
        next_step_on=(moment.now() + timedelta(days=3)).date(),
    )  # fmt: skip
    customer = story.won(deal).customer
    customer.note, customer.plan = f"窓口は{NAME}様", "10席"
    customer.save()
    batch = ImportBatch.objects.create(kind="leads", sha256="0" * 64)
    ImportRow.objects.create(
        batch=batch,
        line=2,
        outcome="rejected",
        reason="bad_email",
        raw=f"{NAME},{MAIL},x",
        params={"value": MAIL},
    )
    ImportRow.objects.create(batch=batch, line=3, outcome="rejected", reason="bad_email", raw="別人 太郎,x")
    member = builders.a_member()
    IdempotencyKey.objects.create(
        member=member, key="k", request_sha256="0" * 64, status=201, body={"name": NAME}
    )
    SavedView.objects.create(
        owner=member, list="leads", name="彼",
        query="q=%E7%B6%BE%E5%B0%8F%E8%B7%AF+%E3%81%8D%E3%81%BF%E3%81%BE%E3%82%8D%E5%AD%90",
    )  # fmt: skip
    other = Person.objects.create(
        name="綾小路 きみまろ子", name_kana=KANA, phone=PHONE, merged_into=first.person
    )
    assert other.pk
    return Person.objects.get(pk=first.person_id)


def test_no_table_holds_a_word_of_him_and_every_total_stays(known: Person, boss: Actor) -> None:
    today = moment.now().date()
    scope = Scope(start=today - timedelta(days=40), end=today + timedelta(days=1))
    was = (counts.funnel(scope).stages, Event.objects.count(), Lead.objects.count(), Note.objects.count())
    assert len(texts()) > 12
    erasing.erase(known.pk, boss, now=moment.now(), confirmed="綾小路きみまろ子")
    assert texts() == {}
    assert (
        counts.funnel(scope).stages,
        Event.objects.count() - 1,
        Lead.objects.count(),
        Note.objects.count(),
    ) == was
    assert [(f.check, f.count) for f in findings() if f.count] == []
    assert not any(promises.reconcile().values())
    told = Event.objects.get(kind="person_erased")
    assert told.data["person"] == known.pk
    assert told.actor == boss.member
    # What is others' stays.
    assert ImportRow.objects.get(line=3).raw == "別人 太郎,x"
    assert Person.objects.get(name="別人 太郎").email
    assert Note.objects.filter(text="様が決裁者です").count() == 1
    assert Deal.objects.get().name == " ワークフロー"
    sheet = CustomerSheet.objects.get()
    assert (sheet.values, sheet.score > 0, sheet.erased_at is not None) == ({}, True, True)


def test_an_erased_person_stays_erased_and_is_not_known_again(
    known: Person, boss: Actor, story: Story
) -> None:
    erasing.erase(known.pk, boss, now=moment.now(), confirmed=NAME)
    with pytest.raises(MoveRefused, match="already_done"):
        erasing.erase(known.pk, boss, now=moment.now(), confirmed=NAME)
    for table in ("funnel_person", "funnel_note"):
        with (
            pytest.raises(IntegrityError, match="erased_for_good"), transaction.atomic(), connection.cursor() as cursor,
        ):  # fmt: skip
            cursor.execute(f"UPDATE {table} SET erased_at = NULL WHERE erased_at IS NOT NULL")
    again = story.lead(company="綾小路商店", name=NAME, email=MAIL)
    assert again.person_id != known.pk


def test_only_an_administrator_erases_and_types_the_name(known: Person, boss: Actor, story: Story) -> None:
    with pytest.raises(NotYours, match="administrators_only"):
        erasing.erase(known.pk, story.people["marketing"], now=moment.now(), confirmed=NAME)
    with pytest.raises(BadValue, match="erase_not_confirmed"):
        erasing.erase(known.pk, boss, now=moment.now(), confirmed="綾小路")
    merged = Person.objects.get(merged_into=known)
    with pytest.raises(MoveRefused, match="erase_the_kept_one"):
        erasing.erase(merged.pk, boss, now=moment.now(), confirmed=NAME)
    known.refresh_from_db()
    assert known.erased_at is None


def test_the_page_says_what_goes_and_stays_and_the_file_holds_all_of_him(known: Person, boss: Actor) -> None:
    client = Client()
    client.force_login(boss.member)
    page = client.get(f"/people/{known.pk}/erase/")
    assert NAME in page.content.decode()
    held = json.loads(client.post(f"/people/{known.pk}/data/").content)
    assert (held["person"]["email"], held["person"]["phone"], len(held["leads"])) == (MAIL, PHONE, 1)
    assert any(NAME in note["text"] for note in held["notes"])
    assert held["sheets"][0]["values"]["contact"] == PHONE
    assert Event.objects.filter(kind="data_exported", data__what="person").count() == 1
    sent = {"confirm": "誰か", "once": str(uuid.uuid4())}
    assert client.post(f"/people/{known.pk}/erase/", sent).status_code == 422
    sent = {"confirm": NAME, "once": str(uuid.uuid4())}
    assert client.post(f"/people/{known.pk}/erase/", sent)["Location"] == "/people/"
    assert client.get(f"/people/{known.pk}/erase/").status_code == 404
    assert client.get(f"/c/{Lead.objects.earliest('pk').pk}/").status_code == 200
    assert NAME not in client.get("/search/", {"q": "綾小路"}).content.decode()
