"""Corrections: another event says when something really occurred, or that it did not. Nothing is edited."""

from funnel.transitions.corrections.correcting import correct_time, withdraw
from funnel.transitions.corrections.table import UNDOABLE

__all__ = ["UNDOABLE", "correct_time", "withdraw"]
