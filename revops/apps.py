"""Joins the wiring to Django: static files, commands over all apps, `shared_task`'s app, the names of fields."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class RevopsConfig(AppConfig):
    name = "revops"
    default = True

    def ready(self) -> None:
        import revops.celery  # noqa: F401  Without it a task sent from a page would go to Celery's default broker.
        from revops.naming import name_fields

        name_fields()


class StaticFiles(StaticFilesConfig):
    """Leaves out what packages bring and no page of ours loads."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "rest_framework", "redoc", "htmx-4*", "htmax-4*"]
