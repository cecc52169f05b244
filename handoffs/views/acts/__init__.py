"""The acts of the queue and the record as pages: what each does, its door, and its answer."""

from handoffs.views.acts.answers import back_of
from handoffs.views.acts.doors import view_of
from handoffs.views.acts.table import ACTS

__all__ = ["ACTS", "back_of", "view_of"]
