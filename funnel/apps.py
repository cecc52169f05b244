"""Facts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FunnelConfig(AppConfig):
    """Facts app."""

    name = "funnel"
    verbose_name = _("Facts")
    default_auto_field = "django.db.models.BigAutoField"
