"""States, steps and kinds of deals, and the phases of a customer. Pure."""

from __future__ import annotations

from enum import StrEnum

from funnel.words import Words


class DealState(StrEnum):
    """Where a deal stands; `returned` waits with inside sales, `void` leaves all counts."""

    OPEN = "open"
    RETURNED = "returned"
    WON = "won"
    LOST = "lost"
    VOID = "void"


DEAL_STATE_WORDS: dict[str, Words] = {
    DealState.OPEN: Words("Open", "進行中"),
    DealState.RETURNED: Words("Returned", "差し戻し"),
    DealState.WON: Words("Won", "受注"),
    DealState.LOST: Words("Lost", "失注"),
    DealState.VOID: Words("Entered by mistake", "誤登録"),
}


class DealStep(StrEnum):
    """The ordered steps of an open deal."""

    FIRST_MEETING = "first_meeting"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"
    CONTRACTING = "contracting"


DEAL_STEP_WORDS: dict[str, Words] = {
    DealStep.FIRST_MEETING: Words("First meeting", "初回商談"),
    DealStep.PROPOSAL: Words("Proposal", "提案"),
    DealStep.NEGOTIATION: Words("Negotiation", "交渉"),
    DealStep.CONTRACTING: Words("Contracting", "契約手続き"),
}


DEAL_STEP_PERCENT: dict[str, int] = {
    DealStep.FIRST_MEETING: 20,
    DealStep.PROPOSAL: 40,
    DealStep.NEGOTIATION: 60,
    DealStep.CONTRACTING: 90,
}
"""How likely an open deal at a step is won, in percent: the declared default, the same for every deal of the step."""


class DealKind(StrEnum):
    """What a deal sells; only NEW counts as `won` in the funnel."""

    NEW = "new"
    UPSELL = "upsell"
    CROSS_SELL = "cross_sell"
    RENEWAL = "renewal"


DEAL_KIND_WORDS: dict[str, Words] = {
    DealKind.NEW: Words("New business", "新規"),
    DealKind.UPSELL: Words("Upsell", "アップセル"),
    DealKind.CROSS_SELL: Words("Cross-sell", "クロスセル"),
    DealKind.RENEWAL: Words("Renewal", "更新"),
}


class CustomerPhase(StrEnum):
    """Where a customer stands in its life with us."""

    ONBOARDING = "onboarding"
    ADOPTING = "adopting"
    RENEWAL_WINDOW = "renewal_window"
    CHURN_NOTICE = "churn_notice"
    CHURNED = "churned"
    REACTIVATED = "reactivated"


CUSTOMER_PHASE_WORDS: dict[str, Words] = {
    CustomerPhase.ONBOARDING: Words("Onboarding", "導入中"),
    CustomerPhase.ADOPTING: Words("Adopting", "活用中"),
    CustomerPhase.RENEWAL_WINDOW: Words("Renewal due", "更新時期"),
    CustomerPhase.CHURN_NOTICE: Words("Notice given", "解約申出"),
    CustomerPhase.CHURNED: Words("Churned", "解約"),
    CustomerPhase.REACTIVATED: Words("Reactivated", "復活"),
}
