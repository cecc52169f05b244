"""Readings."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    """Readings app."""

    name = "dashboards"
    verbose_name = _("Readings")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dashboards import receivers  # noqa: F401  Connects the two signals once the models are there.
