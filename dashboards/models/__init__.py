"""Readings: counts kept beside the ledger, targets, the current-state sheet, and why promises were missed."""

from dashboards.models.counts import CountDelta, DailyCount, Measure
from dashboards.models.improvements import Improvement
from dashboards.models.meeting_terms import MeetingTerms
from dashboards.models.meetings import KpiAnswer, Meeting
from dashboards.models.ranges import BELOW_ZERO
from dashboards.models.reviews import BreachReview
from dashboards.models.sheets import SheetRow
from dashboards.models.targets import Target

__all__ = [
    "BELOW_ZERO",
    "BreachReview",
    "CountDelta",
    "DailyCount",
    "Improvement",
    "KpiAnswer",
    "Measure",
    "Meeting",
    "MeetingTerms",
    "SheetRow",
    "Target",
]
