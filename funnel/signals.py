"""How a fact reaches promises and readings: one signal, sent inside the transaction that recorded it."""

from django.dispatch import Signal

event_recorded = Signal()
"""Sent with `events` (list of saved Event) and `passages` (list of Passage: one per lead whose stages changed)."""
