"""Headers in two languages, presets, and what is said on the command line."""

import pytest

from funnel.ingest.columns import FIELDS, HEADINGS, PRESETS, layout
from funnel.ingest.reasons import FileRefused


def test_every_field_has_headings_and_every_heading_means_one_field():
    for kind, fields in FIELDS.items():
        assert set(HEADINGS[kind]) == set(fields)


def test_japanese_and_english_headers_are_guessed():
    japanese = layout("leads", ["会社名", "氏名", "メールアドレス", "電話番号", "流入経路", "MQL認定日時"])
    english = layout("leads", ["Company", "Full name", "E-mail", "Phone number", "Lead source", "MQL date"])
    assert (
        list(japanese.columns)
        == list(english.columns)
        == ["company", "name", "email", "phone", "channel", "mql_at"]
    )


def test_width_case_and_spaces_of_a_header_do_not_matter():
    assert layout("leads", ["  Ｅ－ｍａｉｌ ", "ＩＤ"]).columns == {
        "email": "  Ｅ－ｍａｉｌ ",
        "external_id": "ＩＤ",
    }


def test_what_is_said_wins_and_takes_its_column_from_guessing():
    found = layout("leads", ["mql_id", "first_contact_date"], mapping={"mql_at": "first_contact_date"})
    assert found.columns == {"mql_at": "first_contact_date"}
    assert found.ignored == ("mql_id",)


def test_a_constant_stands_in_every_row():
    found = layout("deals", ["lead id", "amount"], constants={"currency": "BRL"})
    values = dict(zip(FIELDS["deals"], found.values(["A1", " 5 "]), strict=True))
    assert (values["lead_external_id"], values["amount"], values["currency"], values["won_at"]) == (
        "A1",
        "5",
        "BRL",
        "",
    )


def test_exports_of_other_systems_are_known():
    for preset, kinds in PRESETS.items():
        for kind, columns in kinds.items():
            found = layout(kind, list(columns.values()), preset=preset)
            assert found.columns == columns
            assert found.ignored == ()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"mapping": {"nonsense": "a"}}, "bad_choice"),
        ({"mapping": {"company": "missing"}}, "unknown_column"),
        ({"mapping": {"company": "b"}}, "column_twice"),
        ({"preset": "nobody"}, "bad_choice"),
        ({}, "no_known_column"),
    ],
)
def test_what_cannot_be_meant_is_refused(said, code):
    with pytest.raises(FileRefused) as refusal:
        layout("leads", ["a", "b", "B"] if code != "column_twice" else ["a", "b", "b"], **said)
    assert refusal.value.code == code
    assert refusal.value.say("en")
    assert refusal.value.say("ja")


def test_a_million_columns_are_refused():
    with pytest.raises(FileRefused) as refusal:
        layout("leads", ["name"] * 1_000_000)
    assert refusal.value.code == "too_many_columns"
