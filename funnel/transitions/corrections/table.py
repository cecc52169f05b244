"""Which events can be withdrawn, by whom, and what recorded since would be left hanging. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from funnel.stages import REACHES, EventKind

K = EventKind

CORRECTABLE = frozenset({*REACHES, K.CONTACT_ATTEMPTED, K.ACTIVITY_LOGGED, K.KICKOFF_SCHEDULED})
"""Whose time can be corrected."""

MOVES = frozenset(
    {
        K.MQL_CERTIFIED, K.MQL_RETURNED, K.SQL_CERTIFIED, K.SQL_RETURNED, K.LEAD_RECYCLED, K.LEAD_DISQUALIFIED,
        K.LEAD_JOINED, K.RECORDS_MERGED, K.DEAL_STEP_CHANGED, K.DEAL_WON, K.DEAL_LOST, K.DEAL_REOPENED,
        K.DEAL_VOIDED, K.CONTRACT_RENEWED, K.CONTRACT_ENDED, K.CHURN_NOTICE_RECEIVED, K.WON_RESENT, K.KICKOFF_HELD,
        K.FIRST_VALUE_REACHED, K.ADVOCACY_AGREED, K.HANDOFF_RETURNED, K.CASE_CREATED, K.REFERRAL_RECEIVED,
    }
)  # fmt: skip
"""What moves a pass, a deal or a contract on, and so stands upon what was before it."""
OF_A_WIN = MOVES | {K.KICKOFF_SCHEDULED, K.HANDOFF_ACCEPTED, K.SURVEY_ANSWERED}
AFTER_A_KICKOFF = frozenset(
    {K.KICKOFF_HELD, K.HANDOFF_RETURNED, K.WON_RESENT, K.DEAL_REOPENED, K.DEAL_VOIDED, K.CONTRACT_ENDED}
)

OF_A_CONTRACT = frozenset(
    {K.CONTRACT_RENEWED, K.CONTRACT_ENDED, K.CHURN_NOTICE_RECEIVED, K.DEAL_WON, K.FIRST_VALUE_REACHED}
)
"""What says where a customer stands, and so stands upon what was said of it before."""


class Reach(StrEnum):
    """What somebody may have built upon an act: its pass, deal or customer; its deal or its handoff alone."""

    RECORD = "record"
    DEAL = "deal"
    HANDOFF = "handoff"


class Undo(NamedTuple):
    """How one kind is withdrawn. `act` names who may (`funnel.stages.ACTS`); blank: whoever may decide the handoff.

    `blocked_by` are the kinds that, recorded since within its reach, have to be undone first.
    """

    act: str = "correct"
    blocked_by: frozenset[EventKind] = frozenset()
    reach: Reach = Reach.RECORD


UNDO: dict[EventKind, Undo] = {
    K.CONTACT_ATTEMPTED: Undo(),
    K.ACTIVITY_LOGGED: Undo(),
    K.MQL_CERTIFIED: Undo(),
    K.SQL_CERTIFIED: Undo(),
    K.FIRST_VALUE_REACHED: Undo(),
    K.LEAD_CAPTURED: Undo("capture"),
    K.REFERRAL_RECEIVED: Undo(),
    K.CASE_CREATED: Undo("create_case"),
    K.ADVOCACY_AGREED: Undo("agree_advocacy", frozenset({K.REFERRAL_RECEIVED, K.CASE_CREATED})),
    K.CONTRACT_RENEWED: Undo("renew", OF_A_CONTRACT),
    K.CHURN_NOTICE_RECEIVED: Undo("give_notice", OF_A_CONTRACT),
    K.CONTRACT_ENDED: Undo("end_contract", OF_A_CONTRACT),
    K.DEAL_OPENED: Undo("open_deal", OF_A_WIN, Reach.DEAL),
    K.HANDOFF_ASSIGNED: Undo("", MOVES | {K.HANDOFF_ASSIGNED, K.HANDOFF_ACCEPTED}, Reach.HANDOFF),
    K.HANDOFF_ACCEPTED: Undo("", MOVES),
    K.BREACH_REVIEWED: Undo("", frozenset(), Reach.HANDOFF),
    K.HANDOFF_RETURNED: Undo("", MOVES),
    K.MQL_RETURNED: Undo("return_mql", MOVES),
    K.SQL_RETURNED: Undo("return_sql", MOVES),
    K.LEAD_RECYCLED: Undo("recycle", MOVES),
    K.LEAD_DISQUALIFIED: Undo("disqualify", MOVES),
    K.DEAL_STEP_CHANGED: Undo("step_deal", MOVES),
    K.DEAL_LOST: Undo("lose", MOVES),
    K.DEAL_WON: Undo("win", OF_A_WIN),
    K.WON_RESENT: Undo("resend_won", OF_A_WIN),
    K.KICKOFF_SCHEDULED: Undo("kickoff", AFTER_A_KICKOFF),
    K.KICKOFF_HELD: Undo("hold_kickoff", MOVES),
}
UNDOABLE = frozenset(UNDO)
"""Kinds that can be withdrawn."""

WHY_NOT: dict[EventKind, str] = {
    K.CONTRACT_SIGNED: "undo_the_win",
    K.EVENT_CORRECTED: "undo_an_undo",
}
"""The sentence of a kind that cannot be withdrawn, where there is more to say than that it cannot."""
