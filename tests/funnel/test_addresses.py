"""Whatever is pasted into the invitations is answered, piece by piece."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel import addresses

TABLE = [
    ("taro@example.jp", [("taro@example.jp", "", "")]),
    ("Taro@Example.JP", [("taro@example.jp", "", "")]),
    ("ａｂｃ＠ｅｘａｍｐｌｅ．ｊｐ", [("abc@example.jp", "", "")]),
    ("abc＠example。jp", [("abc@example.jp", "", "")]),
    ("山田 太郎 <taro@example.jp>", [("taro@example.jp", "山田 太郎", "")]),
    ("山田太郎＜taro@example.jp＞", [("taro@example.jp", "山田太郎", "")]),
    ('"Yamada, Taro" <taro@example.jp>', [("", "", "no_address"), ("taro@example.jp", "Taro", "")]),
    ("山田 太郎 taro@example.jp", [("taro@example.jp", "山田 太郎", "")]),
    ("a@example.jp, b@example.jp; c@example.jp　d@example.jp", [(f"{c}@example.jp", "", "") for c in "abcd"]),
    ("a@example.jp、b@example.jp", [("a@example.jp", "", ""), ("b@example.jp", "", "")]),
    ("a@example.jp\tb@example.jp", [("a@example.jp", "", ""), ("b@example.jp", "", "")]),
    ("A <a@x.jp> B <b@x.jp>", [("a@x.jp", "A", ""), ("b@x.jp", "B", "")]),
    ("mailto:taro@example.jp", [("taro@example.jp", "", "")]),
    ("(taro@example.jp).", [("taro@example.jp", "", "")]),
    ("\ufefftaro\u200b@example.jp", [("taro@example.jp", "", "")]),
    ("taro@example.jp\r\n\r\n  \r\nhana@example.jp", [("taro@example.jp", "", ""), ("hana@example.jp", "", "")]),
    ("taro@example.jp\nTARO@example.jp", [("taro@example.jp", "", ""), ("", "", "twice")]),
    ("こんにちは", [("", "", "no_address")]),
    ("taro", [("", "", "no_address")]),
    ("taro@", [("", "", "not_an_address")]),
    ("@example.jp", [("", "", "not_an_address")]),
    ("taro@localhost", [("", "", "not_an_address")]),
    ("taro@@example.jp", [("", "", "not_an_address")]),
    ("ta..ro@example.jp", [("", "", "not_an_address")]),
    ("Taro <>", [("", "", "no_address")]),
    ("a" * 200 + "@example.jp", [("", "", "too_long")]),
    ("", []),
    ("  ,, ;; \n\n", []),
    ("\x00\x01<script>alert(1)</script>", [("", "", "no_address"), ("", "", "no_address")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_what_is_pasted_is_read(text, expected):
    assert [(p.email, p.name if p.email else "", p.problem) for p in addresses.parse(text)] == expected


def test_lines_are_numbered_as_the_person_sees_them():
    assert [p.line for p in addresses.parse("a@x.jp\n\nb@x.jp c@x.jp")] == [1, 3, 3]


def test_beyond_two_hundred_nothing_is_taken_and_all_is_answered():
    found = addresses.parse("\n".join(f"a{n}@x.jp" for n in range(203)))
    assert len(found) == 203
    assert [p.problem for p in found[199:]] == ["", "too_many", "too_many", "too_many"]


@given(st.text(max_size=300))
def test_every_answer_is_an_address_or_a_reason(text):
    for one in addresses.parse(text):
        assert bool(one.email) != bool(one.problem)
        assert one.email == one.email.lower()
