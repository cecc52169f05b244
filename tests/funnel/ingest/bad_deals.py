"""A Shift_JIS file of deals with rows as people spoil them: no id and no company, impossible dates, formulas, “１２０万”."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import NamedTuple

HEADER = ("商談ID", "会社名", "氏名", "フェーズ", "金額", "受注日", "失注日", "失注理由", "メモ欄")
MEMO = '"改行\nと,カンマ"'


class Row(NamedTuple):
    """The cells of one deal before anything is spoilt."""

    key: str
    company: str
    name: str
    stage: str
    amount: str
    won: str
    lost: str = ""
    reason: str = ""
    memo: str = MEMO

    def said(self, **other: str) -> bytes:
        """The row as a line of the file, with some cells put otherwise."""
        return ",".join(self._replace(**other)).encode("cp932")


def _spoilt(row: Row) -> dict[str, bytes]:
    """The row made wrong in every way, by the reason it is then rejected for and a word for the way."""
    return {
        "identity_required": row.said(key="", company=""),
        "bad_date impossible": row.said(won="2026-02-30"),
        "bad_date formula": row.said(won="=TODAY()"),
        "bad_date era": row.said(won="令和8年13月1日"),
        "bad_date order": row.said(won="31/02/2026"),
        "in_future": row.said(won="2126-01-05"),
        "field_required": row.said(won=""),
        "dates_contradict": row.said(lost=row.won),
        "amount_not_a_number man": row.said(amount="１２０万"),
        "amount_not_a_number formula": row.said(amount="=SUM(E2:E9)"),
        "amount_not_a_number error": row.said(amount="#REF!"),
        "amount_negative": row.said(amount="-5000"),
        "amount_fraction": row.said(amount="1000.5"),
        "amount_required": row.said(amount=""),
        "bad_choice": row.said(stage="たぶん受注"),
        "too_long": row.said(name="長" * 160),
        "extra_columns": row.said(memo="多い,多い"),
        "missing_columns": f"{row.key},足りない".encode("cp932"),
        "bad_bytes": row.key.encode() + b",\x81\x20" + ",山田,受注,1,2026-01-01,,,".encode("cp932"),
        "nul": row.said(name="a\0b"),
    }


WAYS = len(_spoilt(Row("", "", "", "", "", "")))


def bad_deals(rows: int, wrong: int, now: datetime) -> tuple[bytes, dict[int, str]]:
    """A file of `rows` deals, `wrong` of them wrong, and why by the physical line each of these begins on."""
    spoil = [True] * wrong + [False] * (rows - wrong)
    random.Random(11).shuffle(spoil)
    lines, why, at, spoilt = [",".join(HEADER).encode("cp932")], {}, 2, 0
    for n, is_wrong in enumerate(spoil):
        won = (now - timedelta(days=1 + n % 20)).strftime("%Y/%m/%d")
        row = Row(
            f"D{n:06d}",
            f"㈱髙﨑①商事{n}",
            f"山﨑 花子{n}",
            "受注" if n % 3 else "成約",
            f"{n % 900 + 1}000",
            won,
        )
        line = row.said()
        if is_wrong:
            reason, line = list(_spoilt(row).items())[spoilt % WAYS]
            why[at] = reason.split(" ")[0]
            spoilt += 1
        lines.append(line)
        at += 1 + line.count(b"\n")
    return b"\r\n".join(lines) + b"\r\n", why
