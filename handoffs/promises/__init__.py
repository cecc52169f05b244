"""THE ONLY WRITER of handoffs: open, accept, return, keep, sweep, cancel, excuse, hand out, release, reconcile."""

from handoffs.promises.deciding import accept, assign, excuse, give_back
from handoffs.promises.handing import given_when_opened, hand_out, release
from handoffs.promises.receiving import on_events
from handoffs.promises.reconciling import forgotten, reconcile
from handoffs.promises.submitting import completeness_of, hand_over_won, submit_sql
from handoffs.promises.sweeping import Swept, sweep

__all__ = [
    "Swept",
    "accept",
    "assign",
    "completeness_of",
    "excuse",
    "forgotten",
    "give_back",
    "given_when_opened",
    "hand_out",
    "hand_over_won",
    "on_events",
    "reconcile",
    "release",
    "submit_sql",
    "sweep",
]
