"""Whom a search finds: every spelling, every size, and the same people whichever way they are looked for."""

from __future__ import annotations

import random
import sys
import unicodedata

import pytest
from django.db import connection

from funnel import normalise
from funnel.models import Account, Lead, Person
from funnel.search import hits
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from tests.builders import a_lead

pytestmark = pytest.mark.django_db
# How the words are looked for: by the few ids of the index, by walking the list, among those who came lately.
WAYS = {"few": {}, "dense": {"dense": 0}, "many": {"few": 0}}


@pytest.fixture
def minato(now) -> Lead:
    """One company and one person with everything a search looks through, among others."""
    a_lead(now, company="有限会社別", name="佐藤 翔")
    lead = leads.capture(
        SYSTEM,
        now=now,
        fields=leads.LeadFields(
            company="株式会社みなと物流ABC", name="髙橋 由美", name_kana="タカハシ ユミ",
            email="t.takahashi@minato.example.jp",
            phone="+81 3-1234-5678", external_id="x-77/a",
        ),
    ).lead  # fmt: skip
    Account.objects.filter(pk=lead.account_id).update(
        name_kana="ミナトブツリュウ", domain="minato-group.example"
    )
    a_lead(now, company="東京都港区商会", name="John Smith", email="smith@example.com")
    return lead


