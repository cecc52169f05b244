"""Readings."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """Readings app."""

    name = "dashboards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dashboards import receivers  # noqa: F401  Connects the two signals once the models are there.
