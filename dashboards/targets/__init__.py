"""What is to be reached, by whom, in which month or quarter. THE ONLY WRITER of targets, and their reader."""

from dashboards.targets.checking import checked_value as check
from dashboards.targets.permission import may_set, refusal
from dashboards.targets.reading import current, history, latest, newest, series
from dashboards.targets.refusals import TargetError
from dashboards.targets.whom import COMPANY, Whom
from dashboards.targets.writing import Wish, set_all, set_one

__all__ = [
    "COMPANY",
    "TargetError",
    "Whom",
    "Wish",
    "check",
    "current",
    "history",
    "latest",
    "may_set",
    "newest",
    "refusal",
    "series",
    "set_all",
    "set_one",
]
