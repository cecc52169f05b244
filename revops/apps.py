"""Joins the wiring to Django: shared static files, commands over all apps, and the Celery app for `shared_task`."""

from django.apps import AppConfig


class RevopsConfig(AppConfig):
    name = "revops"

    def ready(self) -> None:
        import revops.celery  # noqa: F401  Without it a task sent from a page would go to Celery's default broker.
