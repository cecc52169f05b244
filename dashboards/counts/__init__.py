"""The only writer of counts, and their reader: exact at every moment, and no dearer with history."""

from dashboards.counts.reading import FunnelReading, Group, Rate, StageCount, funnel, funnels
from dashboards.counts.recounting import Difference, differences, recount
from dashboards.counts.writing import FOLDING, Key, contributions, fold, write

__all__ = [
    "FOLDING",
    "Difference",
    "FunnelReading",
    "Group",
    "Key",
    "Rate",
    "StageCount",
    "contributions",
    "differences",
    "fold",
    "funnel",
    "funnels",
    "recount",
    "write",
]
