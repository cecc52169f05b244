"""What people do with one another: activities, their direction and result, roles, answers. Pure."""

from __future__ import annotations

from enum import StrEnum

from funnel.words import Words


class ActivityKind(StrEnum):
    """What somebody did with a person; which of them keep a promise is said in `KEEPS_CONTACT`."""

    CALL = "call"
    MAIL = "mail"
    MEETING = "meeting"
    DEMO = "demo"
    FORM = "form"
    VISIT = "visit"
    NOTE = "note"


ACTIVITY_WORDS: dict[str, Words] = {
    ActivityKind.CALL: Words("Call", "電話"),
    ActivityKind.MAIL: Words("E-mail", "メール"),
    ActivityKind.MEETING: Words("Meeting", "打ち合わせ"),
    ActivityKind.DEMO: Words("Demo", "デモ"),
    ActivityKind.FORM: Words("Form", "フォーム送信"),
    ActivityKind.VISIT: Words("Visit", "サイト訪問"),
    ActivityKind.NOTE: Words("Note", "メモ"),
}


class PersonRole(StrEnum):
    """The part a person plays in an account's decision."""

    DECIDES = "decides"
    CHAMPION = "champion"
    USES = "uses"
    OTHER = "other"


PERSON_ROLE_WORDS: dict[str, Words] = {
    PersonRole.DECIDES: Words("Decision maker", "決裁者"),
    PersonRole.CHAMPION: Words("Champion", "推進役"),
    PersonRole.USES: Words("User", "現場"),
    PersonRole.OTHER: Words("Other", "その他"),
}


class Direction(StrEnum):
    """Who reached out to whom."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"
    INTERNAL = "internal"


DIRECTION_WORDS: dict[str, Words] = {
    Direction.OUTBOUND: Words("Outbound", "発信"),
    Direction.INBOUND: Words("Inbound", "受信"),
    Direction.INTERNAL: Words("Internal", "社内"),
}


class Result(StrEnum):
    """How an attempt ended."""

    CONNECTED = "connected"
    NO_ANSWER = "no_answer"
    SENT = "sent"
    HELD = "held"
    NO_SHOW = "no_show"
    NONE = ""


RESULT_WORDS: dict[str, Words] = {
    Result.CONNECTED: Words("Connected", "つながった"),
    Result.NO_ANSWER: Words("No answer", "不在"),
    Result.SENT: Words("Sent", "送信済み"),
    Result.HELD: Words("Held", "実施"),
    Result.NO_SHOW: Words("No-show", "不実施"),
    Result.NONE: Words("–", "–"),
}


KEEPS_CONTACT: frozenset[ActivityKind] = frozenset(
    {ActivityKind.CALL, ActivityKind.MAIL, ActivityKind.MEETING, ActivityKind.DEMO}
)
"""Kinds that, human and outbound, are a contact attempt. A note or a visit never is."""


class Bant(StrEnum):
    """One answer of the BANT strip."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


BANT_FIELDS: tuple[str, ...] = ("budget", "authority", "need", "timeline")


BANT_WORDS: dict[str, Words] = {
    "budget": Words("Budget", "予算"),
    "authority": Words("Authority", "決裁権"),
    "need": Words("Need", "ニーズ"),
    "timeline": Words("Timeline", "導入時期"),
    Bant.MET: Words("Met", "確認済み"),
    Bant.NOT_MET: Words("Not met", "なし"),
    Bant.UNKNOWN: Words("Unknown", "不明"),
}
