"""A file before it is read: its columns, its first rows as they will be read, and whom of it we know already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from funnel.ingest import duplicates, remembered
from funnel.ingest.cells import Setting
from funnel.ingest.columns import Layout, layout, named, recognise
from funnel.ingest.dating import ORDERS, Written, is_date
from funnel.ingest.outcomes import Outcome
from funnel.ingest.presets import PRESETS
from funnel.ingest.read import KINDS, Wanted, opened
from funnel.ingest.reasons import FileRefused, sentence
from funnel.ingest.shown import as_read
from funnel.ingest.storing import typed_rows
from funnel.ingest.uploads import folder
from funnel.models import ImportBatch, ImportMapping
from funnel.views.access import PageRequest, reads
from funnel.views.imports import kept
from funnel.views.imports.choices import (
    DATES_WORDS,
    DELIMITER_WORDS,
    ENCODING_WORDS,
    FIELD_WORDS,
    KIND_WORDS,
    LAST,
    PRESET_WORDS,
    same_for_all,
)

LONGEST_CELL = 80


class Look(NamedTuple):
    """One way of reading a file: its head, where the choice of columns came from, and field by place.

    `constants` are values for every row, of fields that have no column; `dates` is what comes first in dates with
    the year behind, as chosen or as `proof` shows; "" when it has to be asked.
    """

    kind: str
    head: kept.Head
    preset: str
    last: ImportMapping | None
    fields: dict[int, str]
    constants: dict[str, str]
    dates: str = ""
    written: Written = Written()

    @property
    def must_say_dates(self) -> bool:
        """Whether the file has dates that nobody said how to read."""
        return self.written.example is not None and not self.dates

    def mapping(self) -> dict[str, str]:
        """Field → how its column is named; of a field chosen twice the last one."""
        return {field: named(self.head.header, place) for place, field in self.fields.items()}

    def wanted(self, *, history: bool = False, skip_known: bool = False) -> Wanted:
        """How the file is to be read. A field nobody chose is blank, not guessed again."""
        mapping = self.mapping()
        blank = {field: "" for field in kept.fields(self.kind) if field not in mapping}
        source = self.head.source
        return Wanted(
            self.kind, mapping, None, blank | self.constants, history, source.encoding, source.delimiter, skip_known,
            self.dates,
        )  # fmt: skip


def looked_at(batch: ImportBatch, sent: Mapping[str, str]) -> tuple[Look | None, str]:
    """The file read as `sent` asks; or nothing, and the sentence that says why. Raises nothing."""
    kind = sent.get("kind", "") if sent.get("kind") in KINDS else batch.kind
    encoding = sent.get("encoding", "") if sent.get("encoding") in ENCODING_WORDS else batch.encoding
    delimiter = sent.get("delimiter") if sent.get("delimiter") in DELIMITER_WORDS else None
    try:
        head = kept.head(batch.stored_as, encoding, delimiter)
        return _dated(_look(kind, head, sent), batch, sent), ""
    except FileRefused as refusal:
        return None, refusal.say(get_language())
    except FileNotFoundError:
        return None, _("The file is no longer there. Upload it again.")


def _look(kind: str, head: kept.Head, sent: Mapping[str, str]) -> Look:
    last = remembered.recall(kind, head.header)
    offered = [PRESET for PRESET in PRESETS if kind in PRESETS[PRESET]]
    preset = sent.get("preset")
    if preset not in ("", *offered, *([LAST] if last else [])):
        preset = LAST if last else recognise(kind, head.header) or ""
    fields = _guess(kind, head.header, preset or "", last)
    if sent.get("was") == seen(kind, preset or "", head):
        known = kept.fields(kind)
        chosen = {place: sent.get(f"column-{place}", "") for place in range(len(head.header))}
        fields = {place: field for place, field in chosen.items() if field in known}
    given = {field: sent.get(f"constant-{field}", "").strip() for field in same_for_all(kind)}
    constants = {field: value for field, value in given.items() if value}
    return Look(kind, head, preset or "", last, fields, constants)


def _dated(look: Look, batch: ImportBatch, sent: Mapping[str, str]) -> Look:
    """The same with how its dates are read: as chosen, else as the file proves."""
    wanted = look.wanted()
    if not wanted.mapping:
        return look
    with opened(folder() / batch.stored_as, wanted) as ready:
        written = ready.dates()
    if written.example is None:
        return look
    chosen = sent.get("dates", "")
    return look._replace(written=written, dates=chosen if chosen in ORDERS else written.order)


def seen(kind: str, preset: str, head: kept.Head) -> str:
    """What a choice of columns belongs to: in another reading of the file it is guessed anew."""
    return "|".join((kind, preset, head.source.encoding, head.source.delimiter))


def _guess(kind: str, header: list[str], preset: str, last: ImportMapping | None) -> dict[int, str]:
    if preset == LAST and last is not None:
        return remembered.places(last, len(header))
    try:
        found = layout(kind, header, preset=preset or None)
    except FileRefused as refusal:
        if refusal.code != "no_known_column":
            raise
        return {}
    return {place: field for field, place in found.places.items()}


def context(request: PageRequest, batch: ImportBatch) -> dict[str, Any]:
    """The preview; what was chosen and refused stays chosen."""
    language = get_language()
    sent: Mapping[str, str] = request.POST if request.method == "POST" else request.GET
    look, unreadable = looked_at(batch, sent)
    kind = look.kind if look else batch.kind
    return {
        "unreadable": unreadable,
        **(_preview(look, request) if look else {}),
        "look": look,
        "seen": seen(kind, look.preset, look.head) if look else "",
        "chosen_kind": kind,
        "chosen_encoding": look.head.source.encoding if look else sent.get("encoding", batch.encoding),
        "chosen_delimiter": look.head.source.delimiter if look else "",
        "history": sent.get("history") == "on",
        "skip_known": sent.get("known") == "skip",
        "can_know": kind in duplicates.KINDS,
        "kinds": [(one, KIND_WORDS[one].say(language)) for one in KINDS],
        "encodings": [(code, words.say(language)) for code, words in ENCODING_WORDS.items()],
        "delimiters": [(code, words.say(language)) for code, words in DELIMITER_WORDS.items()],
        "presets": _presets(look) if look else [],
        "fields": [(field, FIELD_WORDS[field].say(language)) for field in kept.fields(kind)],
        "constants": _constants(look) if look else [],
        "orders": [(order, words.say(language)) for order, words in DATES_WORDS.items()],
        "known": known_in(request, batch, look) if look and sent.get("again") == "count" else None,
    }


def _presets(look: Look) -> list[tuple[str, str]]:
    offered = ["", *([LAST] if look.last else []), *(one for one in PRESETS if look.kind in PRESETS[one])]
    return [(code, PRESET_WORDS[code].say(get_language())) for code in offered]


def _read(look: Look, request: PageRequest) -> tuple[dict[int, Any], dict[int, Outcome], Layout | None]:
    """The first rows, typed, by their line; and what is wrong with the others."""
    wanted = look.wanted()
    if not wanted.mapping:
        return {}, {}, None
    found = layout(look.kind, look.head.header, mapping=wanted.mapping, constants=wanted.constants)
    typed, bad = typed_rows(look.kind, look.head.rows, found, _setting(request, look))
    return {n.line: n.row for n in typed}, {o.line: o for o in bad}, found


def _setting(request: PageRequest, look: Look) -> Setting:
    organization = request.organization
    return Setting(organization.tz, organization.currency, request.now, look.dates)


def _constants(look: Look) -> list[tuple[str, str, str, bool]]:
    """Fields that may have one value for every row: code, name, the value given, and whether it is a date."""
    language = get_language()
    return [
        (field, FIELD_WORDS[field].say(language), look.constants.get(field, ""), is_date(field))
        for field in same_for_all(look.kind)
    ]


def _preview(look: Look, request: PageRequest) -> dict[str, Any]:
    """The first rows: by column, by value for every row, and which of them would be rejected."""
    typed, bad, _layout = _read(look, request)
    zone = request.organization.tz

    def cells(field: str, texts: list[str]) -> list[dict[str, str]]:
        said = [
            as_read(typed[r.line], field, zone) if field and r.line in typed else "" for r in look.head.rows
        ]
        return [
            {"raw": raw[:LONGEST_CELL], "read": read[:LONGEST_CELL]}
            for raw, read in zip(texts, said, strict=True)
        ]

    columns = []
    for place, heading in enumerate(look.head.header):
        field = look.fields.get(place, "")
        texts = [row.cells[place].strip() if place < len(row.cells) else "" for row in look.head.rows]
        columns.append(
            {"place": place, "heading": heading.strip(), "chosen": field, "cells": cells(field, texts)}
        )
    language = get_language()
    fixed = [
        {"label": FIELD_WORDS[field].say(language), "cells": cells(field, [text] * len(look.head.rows))}
        for field, text in look.constants.items()
        if field not in look.fields.values()
    ]
    return {"columns": columns, "fixed": fixed, "judged": _judged(look, bad)}


def _judged(look: Look, bad: Mapping[int, Outcome]) -> list[dict[str, Any]]:
    """Each of the first rows: its line, and why it would be rejected."""
    language = get_language()
    return [
        {
            "line": row.line,
            "why": sentence(bad[row.line].reason, bad[row.line].params, language) if row.line in bad else "",
        }
        for row in look.head.rows
    ]


def known_in(request: PageRequest, batch: ImportBatch, look: Look) -> duplicates.Known | None:
    """Whom of the file we know already, read this way."""
    wanted = look.wanted()
    if look.kind not in duplicates.KINDS or not wanted.mapping:
        return None
    with opened(folder() / batch.stored_as, wanted) as ready:
        return duplicates.known(ready, look.kind, _setting(request, look))


@require_GET
@never_cache
@reads
def known(request: PageRequest, batch_id: int) -> HttpResponse:
    """The part of the page that says how many rows speak of records that are there already."""
    batch = get_object_or_404(ImportBatch, pk=batch_id, status=ImportBatch.Status.WAITING)
    look, _unreadable = looked_at(batch, request.GET)
    found = known_in(request, batch, look) if look else None
    return render(request, "funnel/_import_known.html", {"batch": batch, "known": found})
