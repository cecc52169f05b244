"""Promises."""

from django.apps import AppConfig


class HandoffsConfig(AppConfig):
    """Promises app."""

    name = "handoffs"
    default_auto_field = "django.db.models.BigAutoField"
