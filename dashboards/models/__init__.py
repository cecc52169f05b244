"""Readings: the counts kept beside the ledger."""

from dashboards.models.counts import CountDelta, DailyCount, Measure

__all__ = ["CountDelta", "DailyCount", "Measure"]
