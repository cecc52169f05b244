"""Why somebody has a handoff, or nobody, in words; built from the stored reason and figures alone."""

from __future__ import annotations

from funnel.words import Words
from handoffs.rotation import Why

ROUTED_WORDS: dict[str, Words] = {
    Why.OWNER: Words("Already looks after this record", "すでにこの案件の担当です"),
    Why.FAIR: Words(
        "Had received the fewest of those present", "出勤している担当者のうち受け取り件数が最少でした"
    ),
    Why.ASSIGNED: Words("Assigned by hand", "手動で割り当てました"),
    Why.TAKEN: Words("Took it", "自分で引き受けました"),
    Why.NOBODY: Words("Nobody belongs to the department", "部門に所属する担当者がいません"),
    Why.ABSENT: Words("Everybody there is away", "部門の担当者が全員不在です"),
    Why.FULL: Words("Everybody there has reached the day’s limit", "出勤者全員が本日の上限に達しています"),
    Why.QUEUED: Words("Being assigned", "割り当て処理中です"),
}
WITH_FIGURES: dict[str, tuple[Words, Words]] = {
    Why.FAIR: (
        Words(
            "no. {count} today of at most {limit}, the fewest of those present",
            "本日{count}件目/上限{limit}件、出勤者のうち最少",
        ),
        Words(
            "no. {count} today, the fewest of those present", "本日{count}件目(上限なし)、出勤者のうち最少"
        ),
    ),
    Why.OWNER: (
        Words(
            "already looks after this record; no. {count} today of at most {limit}",
            "すでにこの案件の担当、本日{count}件目/上限{limit}件",
        ),
        Words("already looks after this record; no. {count} today", "すでにこの案件の担当、本日{count}件目"),
    ),
}
"""With a limit a day, and without one."""


def explained(why: str, count: int | None, limit: int | None, language: str | None) -> str:
    """Say why in a language; "" when nothing is stored."""
    if count is not None and why in WITH_FIGURES:
        limited, unlimited = WITH_FIGURES[why]
        return (limited if limit is not None else unlimited).say(language, count=count, limit=limit)
    return ROUTED_WORDS[why].say(language) if why in ROUTED_WORDS else ""
