"""`manage.py ingest FILE --as KIND`: a file into the ledger, every row accounted for."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import get_language

from funnel.errors import Refused
from funnel.ingest.columns import FIELDS, PRESETS
from funnel.ingest.dating import ORDERS
from funnel.ingest.read import KINDS, read
from funnel.ingest.reasons import FLAGS
from funnel.models import ImportBatch
from funnel.transitions.acting import SYSTEM
from funnel.words import Words

NOTES = {
    "new_channels": Words("New channels", "新しいチャネル"),
    "new_members": Words("New members (inactive)", "新しいメンバー(無効)"),
    "ignored": Words("Columns not read", "読み込まなかった列"),
}
LINE = Words("line {lines}", "{lines}行目")
LISTED = 20
TOLD = {
    "dmy": Words(
        "Dates with the year behind were read as day/month/year.",
        "年が後ろの日付は、日/月/年として読みました。",
    ),
    "mdy": Words(
        "Dates with the year behind were read as month/day/year.",
        "年が後ろの日付は、月/日/年として読みました。",
    ),
}


class Command(BaseCommand):
    """Read a CSV file of leads, deals, activities, usage, spend or traffic."""

    help = "Read a CSV file into the ledger. Fields: " + "; ".join(
        f"{k}: {', '.join(f)}" for k, f in FIELDS.items()
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="kind", required=True, choices=KINDS)
        parser.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN")
        parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE")
        parser.add_argument("--preset", choices=sorted(PRESETS))
        parser.add_argument("--history", action="store_true", help="past events: nothing binds, any age")
        parser.add_argument("--encoding", help="instead of the guessed one, for example cp932")
        parser.add_argument(
            "--dates", choices=ORDERS, help="what comes first in 03/04/2026; else told from the file"
        )
        parser.add_argument("--errors", type=Path, metavar="OUT.csv", help="rejected rows with their reasons")

    def handle(self, *args: Any, **options: Any) -> None:
        language = get_language() or "en"
        out = options["errors"].open("w", encoding="utf-8", newline="") if options["errors"] else None
        try:
            batch = read(
                options["file"],
                options["kind"],
                by=replace(SYSTEM, source="csv"),
                mapping=_pairs("--map", options["map"]),
                preset=options["preset"],
                constants=_pairs("--set", options["set"]),
                history=options["history"],
                encoding=options["encoding"],
                dates=options["dates"],
                errors_out=out,
                language=language,
            )
        except Refused as refusal:
            raise CommandError(refusal.say(language)) from refusal
        finally:
            if out is not None:
                out.close()
        self.stdout.write(
            f"total={batch.total} created={batch.created} updated={batch.updated} "
            f"unchanged={batch.unchanged} rejected={batch.rejected}"
        )
        self._report(batch, language)
        if batch.columns["dates"] and not options["dates"]:
            self.stderr.write(TOLD[batch.columns["dates"]].say(language))

    def _report(self, batch: ImportBatch, language: str) -> None:
        for name, words in NOTES.items():
            if found := batch.report.get(name):
                self.stderr.write(f"{words.say(language)} ({len(found)}): {', '.join(found)}")
        for flag, count in batch.report.get("flag_counts", {}).items():
            lines = ", ".join(map(str, batch.report["flags"][flag][:LISTED])) + (
                " …" if count > LISTED else ""
            )
            self.stderr.write(f"{FLAGS[flag].say(language)} ({count}): {LINE.say(language, lines=lines)}")


def _pairs(option: str, given: list[str]) -> dict[str, str]:
    for pair in given:
        if "=" not in pair:
            raise CommandError(f"{option} takes FIELD=VALUE, not {pair}")
    return dict(pair.split("=", 1) for pair in given)
