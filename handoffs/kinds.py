"""Pure. What people are told, over which ways, and what each person hears unless he chose otherwise."""

from __future__ import annotations

from enum import StrEnum

from funnel.words import Words


class Kind(StrEnum):
    """What a notice tells of."""

    ASSIGNED = "assigned"
    WARNING = "warning"
    MISSED = "missed"
    ESCALATION = "escalation"
    RETURNED = "returned"
    WAKE_UP = "wake_up"
    MINUTES = "minutes"
    TRIAL = "trial"


class Way(StrEnum):
    """How a notice reaches somebody: the inbox in the app, a letter, a post in a chat room."""

    APP = "app"
    MAIL = "mail"
    CHAT = "chat"


KIND_WORDS: dict[str, Words] = {
    Kind.ASSIGNED: Words("Assigned", "担当割当"),
    Kind.WARNING: Words("Due soon", "期限間近"),
    Kind.MISSED: Words("Missed", "期限超過"),
    Kind.ESCALATION: Words("Escalation", "エスカレーション"),
    Kind.RETURNED: Words("Returned", "差し戻し"),
    Kind.WAKE_UP: Words("Wake-up", "再アプローチ"),
    Kind.MINUTES: Words("Minutes", "議事録"),
    Kind.TRIAL: Words("Test", "テスト"),
}
KIND_HELP: dict[str, Words] = {
    Kind.ASSIGNED: Words(
        "A handoff is yours, by routing or by hand", "引き渡しの担当になったとき(自動割当・手動とも)"
    ),
    Kind.WARNING: Words(
        "A warning step of the agreement, by default 75 % of the time",
        "警告の時点に達したとき(初期設定は期限までの時間の75%)",
    ),
    Kind.MISSED: Words(
        "A deadline has passed; leads hear of it too", "期限を過ぎたとき(部門リーダーにも届きます)"
    ),
    Kind.ESCALATION: Words(
        "Still not done after half as much time again; told to the leads of the department and of the sender",
        "期限後さらに半分の時間が過ぎても未対応のとき(対応部門と引き渡し元のリーダー宛て)",
    ),
    Kind.RETURNED: Words("What you handed over came back", "引き渡した案件が差し戻されたとき"),
    Kind.WAKE_UP: Words(
        "The day to ask a nurtured lead again has come", "育成中のリードの再アプローチ日が来たとき"
    ),
}
# Shapes and warm colours are for problems alone.
TONES: dict[str, str] = {
    Kind.WARNING: "warn",
    Kind.MISSED: "bad",
    Kind.ESCALATION: "bad",
    Kind.RETURNED: "warn",
}

OF_WHAT_IS_OWED: tuple[Kind, ...] = (Kind.WARNING, Kind.MISSED, Kind.ESCALATION)
"""Asking for an act that is still to be done: no news once it was."""
CHOSEN: tuple[Kind, ...] = (
    Kind.WARNING, Kind.MISSED, Kind.ESCALATION, Kind.RETURNED, Kind.ASSIGNED, Kind.WAKE_UP,
)  # fmt: skip
"""The kinds a person may choose ways for."""
MAILED: tuple[Kind, ...] = (Kind.WARNING, Kind.MISSED, Kind.ESCALATION, Kind.RETURNED, Kind.WAKE_UP)
"""Mailed to whoever has chosen nothing."""
ALWAYS_MAILED: tuple[Kind, ...] = (Kind.MINUTES,)
"""Mailed whatever was chosen: whoever gets one took part."""
MENTIONED: tuple[Kind, ...] = (Kind.MISSED, Kind.ESCALATION, Kind.RETURNED)
"""At which somebody who has chosen nothing is named in a chat room."""
POSTED: tuple[Kind, ...] = (Kind.MISSED, Kind.ESCALATION, Kind.RETURNED)
"""Posted to a chat room for which nothing was chosen."""
