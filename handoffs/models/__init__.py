"""Promises: the terms of each lane, the handoffs, what was passed with them, notices and sweeps."""

from handoffs.models.handoffs import Handoff
from handoffs.models.notices import Delivery, Notice, NoticeChoice, Outlet
from handoffs.models.sheets import CustomerSheet
from handoffs.models.sweeps import SweepRun
from handoffs.models.terms import BOUNDARY_CHOICES, LaneTerms

__all__ = [
    "BOUNDARY_CHOICES",
    "CustomerSheet",
    "Delivery",
    "Handoff",
    "LaneTerms",
    "Notice",
    "NoticeChoice",
    "Outlet",
    "SweepRun",
]
