"""Recount everything from the ledger and print what differs."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dashboards import counts
from dashboards.counts.ledger import findings
from handoffs import promises


class Command(BaseCommand):
    """Recount everything from the ledger, print differences, exit 1 if any.

    With --fix, counts are made right and forgotten promises opened or closed first. What differs in leads,
    deals and customers is only reported: the ledger does not say how it came about.
    """

    help = "Recount everything from the ledger, print differences, exit 1 if any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fix", action="store_true", help="make counts and promises right first")

    def handle(self, *args: Any, fix: bool = False, **options: Any) -> None:
        if fix:
            self.stdout.write(f"counts made right: {counts.recount()}")
            mended = promises.reconcile()
            self.stdout.write("promises made right: " + " ".join(f"{name}={n}" for name, n in mended.items()))
        total = 0
        for found in findings():
            total += found.count
            self.stdout.write(f"{found.check}: {found.count}")
            for line in found.examples:
                self.stdout.write(f"  {line}")
        self.stdout.write(f"differences={total}")
        if total:
            sys.exit(1)
