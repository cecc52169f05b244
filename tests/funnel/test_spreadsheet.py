"""Cells that no spreadsheet runs."""

import csv
import io

import pytest

from funnel.spreadsheet import lines, safe


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd",
        "-cmd",
        "@x",
        "\t=1",
        "\r=1",
        "＝1",
        "＋a",
        "－a",
        "＠a",
        "  =1",
        "\u3000＝1",
        "=HYPERLINK(1)",
    ],
)
def test_what_could_run_is_led_by_an_apostrophe(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "-1200.50", "+81", "株式会社", "a=b", ""])
def test_what_cannot_run_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_a_long_file_comes_in_few_pieces_and_whole() -> None:
    pieces = list(lines([n, "見込" * 20] for n in range(5_000)))
    assert 5 < len(pieces) < 20
    read = list(csv.reader(io.StringIO("".join(pieces)[1:])))
    assert [row[0] for row in read] == [str(n) for n in range(5_000)]


def test_a_file_begins_with_a_mark_and_reads_back() -> None:
    text = "".join(lines([["会社", "備考"], ["株式会社A, B", '改行\nと"引用"'], [None, 3]]))
    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text[1:]))) == [
        ["会社", "備考"],
        ["株式会社A, B", '改行\nと"引用"'],
        ["", "3"],
    ]
