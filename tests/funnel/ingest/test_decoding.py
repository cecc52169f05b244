"""Encodings, delimiters, quotation marks and physical line numbers."""

import codecs
import io
import time
import tracemalloc

import pytest

from funnel.ingest.decoding import LONGEST_LINE, inspect, records
from funnel.ingest.reasons import FileRefused

JAPANESE = "会社名,氏名\n株式会社髙﨑①,山田 太郎\n㈱テスト,佐藤 花子\n"


def rows_of(data: bytes, encoding: str | None = None):
    file = io.BytesIO(data)
    return list(records(file, inspect(file, encoding)))


def cells_of(data: bytes, encoding: str | None = None):
    return [r.cells for r in rows_of(data, encoding) if not r.problem]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp932", "cp932"),
        ("utf-16", "utf-16"),
    ],
)
def test_japanese_text_is_the_same_in_every_encoding(encoding, found):
    data = JAPANESE.encode(encoding)
    assert inspect(io.BytesIO(data)).encoding == found
    assert cells_of(data) == [line.split(",") for line in JAPANESE.splitlines()]


@pytest.mark.parametrize("encoding", ["euc_jp", "iso2022_jp", "shift_jis"])
def test_older_encodings_are_read_too(encoding):
    text = "会社名,氏名\n東京商事,山田太郎\nあいうえお,かきくけこ\n"
    assert cells_of(text.encode(encoding)) == [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize("bom", [codecs.BOM_UTF16_LE + "a,b\n1,2\n".encode("utf-16-le"),
                                 codecs.BOM_UTF16_BE + "a,b\n1,2\n".encode("utf-16-be")])  # fmt: skip
def test_both_byte_orders_of_utf_16(bom):
    assert cells_of(bom) == [["a", "b"], ["1", "2"]]


def test_kana_of_euc_is_not_taken_for_half_width_katakana_of_cp932():
    assert cells_of("あいうえお,かきくけこ\n".encode("euc_jp")) == [["あいうえお", "かきくけこ"]]


@pytest.mark.parametrize("char", list("表ソ能予申十貼"))
@pytest.mark.parametrize("quote", ["", '"'])
def test_characters_whose_second_byte_is_a_backslash_stay_whole(char, quote):
    assert cells_of(f"a,b\n{quote}{char}{quote},{quote}x{char}{quote}\n".encode("cp932"))[1] == [
        char,
        f"x{char}",
    ]


def test_an_encoding_that_is_said_is_used():
    data = "ｱｲｳ,ｶｷｸ\n".encode("cp932")
    assert cells_of(data, "cp932") == [["ｱｲｳ", "ｶｷｸ"]]
    with pytest.raises(FileRefused) as refusal:
        inspect(io.BytesIO(data), "klingon")
    assert refusal.value.code == "unknown_encoding"


def test_a_wrong_byte_costs_its_row_only():
    data = "会社名,氏名\n東京商事,山田\n".encode() + b"\x80bad,x\n" + "大阪商事,佐藤\n".encode()
    rows = rows_of(data)
    assert [(r.line, r.problem) for r in rows] == [(1, ""), (2, ""), (3, "bad_bytes"), (4, "")]
    assert rows[3].cells == ["大阪商事", "佐藤"]


def test_a_file_cut_inside_a_character_loses_its_last_row_only():
    data = JAPANESE.encode()[:-2]
    assert [r.problem for r in rows_of(data)] == ["", "", "bad_bytes"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\n \n", "empty_file"),
        (b"PK\x03\x04rest of a workbook", "workbook"),
        (bytes(range(256)) * 50, "not_csv"),
        (b"\x81 " * 500, "bad_encoding"),
    ],
)
def test_what_is_no_text_is_refused(data, code):
    with pytest.raises(FileRefused) as refusal:
        inspect(io.BytesIO(data))
    assert refusal.value.code == code
    assert refusal.value.say("ja") != refusal.value.say("en")


