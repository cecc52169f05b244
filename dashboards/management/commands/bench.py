"""Time boards, lists, searches and the queue at several sizes, each in a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from dashboards import bench
from funnel.models import Lead

SIZES = "10000,100000,1000000"


class Command(BaseCommand):
    """Print milliseconds and statements of every reading beside its bare query, at each size.

    Every size gets a database that is made for it, filled by `generate`, vacuumed, and dropped afterwards.
    """

    help = "Timings beside the bare database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--leads", default=SIZES, help=f"sizes, separated by commas (default {SIZES})")
        parser.add_argument("--rounds", type=int, default=9)
        parser.add_argument("--months", type=int, default=24)
        parser.add_argument(
            "--here", action="store_true", help="time the database this command is connected to"
        )
        parser.add_argument(
            "--settle",
            action="store_true",
            help="first lay down its promises and vacuum it; not for real data",
        )
        parser.add_argument(
            "--only",
            choices=["boards", "lists", "exports", "writes"],
            help="boards, lists with searches and the queue, lists as files, or what counting costs an act",
        )

    def handle(
        self,
        *args: Any,
        leads: str,
        rounds: int,
        months: int,
        here: bool,
        settle: bool,
        only: str | None,
        **options: Any,
    ) -> None:
        if here:
            if settle:
                bench.settle()
            # Whole pages name their static files.
            call_command("collectstatic", verbosity=0, interactive=False)
            self._measure(rounds, only)
            return
        load = " ".join(f"{each:.1f}" for each in os.getloadavg())
        self.stdout.write(f"median and longest of {rounds} rounds in turn; load {load}")
        chosen = ["--only", only] if only else []
        for size in leads.split(","):
            with database(f"revops_bench_{os.getpid()}_{int(size)}") as url:
                manage(url, "migrate", "--verbosity", "0")
                manage(url, "generate", "--leads", size, "--months", str(months), "--seed", "1")
                manage(url, "bench", "--here", "--settle", "--rounds", str(rounds), *chosen)

    def _measure(self, rounds: int, only: str | None) -> None:
        leads = Lead.objects.count()
        if only in (None, "exports"):
            # First, while little memory is in use: what it grows by is measured.
            self.stdout.write(f"{leads:,} leads, whole lists as files, beside COPY of the same columns")
            self._print_files(bench.measure_exports())
        if only in (None, "boards"):
            self.stdout.write(f"{leads:,} leads, boards, {bench.TAIL:,} deltas not folded")
            self._print(bench.measure_boards(rounds))
        if only in (None, "lists"):
            self.stdout.write(f"{leads:,} leads, {bench.OPEN_PROMISES} open promises: queue, lists, searches")
            self._print(bench.measure_lists(rounds))

        if only in (None, "writes"):
            self.stdout.write(f"{leads:,} leads, what counting costs an act")
            self._print(bench.measure_writes(rounds))

    def _print(self, readings: list[bench.Reading]) -> None:
        for one in readings:
            self.stdout.write(
                f"  {one.name:<44} {one.milliseconds:9.2f} ms, longest {one.longest:9.2f}"
                f" {one.statements:3} statements {one.times_bare:7.2f} x bare"
            )

    def _print_files(self, files: Iterator[bench.Taken]) -> None:
        for one in files:
            grew = "  unknown" if one.grew is None else f"{one.grew:6.1f} MB"
            self.stdout.write(
                f"  {one.name:<18} {one.rows:9,} rows {one.seconds:7.2f} s {one.rate:9,.0f} rows/s, first piece"
                f" {one.first * 1000:7.0f} ms, memory grew by {grew}, bare COPY {one.bare:6.2f} s"
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
