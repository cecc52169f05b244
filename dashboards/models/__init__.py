"""Readings: the counts kept beside the ledger, and the targets they are measured against."""

from dashboards.models.counts import CountDelta, DailyCount, Measure
from dashboards.models.targets import Target

__all__ = ["CountDelta", "DailyCount", "Measure", "Target"]
