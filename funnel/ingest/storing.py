"""Rows of a piece into typed rows or reasons, and what became of them into the database."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import connection

from funnel.ingest.cells import BadRow, Setting
from funnel.ingest.columns import Layout
from funnel.ingest.decoding import BAD, Record
from funnel.ingest.outcomes import REJECTED, Numbered, Outcome
from funnel.ingest.rows import READERS
from funnel.models import ImportBatch, ImportRow
from funnel.transitions.bulk.copying import copy_rows

LONGEST_RAW = 20_000


def typed_rows(
    kind: str, piece: Iterable[Record], columns: Layout, to: Setting
) -> tuple[list[Numbered], list[Outcome]]:
    """The rows that can be read as `kind`, and the outcomes of those that cannot."""
    reader = READERS[kind]
    typed: list[Numbered] = []
    rejected: list[Outcome] = []
    for line, cells, raw, problem in piece:
        try:
            if problem:
                raise BadRow(problem, limit="131,072" if problem == "cell_too_long" else "1,000,000")
            if len(cells) != columns.width:
                code = "extra_columns" if len(cells) > columns.width else "missing_columns"
                raise BadRow(code, found=len(cells), expected=columns.width)
            typed.append(Numbered(line, reader(columns.values(cells), to), raw))
        except BadRow as bad:
            rejected.append(Outcome(line, REJECTED, bad.code, bad.params, raw=raw))
    return typed, rejected


def last_event() -> int:
    """The highest id that an event has been given so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value - (NOT is_called)::integer FROM funnel_event_id_seq")
        (last,) = cursor.fetchone()
    return int(last)


def store(batch: ImportBatch, outcomes: Iterable[Outcome]) -> None:
    """Keep one outcome a row."""
    columns = ("batch_id", "line", "outcome", "reason", "params", "flags", "raw", "record_id", "before")
    copy_rows(
        ImportRow,
        columns,
        (
            (
                batch.pk, o.line, o.outcome, o.reason, json.dumps(o.params, ensure_ascii=False) if o.params else "{}",
                json.dumps(o.flags) if o.flags else "[]", _kept(o.raw) if o.raw else "",
                o.record_id, json.dumps(o.before, ensure_ascii=False) if o.before else "{}",
            )
            for o in sorted(outcomes, key=lambda o: o.line)
        ),
    )  # fmt: skip


def _kept(raw: str) -> str:
    """The text of a row as the database can hold it."""
    return raw[:LONGEST_RAW].replace("\0", "\ufffd").replace(BAD, "\ufffd")
