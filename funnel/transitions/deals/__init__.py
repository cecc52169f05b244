"""Every act on a deal. Only here is its state written."""

from funnel.transitions.deals.planning import describe, plan
from funnel.transitions.deals.selling import (
    DealFields,
    checked_amount,
    lock_deal,
    lose,
    make_deal,
    move_step,
    open_deal,
)
from funnel.transitions.deals.undoing import reopen, void
from funnel.transitions.deals.winning import hold_kickoff, kickoff, resend_won, win

__all__ = [
    "DealFields",
    "checked_amount",
    "describe",
    "hold_kickoff",
    "kickoff",
    "lock_deal",
    "lose",
    "make_deal",
    "move_step",
    "open_deal",
    "plan",
    "reopen",
    "resend_won",
    "void",
    "win",
]
