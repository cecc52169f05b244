"""Sweep once by hand, or from a system timer beside Celery."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from handoffs import promises


class Command(BaseCommand):
    """Print what was marked: `marked=… worst_lag_seconds=… warned=… escalated=…`."""

    help = "Mark every promise that has fallen due as missed, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="promises per transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        swept = promises.sweep(batch=options["batch"])
        self.stdout.write(
            f"marked={swept.marked} worst_lag_seconds={swept.worst_lag_seconds} warned={swept.warned} "
            f"escalated={swept.escalated}"
        )