def test_a_short_file_and_a_header_alone():
    assert cells_of("会社,氏名\n甲,乙\n".encode("cp932")) == [["会社", "氏名"], ["甲", "乙"]]
    assert cells_of(b"a,b") == [["a", "b"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_seen_in_the_header(delimiter):
    assert cells_of(f'"a,;x"{delimiter}b\n1{delimiter}2\n'.encode()) == [["a,;x", "b"], ["1", "2"]]


def test_a_separator_line_of_a_spreadsheet_is_obeyed():
    assert cells_of(b"sep=;\na;b\n1;2\n") == [["a", "b"], ["1", "2"]]


def test_line_numbers_are_physical():
    data = b'a,b\n1,"two\nlines"\n\n3,4\r\n5,"x\r\ny\nz"\n6,7\n'
    assert [(r.line, r.cells) for r in rows_of(data)] == [
        (1, ["a", "b"]),
        (2, ["1", "two\nlines"]),
        (5, ["3", "4"]),
        (6, ["5", "x\r\ny\nz"]),
        (9, ["6", "7"]),
    ]


def test_a_quote_that_never_closes_costs_its_own_line_only():
    lines = ["a,b", '1,"open'] + [f"{i},{i}" for i in range(1000)]
    rows = rows_of("\n".join(lines).encode())
    assert (rows[1].line, rows[1].problem) == (2, "unclosed_quote")
    assert [r.cells for r in rows[2:]] == [[str(i), str(i)] for i in range(1000)]
    assert [r.line for r in rows] == list(range(1, 1003))


def test_two_stray_quotes_do_not_swallow_what_lies_between():
    rows = rows_of(b'a,b\n1,"x\n2,y\n3",z\n4,w\n5,"q\n6,r\n')
    assert [(r.line, bool(r.problem)) for r in rows] == [
        (1, False), (2, True), (3, False), (4, False), (5, False), (6, True), (7, False),
    ]  # fmt: skip


def test_a_quote_inside_a_cell_is_reported():
    rows = rows_of(b'a,b\n"x"y,1\n2,3\n')
    assert [(r.line, r.problem) for r in rows] == [(1, ""), (2, "bad_quotes"), (3, "")]


def test_nul_is_reported():
    assert [r.problem for r in rows_of(b"a,b\n1,\x00\n2,3\n")] == ["", "nul", ""]


def test_a_cell_of_ten_megabytes_is_one_rejected_row_in_bounded_memory():
    data = b"a,b\n1," + b"x" * 10_000_000 + b'\n2,3\n4,"' + b"y\n" * 5_000_000 + b'"\n5,6\n'
    file = io.BytesIO(data)
    source = inspect(file)
    tracemalloc.start()
    before = time.monotonic()
    found = {}
    for record in records(file, source):
        if record.line in (1, 2, 3, 4):
            found[record.line] = record.problem
        if record.line > 300:
            break
    assert found == {1: "", 2: "row_too_long", 3: "", 4: "unclosed_quote"}
    assert tracemalloc.get_traced_memory()[1] < 20 * LONGEST_LINE
    tracemalloc.stop()
    assert time.monotonic() - before < 5


def test_a_cell_longer_than_any_text_is_reported():
    rows = rows_of(b"a,b\n1," + b"x" * 200_000 + b"\n2,3\n")
    assert [(r.line, r.problem) for r in rows] == [(1, ""), (2, "cell_too_long"), (3, "")]


def test_a_large_file_is_read_in_bounded_memory(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as out:
        out.write(b"a,b\n")
        for _ in range(40):
            out.write(b"".join(b"%d,%s\n" % (i, b"x" * 90) for i in range(5_000)))
    tracemalloc.start()
    with path.open("rb") as file:
        count = sum(1 for _ in records(file, inspect(file)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 200_001
    assert peak < 15_000_000
