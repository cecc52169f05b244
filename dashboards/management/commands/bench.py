"""Time the board at several sizes, each in a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from dashboards import bench

SIZES = "10000,100000,1000000"


class Command(BaseCommand):
    """Print milliseconds and statements of a board read beside the bare query, at each size.

    Every size gets a database that is made for it, filled by `generate`, and dropped afterwards.
    """

    help = "Timings beside the bare database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--leads", default=SIZES, help=f"sizes, separated by commas (default {SIZES})")
        parser.add_argument("--rounds", type=int, default=9)
        parser.add_argument("--months", type=int, default=24)
        parser.add_argument(
            "--here", action="store_true", help="time the database this command is connected to"
        )

    def handle(self, *args: Any, leads: str, rounds: int, months: int, here: bool, **options: Any) -> None:
        if here:
            self._print(*bench.measure(rounds))
            return
        load = " ".join(f"{each:.1f}" for each in os.getloadavg())
        self.stdout.write(f"board reads, median of {rounds} rounds in turn; load {load}")
        for size in leads.split(","):
            with database(f"revops_bench_{os.getpid()}_{int(size)}") as url:
                manage(url, "migrate", "--verbosity", "0")
                manage(url, "generate", "--leads", size, "--months", str(months), "--seed", "1")
                manage(url, "bench", "--here", "--rounds", str(rounds))

    def _print(self, leads: int, readings: list[bench.Reading]) -> None:
        self.stdout.write(f"{leads:,} leads, {bench.TAIL:,} deltas not folded")
        for one in readings:
            self.stdout.write(
                f"  {one.name:<28} {one.milliseconds:9.2f} ms {one.statements:3} statements"
                f" {one.times_bare:7.2f} x bare"
            )


def manage(url: str, *command: str) -> None:
    """Run a command on another database of the same server. Raises CalledProcessError."""
    environment = {**os.environ, "DATABASE_URL": url}
    subprocess.run(
        [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *command], check=True, env=environment
    )


@contextmanager
def database(name: str) -> Iterator[str]:
    """A database for one measurement; yields its address, and drops it whatever happens."""
    base, mark, options = os.environ["DATABASE_URL"].partition("?")
    address = base[: base.rindex("/") + 1] + name + mark + options
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {quoted}")
    try:
        yield address
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
