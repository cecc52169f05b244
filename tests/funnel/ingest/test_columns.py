"""Headers in two languages, presets, and what is said on the command line."""

import pytest

from funnel.ingest.columns import FIELDS, HEADINGS, PRESETS, layout, named, recognise
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
            first = {field: aliases[0] for field, aliases in columns.items()}
            found = layout(kind, list(first.values()), preset=preset)
            assert found.columns == first
            assert found.ignored == ()


EXPORTS = {
    ("hubspot", "leads"): [
        "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Create Date,Company Name,Job Title,"
        "Original Source,Became a Marketing Qualified Lead Date",
        "レコードID,名,姓,Eメール,電話番号,コンタクト担当者,ライフサイクルステージ,作成日,会社名,役職,オリジナルソース,MQLになった日付",
    ],
    ("hubspot", "deals"): [
        "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Pipeline,Create Date,Associated Contact IDs",
        "レコードID,取引名,取引ステージ,クローズ日,取引担当者,金額,パイプライン,作成日,関連付けられたコンタクトのID",
    ],
    ("salesforce", "leads"): [
        "First Name,Last Name,Title,Company / Account,Email,Phone,Lead Source,Lead Owner,Lead ID,Created Date,Rating",
        "姓,名,役職,会社 / 取引先,メール,電話,リードソース,リード 所有者,リード ID,作成日,評価",
        "Id,LastName,FirstName,Company,Email,Phone,Title,LeadSource,CreatedDate,ConvertedDate,OwnerId",
        "取引先責任者 ID,姓,名,取引先名,役職,メール,電話,取引先責任者 所有者,リードソース,作成日",
    ],
    ("salesforce", "deals"): [
        "Opportunity Name,Account Name,Stage,Amount,Close Date,Created Date,Opportunity Owner,Opportunity ID,Type",
        "商談名,取引先名,フェーズ,金額,完了予定日,作成日,商談 所有者,商談 ID,種別",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("preset", "kind", "header"),
    [(preset, kind, header) for (preset, kind), headers in EXPORTS.items() for header in headers],
)
def test_an_export_is_recognised_and_every_column_that_counts_is_read(preset, kind, header):
    columns = header.split(",")
    assert recognise(kind, columns) == preset
    found = layout(kind, columns, preset=preset)
    assert len(found.ignored) <= 2, found.ignored
    needed = {
        "leads": {"external_id", "last_name", "first_name", "company", "email", "channel", "created_at"}
    }
    assert needed.get(
        kind, {"external_id", "stage", "amount", "closed_at", "field_sales_owner", "product"}
    ) <= set(found.columns)


def test_an_own_file_is_nobodys_export():
    assert recognise("leads", ["会社名", "氏名", "メールアドレス", "電話番号", "役職", "流入経路"]) is None
    assert recognise("leads", ["Company", "Name", "Email", "Phone", "Title"]) is None


def test_a_heading_that_stands_twice_is_named_by_its_number():
    header = ["名前", "", "名前", "#2"]
    assert [named(header, place) for place in range(4)] == ["#1", "#2", "#3", "#4"]
    found = layout("leads", ["id", *header], mapping={"name": "#4"})
    assert found.places["name"] == 3


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
