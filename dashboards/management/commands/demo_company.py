"""Load the demo company into an empty installation."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboards import counts
from dashboards.meetings import examples as reviews
from dashboards.meetings import lessons
from dashboards.review import examples as causes
from dashboards.targets import examples as targets
from funnel import moment
from funnel.demo import staff
from handoffs.demo import past
from handoffs.demo.past import State


class Command(BaseCommand):
    """Tells the year of an invented company. Does nothing where it is already there; goes on where it was interrupted."""

    help = "Load the demo company: twelve months of an invented vendor, with its staff, up to this moment."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=7, help="The same seed gives the same company.")

    def handle(self, *args: Any, seed: int, **options: Any) -> None:
        state = past.state()
        if state is State.OWN:
            raise CommandError("This installation has data of its own; the demo company needs an empty one.")
        if state is not State.READY:
            self._tell(seed)
        targets.furnish(moment.now())
        causes.furnish(moment.now())
        reviews.furnish(moment.now())
        lessons.furnish(moment.now())
        self.stdout.write(f"sign-ins (password {staff.PASSWORD}):")
        for one in staff.STAFF:
            self.stdout.write(f"  {one.email:34} {staff.describe(one)}")

    def _tell(self, seed: int) -> None:
        started = time.monotonic()
        try:
            player = past.tell(seed=seed, now=moment.now(), progress=self._progress)
        except past.Busy:
            raise CommandError("The demo company is being loaded by another process.") from None
        counts.fold()
        refused = sum(player.refused.values())
        self.stdout.write(
            f"leads={past.leads()} promises={past.handoffs()} refused={refused} seconds={time.monotonic() - started:.1f}"
        )

    def _progress(self, day: date, acts: int) -> None:
        if day.day == 1:
            self.stdout.write(f"{day:%Y-%m}")
            self.stdout.flush()
