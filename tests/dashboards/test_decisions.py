"""Decisions typed in one line: every spelling that is read, and every line that is not and why."""

from __future__ import annotations

from datetime import date

import pytest

from dashboards.decisions import Someone, read

TODAY = date(2026, 11, 18)  # a Wednesday
PEOPLE = (
    Someone(1, "佐藤 翼", "sato.t"),
    Someone(2, "佐藤 美咲", "sato.m"),
    Someone(3, "山本 健", "yamamoto"),
    Someone(4, "Emma Clarke", "english"),
)


@pytest.mark.parametrize(
    ("line", "text", "owner", "due"),
    [
        ("超過4時間前に代理へ @山本 来週金曜", "超過4時間前に代理へ", 3, "2026-11-27"),
        ("展示会の翌3日は担当+2名 @山本 11/27", "展示会の翌3日は担当+2名", 3, "2026-11-27"),
        ("展示会の翌3日は担当+2名　＠山本　１１／２７", "展示会の翌3日は担当+2名", 3, "2026-11-27"),
        ("フォームに電話番号 @佐藤 翼 12月1日まで", "フォームに電話番号", 1, "2026-12-01"),
        ("フォームに電話番号 @佐藤翼 月末", "フォームに電話番号", 1, "2026-11-30"),
        ("電話番号 @sato.m 来月末", "電話番号", 2, "2026-12-31"),
        ("電話番号 @山本さん 明日", "電話番号", 3, "2026-11-19"),
        ("電話番号 金曜 @山本", "電話番号", 3, "2026-11-20"),
        ("電話番号 @山本 月曜", "電話番号", 3, "2026-11-23"),
        ("電話番号 @山本 再来週の火曜日", "電話番号", 3, "2026-12-01"),
        ("電話番号 @山本 1/15", "電話番号", 3, "2027-01-15"),
        ("A phone field in the form @emma next friday", "A phone field in the form", 4, "2026-11-27"),
        ("A phone field @Emma Clarke by 2026-12-24", "A phone field", 4, "2026-12-24"),
        ("A phone field @english end of month", "A phone field", 4, "2026-11-30"),
        ("A phone field @clarke 3 Dec", "A phone field", 4, "2026-12-03"),
        ("A phone field @clarke tomorrow", "A phone field", 4, "2026-11-19"),
        ("A phone field @clarke next week", "A phone field", 4, "2026-11-27"),
        ("10%を15%へ @山本 今日", "10%を15%へ", 3, "2026-11-18"),
    ],
)
def test_what_who_and_by_when_are_read(line: str, text: str, owner: int, due: str) -> None:
    found = read(line, TODAY, PEOPLE)
    assert (found.text, found.owner, str(found.due), found.problems) == (text, owner, due, ())


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("電話番号 @佐藤 来週金曜", ["owner_ambiguous"]),
        ("電話番号 @鈴木 来週金曜", ["owner_unknown"]),
        ("電話番号 @ 来週金曜", ["owner_unknown"]),
        ("電話番号 来週金曜", ["owner_missing"]),
        ("電話番号 @山本", ["date_missing"]),
        ("電話番号 @山本 11/17", ["date_past"]),
        ("電話番号 @山本 2025-12-01", ["date_past"]),
        ("電話番号 @山本 2/30", ["date_unreadable"]),
        ("電話番号 @山本 13/45", ["date_unreadable"]),
        ("@山本 金曜", ["text_missing"]),
        ("", ["owner_missing", "date_missing", "text_missing"]),
        ("x" * 201 + " @山本 金曜", ["text_long"]),
    ],
)
def test_what_cannot_be_read_is_named(line: str, codes: list[str]) -> None:
    assert [problem.code for problem in read(line, TODAY, PEOPLE).problems] == codes


def test_whoever_could_be_meant_is_listed() -> None:
    (problem,) = read("電話番号 @佐藤 金曜", TODAY, PEOPLE).problems
    assert problem.params == {"name": "佐藤", "names": "佐藤 美咲 (@sato.m), 佐藤 翼 (@sato.t)"}
