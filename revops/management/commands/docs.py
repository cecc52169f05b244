"""Draws docs/ from the code, or says where they disagree."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from revops.documents import DOCUMENTS


class Command(BaseCommand):
    help = "Draw docs/lifecycle.md, docs/lanes.md and docs/numbers.md from the code."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with --check when a page differs from what the code says."""
        folder = settings.BASE_DIR / "docs"
        stale = []
        for name, draw in DOCUMENTS.items():
            page, drawn = folder / name, draw()
            if page.exists() and page.read_text() == drawn:
                continue
            stale.append(name)
            if not options["check"]:
                page.write_text(drawn)
                self.stdout.write(f"drawn: docs/{name}")
        if stale and options["check"]:
            raise CommandError(f"Stale: {', '.join(stale)}. Run `make fmt`.")
