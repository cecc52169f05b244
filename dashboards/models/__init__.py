"""Readings: counts kept beside the ledger, targets, the current-state sheet, and why promises were missed."""

from dashboards.models.cases import CASE_WORDS, CaseKind, SharedCase
from dashboards.models.counts import CountDelta, DailyCount, Measure
from dashboards.models.improvements import Improvement
from dashboards.models.meeting_terms import MeetingTerms
from dashboards.models.meetings import KpiAnswer, Meeting
from dashboards.models.ranges import BELOW_ZERO
from dashboards.models.reviews import BreachReview
from dashboards.models.sheets import SheetRow
from dashboards.models.targets import Target
from dashboards.models.weekly import Help, WeekWord

__all__ = [
    "BELOW_ZERO",
    "CASE_WORDS",
    "BreachReview",
    "CaseKind",
    "CountDelta",
    "DailyCount",
    "Help",
    "Improvement",
    "KpiAnswer",
    "Measure",
    "Meeting",
    "MeetingTerms",
    "SharedCase",
    "SheetRow",
    "Target",
    "WeekWord",
]
