"""Keeps the Japanese catalog complete."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from revops import messages


class Command(BaseCommand):
    help = "Check, write or compile locale/ja. Without an option: check."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail unless complete and compiled"
        )
        parser.add_argument(
            "--write", action="store_true", help="take up what the sources mark, then compile"
        )
        parser.add_argument("--compile", action="store_true", help="compile only")
        parser.add_argument(
            "--from", nargs="*", type=Path, default=[], dest="more", help="files with translations"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when a sentence has no Japanese or the compiled catalog is stale."""
        if options["compile"]:
            messages.save(messages.kept())
        if options["write"]:
            messages.save(messages.merged(options["more"]))
        faults = messages.faults()
        if faults:
            raise CommandError("\n".join(faults))
