"""A Shift_JIS file as Excel in Japan writes it, with rows that are wrong in every way a row can be."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

HEADER = "外部ID,会社名,氏名,メールアドレス,電話番号,流入経路,MQL認定日時,備考"

WRONG: dict[str, Callable[[int, str], bytes]] = {
    "bad_email": lambda n, good: good.replace("@example", "(at)example").encode("cp932"),
    "bad_date": lambda n, good: good.replace("T", "T99").encode("cp932"),
    "in_future": lambda n, good: good.replace(",20", ",21").encode("cp932"),
    "missing_columns": lambda n, good: f"K{n:06d},足りない".encode("cp932"),
    "extra_columns": lambda n, good: (good.split('"')[0] + ",多い,多い").encode("cp932"),
    "identity_required": lambda n, good: ",,,,,展示会,,".encode("cp932"),
    "too_long": lambda n, good: good.replace("山﨑", "長" * 160).encode("cp932"),
    "unclosed_quote": lambda n, good: f'K{n:06d},"閉じない,山田,q{n}@example.jp,,,,'.encode("cp932"),
    "bad_bytes": lambda n, good: f"K{n:06d},".encode() + b"\x81\x20" + ",山田,,,,,".encode("cp932"),
    "nul": lambda n, good: f"K{n:06d},a\0b,山田,,,,,".encode("cp932"),
}
"""How a good row is made wrong, by the reason it is then rejected for."""


def bad_file(rows: int, wrong: int, now: datetime) -> bytes:
    """A file of `rows` rows, `wrong` of them wrong, in an order that is the same every time."""
    spoil = [True] * wrong + [False] * (rows - wrong)
    random.Random(7).shuffle(spoil)
    kinds = list(WRONG.values())
    lines, spoilt = [HEADER.encode("cp932")], 0
    for n, is_wrong in enumerate(spoil):
        at = (now - timedelta(hours=1 + n % 12)).strftime("%Y-%m-%dT%H:%M:%SZ")
        good = (
            f"K{n:06d},㈱髙﨑①商事{n % 900},山﨑 花子{n},k{n}@example.jp,03-1234-{n % 10000:04d},展示会{n % 7},{at},"
            '"改行\nと,カンマ"'
        )
        lines.append(kinds[spoilt % len(kinds)](n, good) if is_wrong else good.encode("cp932"))
        spoilt += is_wrong
    return b"\r\n".join(lines) + b"\r\n"
