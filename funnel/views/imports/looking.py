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
    DELIMITER_WORDS,
    ENCODING_WORDS,
    FIELD_WORDS,
    KIND_WORDS,
    LAST,
    PRESET_WORDS,
)

LONGEST_CELL = 80


class Look(NamedTuple):
    """One way of reading a file: its head, where the choice of columns came from, and field by place."""

    kind: str
    head: kept.Head
    preset: str
    last: ImportMapping | None
    fields: dict[int, str]

    def mapping(self) -> dict[str, str]:
        """Field → how its column is named; of a field chosen twice the last one."""
        return {field: named(self.head.header, place) for place, field in self.fields.items()}

    def wanted(self, *, history: bool = False, skip_known: bool = False) -> Wanted:
        """How the file is to be read. A field nobody chose is blank, not guessed again."""
        mapping = self.mapping()
        blank = {field: "" for field in kept.fields(self.kind) if field not in mapping}
        source = self.head.source
        return Wanted(self.kind, mapping, None, blank, history, source.encoding, source.delimiter, skip_known)


def looked_at(batch: ImportBatch, sent: Mapping[str, str]) -> tuple[Look | None, str]:
    """The file read as `sent` asks; or nothing, and the sentence that says why. Raises nothing."""
    kind = sent.get("kind", "") if sent.get("kind") in KINDS else batch.kind
    encoding = sent.get("encoding", "") if sent.get("encoding") in ENCODING_WORDS else batch.encoding
    delimiter = sent.get("delimiter") if sent.get("delimiter") in DELIMITER_WORDS else None
    try:
        head = kept.head(batch.stored_as, encoding, delimiter)
        return _look(kind, head, sent), ""
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
    return Look(kind, head, preset or "", last, fields)


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
        "columns": _columns(look, request) if look else [],
        "judged": _judged(look, request) if look else [],
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
    typed, bad = typed_rows(look.kind, look.head.rows, found, _setting(request))
    return {n.line: n.row for n in typed}, {o.line: o for o in bad}, found


def _setting(request: PageRequest) -> Setting:
    organization = request.organization
    return Setting(organization.tz, organization.currency, request.now)


def _columns(look: Look, request: PageRequest) -> list[dict[str, Any]]:
    """Each column: its heading, its field, and its cells as they are read beside how they are written."""
    typed, _bad, _layout = _read(look, request)
    zone = request.organization.tz
    columns = []
    for place, heading in enumerate(look.head.header):
        field = look.fields.get(place, "")
        cells = []
        for row in look.head.rows:
            raw = row.cells[place].strip() if place < len(row.cells) else ""
            read = as_read(typed[row.line], field, zone) if field and row.line in typed else ""
            cells.append({"raw": raw[:LONGEST_CELL], "read": read[:LONGEST_CELL]})
        columns.append({"place": place, "heading": heading.strip(), "chosen": field, "cells": cells})
    return columns


def _judged(look: Look, request: PageRequest) -> list[dict[str, Any]]:
    """Each of the first rows: its line, and why it would be rejected."""
    _typed, bad, _layout = _read(look, request)
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
        return duplicates.known(ready, look.kind, _setting(request))


@require_GET
@never_cache
@reads
def known(request: PageRequest, batch_id: int) -> HttpResponse:
    """The part of the page that says how many rows speak of records that are there already."""
    batch = get_object_or_404(ImportBatch, pk=batch_id, status=ImportBatch.Status.WAITING)
    look, _unreadable = looked_at(batch, request.GET)
    found = known_in(request, batch, look) if look else None
    return render(request, "funnel/_import_known.html", {"batch": batch, "known": found})
