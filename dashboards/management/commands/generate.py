"""Lay down a synthetic company of any size, for benches."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboards import counts
from funnel import moment
from funnel.demo import synthetic


class Command(BaseCommand):
    """History only: nothing binds, no promise is opened. Counts are recounted at the end."""

    help = (
        "Generate a synthetic company for benches: passes over the last months, in the ledger, not binding."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--leads", type=int, required=True)
        parser.add_argument("--months", type=int, default=24)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, leads: int, months: int, seed: int, **options: Any) -> None:
        if leads < 1 or months < 1:
            raise CommandError("--leads and --months are at least 1.")
        for laid in synthetic.generate(leads=leads, months=months, seed=seed, now=moment.now()):
            rate = laid.rows / laid.seconds
            self.stdout.write(
                f"leads={laid.leads} rows={laid.rows} rows/s={rate:.0f} seconds={laid.seconds:.1f}"
            )
            self.stdout.flush()
        recounted = counts.recount()
        counts.fold()
        self.stdout.write(f"counts={recounted}")