# fmt: off
FOUND = [
    "みなと物流", "ミナト", "ﾐﾅﾄ", "物流", "㈱みなと", "(株)みなと物流", "株式会社 みなと", "みなと物流 株式会社",
    "みなと　物流",
    "ＡＢＣ", "abc", "みなと物流abc", "ab",
    "髙橋", "高橋", "高橋由美", "高橋 由美", "由美", "橋由", "美", "髙", "タカハシ", "たかはし", "ﾀｶﾊｼ", "はしゆ",
    "ブツリュウ",
    "高橋 みなと", "みなと 由美 0312345678",
    "t.takahashi@minato.example.jp", "T.TAKAHASHI@MINATO", "takahashi", "minato", "@minato.example", "minato-group",
    "03-1234-5678", "０３－１２３４－５６７８", "0312345678", "+81-3-1234-5678", "03-1234", "1234-5678", "5678",
    "x-77/a",
]
# fmt: on
NOT_FOUND = ["みなとみらい", "高橋 別", "inato", "9999-9999", "x-77", "森", "流物", "!?"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("typed", FOUND)
def test_a_person_is_found_however_it_is_typed(minato: Lead, typed: str, way: str) -> None:
    # An external id is no word of the people's texts.
    if way == "dense" and typed == "x-77/a":
        assert not hits(typed, **WAYS[way]).narrow(Lead.objects.all())
        return
    assert [lead.pk for lead in hits(typed, **WAYS[way]).narrow(Lead.objects.all())] == [minato.pk]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("typed", NOT_FOUND)
def test_what_nobody_has_finds_nobody(minato: Lead, typed: str, way: str) -> None:
    assert not hits(typed, **WAYS[way]).narrow(Lead.objects.all()).exists()


def test_a_blank_search_narrows_nothing_and_asks_nothing(minato: Lead, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        found = hits(" 　")
    assert found.narrow(Lead.objects.all()).count() == 3


def test_a_form_alone_finds_those_who_have_it(minato: Lead) -> None:
    assert {lead.account.name for lead in hits("㈲").narrow(Lead.objects.all())} == {"有限会社別"}


def test_words_of_different_people_of_a_company_are_not_mixed(minato: Lead, now) -> None:
    a_lead(now, company="株式会社みなと物流ABC", name="木村 亮")
    names = {lead.person.name for lead in hits("みなと").narrow(Lead.objects.all())}
    assert names == {"髙橋 由美", "木村 亮"}
    assert not hits("高橋 亮").narrow(Lead.objects.all()).exists()


@pytest.mark.parametrize("way", WAYS)
def test_the_people_themselves_are_narrowed_too(minato: Lead, way: str) -> None:
    found = hits("たかはし", **WAYS[way])
    assert [p.pk for p in found.narrow(Person.objects.all(), "pk")] == [minato.person_id]


TYPED = ["a1", "a", "b2", "高", "高橋", "橋田", "株式会社", "c9", "田 a1", "a1@b2.example.jp", "ざざ", "jp"]


@pytest.mark.parametrize("seed", range(3))
def test_a_search_finds_whom_reading_every_text_finds(now, seed: int) -> None:
    throw = random.Random(seed)
    for _ in range(40):
        who = throw.choice(["高橋", "橋田", "田高橋", "ざざ"]) + throw.choice(["一", "二 ", ""])
        mail = f"{throw.choice('ab')}{throw.randrange(20)}x{throw.randrange(10**9)}@b{throw.randrange(30)}.example.jp"
        a_lead(now, company=f"株式会社{throw.choice('高田橋')}{throw.randrange(9)}", name=who, email=mail)
    texts = dict(Person.objects.order_by("pk").values_list("pk", "search_text"))
    for typed in TYPED:
        words = normalise.search_words(typed)
        wanted = [
            pk for pk, text in texts.items()
            if all((f" {word}" if word.isascii() else word) in text for word in words)
        ]  # fmt: skip
        for ways in ({}, {"dense": 0}, {"dense": 1}, {"dense": 99, "few": 2}):
            found = hits(typed, **ways).whole()
            assert sorted(found.narrow(Person.objects.all(), "pk").values_list("pk", flat=True)) == wanted, (
                typed
            )
            by_lead = found.narrow(Lead.objects.all()).values_list("person_id", flat=True)
            assert sorted(by_lead) == wanted, typed


def test_of_very_many_the_latest_are_named_and_it_is_said(minato: Lead, now, monkeypatch) -> None:
    crowd = [a_lead(now, company="株式会社群", name=f"群 {n}") for n in range(6)]
    ids = [lead.person_id for lead in crowd]
    assert not hits("群", few=6, dense=99).partly
    found = hits("群", few=5, dense=99, named=3)
    assert found.partly
    assert found.people == tuple(reversed(ids[-3:]))
    assert found.counted(Lead.objects.all(), most=100) == (3, True)
    assert found.whole().narrow(Lead.objects.all()).count() == 6
    assert found.walked().narrow(Lead.objects.all()).count() == 6
    # Whoever came too long ago to be looked through is named when there is room.
    monkeypatch.setattr("funnel.search.finding.RECENT", 2)
    found = hits("群", few=5, dense=99, named=5)
    assert set(ids[-2:]) < set(found.people or ())
    assert len(found.people or ()) == 5
    # An external id names one, however many have the letters.
    Lead.objects.filter(pk=crowd[0].pk).update(external_id="群")
    assert ids[0] in (hits("群", few=5, dense=99, named=1).people or ())


def test_frequent_words_are_counted_in_a_window(now, monkeypatch) -> None:
    for _ in range(6):
        a_lead(now, company="株式会社並び")
    found = hits("並び", dense=3)
    assert found.counted(Lead.objects.all(), most=10) == (6, False)
    assert found.counted(Lead.objects.all(), most=4) == (4, True)
    monkeypatch.setattr("funnel.search.finding.WALKED", 5)
    assert found.counted(Lead.objects.all(), most=10) == (5, True)
    assert hits("並び").counted(Lead.objects.all(), most=4) == (4, True)


def test_the_text_follows_its_person_and_company_whoever_writes(minato: Lead) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE funnel_account SET name = '合同会社あさひ' WHERE id = %s", [minato.account_id])
        cursor.execute("UPDATE funnel_person SET search_text = 'tampered' WHERE id = %s", [minato.person_id])
    text = Person.objects.get(pk=minato.person_id).search_text
    assert "アサヒ" in text
    assert "ミナト物流" not in text
    assert "tampered" not in text


def test_a_person_without_any_text_has_none(now) -> None:
    lead = leads.capture(SYSTEM, now=now, fields=leads.LeadFields(external_id="nobody-1")).lead
    assert Person.objects.get(pk=lead.person_id).search_text == ""


def test_what_is_erased_is_found_no_more(minato: Lead) -> None:
    Person.objects.filter(pk=minato.person_id).update(
        name="", name_norm="", name_kana="", email="", email_norm=None, phone="", phone_norm="", title=""
    )
    assert not hits("高橋").narrow(Lead.objects.all()).exists()
    assert hits("みなと").narrow(Lead.objects.all()).exists()


def test_the_database_and_the_search_know_one_spelling() -> None:
    """Every letter of the first plane, folded on both sides."""
    letters = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code))[0] in "LN"]
    # Seldom letters on which two versions of Unicode, or a letter without its neighbours, may differ.
    letters = [c for c in letters if ord(c) < 0x10000 and not 0xAB00 <= ord(c) <= 0xABFF]
    differ = []
    with connection.cursor() as cursor:
        for batch in _batches(letters, 5000):
            cursor.execute("SELECT c, revops_search_fold(c) FROM unnest(%s::text[]) c", [list(batch)])
            differ += [c for c, folded in cursor.fetchall() if folded != _folded(c)]
    assert len(differ) < 20, differ
    assert not [
        c
        for c in differ
        if unicodedata.name(c, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HALFWIDTH", "FULLWIDTH"))
    ]


def _folded(text: str) -> str:
    return (
        unicodedata.normalize("NFKC", text)
        .lower()
        .translate(normalise._HIRAGANA_TO_KATAKANA | normalise._USUAL)
    )


def _batches(rows: list[str], size: int) -> list[list[str]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]
