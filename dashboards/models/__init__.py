"""Readings: the counts kept beside the ledger, the targets they are measured against, and why promises were missed."""

from dashboards.models.counts import CountDelta, DailyCount, Measure
from dashboards.models.reviews import BreachReview
from dashboards.models.targets import Target

__all__ = ["BreachReview", "CountDelta", "DailyCount", "Measure", "Target"]
