"""Wiring: settings, addresses, processes. May import every app; no app imports it."""
