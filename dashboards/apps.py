"""Readings."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """Readings app."""

    name = "dashboards"
    default_auto_field = "django.db.models.BigAutoField"
