"""Facts."""

from django.apps import AppConfig


class FunnelConfig(AppConfig):
    """Facts app."""

    name = "funnel"
    default_auto_field = "django.db.models.BigAutoField"
