"""Let the demo company's staff work, so that the boards live."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections

from funnel.models import Organization
from handoffs.demo.present import Staff

log = logging.getLogger(__name__)
A_MINUTE = 60
REST_AFTER_FAILURE = 5


class Command(BaseCommand):
    """One act after the other through the writers, until SIGTERM or Ctrl-C."""

    help = "Simulated staff of the demo company at work: new leads, calls, handoffs, wins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pace", type=float, default=30, help="Acts a minute (default 30).")
        parser.add_argument("--seed", default="today", help="The same seed throws the same dice.")
        parser.add_argument("--acts", type=int, default=0, help="Stop after so many acts (default: never).")

    def handle(self, *args: Any, pace: float, seed: str, acts: int, **options: Any) -> None:
        if not Organization.current().is_demo:
            raise CommandError("The staff works at the demo company only; this installation is not a demo.")
        if pace <= 0:
            raise CommandError("--pace is a number of acts a minute, above 0.")
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        done = work(Staff(seed), stop, pause=A_MINUTE / pace, acts=acts)
        self.stdout.write(f"acts={done}")


def work(staff: Staff, stop: threading.Event, *, pause: float, acts: int = 0) -> int:
    """Let the staff work until `stop` is set, or so many acts are done; returns how many were."""
    done = 0
    while not stop.is_set() and not (acts and done >= acts):
        try:
            if not Organization.current().is_demo:
                log.warning("the staff goes home: this is a company of its own now")
                stop.wait()
                break
            done += len(staff.step())
            rest = pause
        except DatabaseError as problem:
            # Servers come and go under a demo; the staff waits and goes on.
            log.warning("the staff waits: %s", type(problem).__name__)
            close_old_connections()
            rest = REST_AFTER_FAILURE
        stop.wait(rest)
    return done
