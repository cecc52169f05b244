"""Make a token for a program that reads or writes through the API."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from funnel import moment
from funnel.company.tokens import issue
from funnel.errors import BadValue
from funnel.transitions.acting import SYSTEM


class Command(BaseCommand):
    """Prints a token once; only its hash is kept. It acts as a service member of the name given."""

    help = "Make an API token. The token is the last word printed; it is shown once and stored hashed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="Whose token it is, as the ledger will show it.")
        parser.add_argument("--scope", choices=("read", "write"), required=True)

    def handle(self, *args: Any, name: str, scope: str, **options: Any) -> None:
        try:
            token = issue(name, scope, SYSTEM, now=moment.now())
        except BadValue as refusal:
            raise CommandError(refusal.say("en")) from refusal
        self.stdout.write(f"{name.strip()} ({scope}): {token}")
