"""Sentences of pages, forms and mail: found in the sources, kept in locale/ja, compiled. Needs Babel, not gettext."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PACKAGES = ("revops", "funnel", "handoffs", "dashboards")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")
# Fixed, so that a catalog changes only when a sentence does.
DATE = datetime(2026, 1, 1, tzinfo=UTC)


def found() -> Catalog:
    """Every sentence the sources mark, in English, untranslated."""
    catalog = empty()
    for source in _sources():
        for _line, message, comments, context in extract(
            "python", io.BytesIO(source.encode()), keywords=KEYWORDS, comment_tags=("Translators:",)
        ):
            if isinstance(message, tuple) and not all(message):
                continue
            catalog.add(message, auto_comments=comments, context=context)
    return catalog


def empty() -> Catalog:
    """A Japanese catalog without sentences."""
    return Catalog(
        locale="ja", project="RevOps", version="1", creation_date=DATE, revision_date=DATE, charset="utf-8",
        fuzzy=False, header_comment="# Japanese of RevOps.", copyright_holder="", language_team="ja",
    )  # fmt: skip


def path(suffix: str = "po") -> Path:
    return Path(settings.BASE_DIR) / "locale" / "ja" / "LC_MESSAGES" / f"django.{suffix}"


def kept() -> Catalog:
    """The catalog as it is committed."""
    return _read(path()) if path().exists() else empty()


def merged(more: list[Path]) -> Catalog:
    """What the sources mark, with the translations that are known: those of `more` first, then those kept."""
    known: dict[object, Any] = {}
    for catalog in (kept(), *map(_read, more)):
        known.update(
            {(m.context, _key(m.id)): m.string for m in catalog if m.id and _whole(m.string) and not m.fuzzy}
        )
    result = found()
    for message in result:
        if message.id:
            message.string = known.get((message.context, _key(message.id)), message.string)
            # Japanese has one plural form; a pair file may carry it as a plain string.
            if isinstance(message.id, tuple) and isinstance(message.string, str):
                message.string = (message.string,)
    return result


def faults() -> list[str]:
    """What is wrong with the committed catalog; empty when it is complete, fresh and compiled."""
    marked, catalog = found(), kept()
    ours = {(m.context, _key(m.id)): m for m in catalog if m.id}
    theirs = {(m.context, _key(m.id)) for m in marked if m.id}
    said = [f"not in the catalog: {key[1]}" for key in sorted(theirs - ours.keys(), key=str)]
    said += [f"no longer in the sources: {key[1]}" for key in sorted(ours.keys() - theirs, key=str)]
    for key, message in ours.items():
        if not _whole(message.string):
            said.append(f"no Japanese for: {key[1]}")
        elif message.fuzzy:
            said.append(f"unsure: {key[1]}")
        elif _placeholders(message.id) != _placeholders(message.string):
            said.append(f"placeholders differ: {key[1]}")
    if not path("mo").exists() or path("mo").read_bytes() != compiled(catalog):
        said.append("the compiled catalog is stale")
    return said


def save(catalog: Catalog) -> None:
    """Write the catalog and its compiled twin."""
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().open("wb") as file:
        write_po(file, catalog, sort_output=True, width=110, include_lineno=False, no_location=True)
    path("mo").write_bytes(compiled(kept()))


def compiled(catalog: Catalog) -> bytes:
    output = io.BytesIO()
    write_mo(output, catalog)
    return output.getvalue()


def _read(file: Path) -> Catalog:
    with file.open("rb") as source:
        return read_po(source, locale="ja")


def _sources() -> Iterator[str]:
    root = Path(settings.BASE_DIR)
    for package in PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            if "migrations" not in file.parts:
                yield file.read_text()
    for folder in (root / "templates", *(root / package / "templates" for package in PACKAGES)):
        for file in sorted(folder.rglob("*")):
            if file.suffix in {".html", ".txt"}:
                text = templatize(file.read_text(), origin=str(file))
                # The extractor reads Python, where a page's indentation would mean blocks.
                yield "\n".join(line.lstrip() for line in text.splitlines())


def _key(message: object) -> object:
    return message[0] if isinstance(message, tuple | list) else message


def _whole(string: object) -> bool:
    return all(string) and bool(string) if isinstance(string, tuple | list) else bool(string)


def _placeholders(text: object) -> set[str]:
    parts = text if isinstance(text, tuple | list) else [text]
    return {found for part in parts for found in PLACEHOLDER.findall(str(part))}
