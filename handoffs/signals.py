"""How a promise reaches readings: one signal, sent inside the transaction that changed it."""

from django.dispatch import Signal

promise_changed = Signal()
"""Sent with `handoffs` (list of saved Handoff)."""
