"""Deals as a board and as a list, moving them on, and what is to be done next with each."""

from funnel.views.deals.doors import PATHS

__all__ = ["PATHS"]
