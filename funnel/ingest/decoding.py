"""Pure. A file of unknown encoding as records with their physical line numbers, in bounded memory."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from funnel.ingest.reasons import FileRefused

ENCODINGS = ("utf-8-sig", "cp932", "euc_jp", "utf-16", "iso2022_jp")
DELIMITERS = (",", ";", "\t")
CHUNK = 1 << 20
SAMPLE = 1 << 20
LONGEST_LINE = 1 << 20
MOST_LINES = 200
"""Physical lines one record may span; beyond it an opening quotation mark counts as a slip."""

BAD = "\udcff"
_HALF_KATAKANA = re.compile("[\uff61-\uff9f]")
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\x1b")
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_BINARY = (b"%PDF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return BAD, error.end


codecs.register_error("revops.mark", _mark)


class Source(NamedTuple):
    """What a file turned out to be. `sha256` is of its bytes."""

    sha256: str
    encoding: str
    delimiter: str


class Record(NamedTuple):
    """One row: the physical line it starts on, its cells, its text, and the code of what is wrong with it."""

    line: int
    cells: list[str]
    raw: str
    problem: str


def inspect(file: BinaryIO, encoding: str | None = None, delimiter: str | None = None) -> Source:
    """Read the file once to name its encoding, delimiter and digest; what is given overrides the guess.

    Tried strictly in turn: UTF-8 (with or without byte order mark), cp932, EUC-JP; when both legacy
    encodings fit, the one with less half-width katakana. Raises FileRefused for empty, binary and
    unreadable files.
    """
    file.seek(0)
    head = file.read(SAMPLE)
    if not head.strip():
        raise FileRefused("empty_file", field="file")
    if head.startswith(_WORKBOOK):
        raise FileRefused("workbook", field="file")
    if head.startswith(_BINARY) or _is_binary(head):
        raise FileRefused("not_csv", field="file")
    found = _encoding(file, head) if encoding is None else _override(encoding)
    text = head.decode(found, "revops.mark")
    return Source(_digest(file), found, delimiter if delimiter in DELIMITERS else _delimiter(text))


def _is_binary(head: bytes) -> bool:
    """Whether more than one byte in twenty is a control character that no text has."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    return len(head) - len(head.translate(None, _CONTROLS)) > max(len(head) // 20, 20)


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _override(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise FileRefused("unknown_encoding", field="encoding", value=encoding[:40]) from None
    return {"utf-8": "utf-8-sig", "shift_jis": "cp932"}.get(name, name)


def _encoding(file: BinaryIO, head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if _fits(file, "utf-8-sig") is not None:
        return "iso2022_jp" if b"\x1b$" in head else "utf-8-sig"
    lenient = head.decode("utf-8-sig", "revops.mark")
    if sum(not c.isascii() for c in lenient) > 2 * lenient.count(BAD):
        return "utf-8-sig"
    legacy = {name: noise for name in ("cp932", "euc_jp") if (noise := _fits(file, name)) is not None}
    if legacy:
        return min(legacy, key=lambda name: legacy[name])
    bad = {name: head.decode(name, "revops.mark").count(BAD) for name in ENCODINGS[:3]}
    best = min(bad, key=lambda name: bad[name])
    if bad[best] * 10 > len(head):
        raise FileRefused("bad_encoding", field="file")
    return best


def _fits(file: BinaryIO, name: str) -> int | None:
    """Half-width katakana in the file read strictly as `name`; None when it does not fit."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    noise = 0
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            text = decoder.decode(chunk)
            noise += 0 if text.isascii() else len(_HALF_KATAKANA.findall(text))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return noise


def _delimiter(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    if header.lower().startswith("sep=") and len(header.strip()) == 5:
        return header.strip()[4]
    bare = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=bare.count)


class _Overlong(Exception):
    """A record that has no end in sight; `code` says which bound it passed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Lines:
    """Physical lines with their numbers; lines taken by a record that turned out wrong can be given back."""

    def __init__(self, stream: io.TextIOBase) -> None:
        self._read = stream.readline
        self._returned: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else self._fresh()
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        if len(line) >= LONGEST_LINE:
            raise _Overlong("row_too_long")
        if len(self.taken) > MOST_LINES:
            raise _Overlong("unclosed_quote")
        return line

    def _fresh(self) -> str:
        line = self._read(LONGEST_LINE)
        if len(line) < LONGEST_LINE:
            return line
        end = line
        while end and not end.endswith(("\n", "\r")):
            end = self._read(LONGEST_LINE)
        return line

    def give_back(self) -> None:
        """Keep the first line of the record and read the others again."""
        self._returned.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        del self.taken[1:]


def records(file: BinaryIO, source: Source) -> Iterator[Record]:
    """Yield the header and then every row that is not blank, in order, wrong ones with their `problem`.

    A quoted cell may span lines. One that never closes, or swallows its neighbours, costs only the line
    it starts on: reading goes on at the next one. The first record (the header) fixes the width.
    """
    file.seek(0)
    stream = io.TextIOWrapper(file, source.encoding, errors="revops.mark", newline="")
    try:
        yield from _records(stream, source.delimiter)
    finally:
        if not file.closed:
            stream.detach()


def _records(stream: io.TextIOWrapper, delimiter: str) -> Iterator[Record]:
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    width = 0
    while True:
        lines.taken = []
        cells, problem = [], ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _Overlong) as error:
            problem = _named(error, lines)
        taken = lines.taken
        if not problem and width and len(cells) != width and len(taken) > 1:
            problem = "unclosed_quote"
        if problem and len(taken) > 1:
            lines.give_back()
        raw = taken[0] if len(taken) == 1 else "".join(taken)
        problem = problem or _unreadable(raw)
        if width == 0 and _is_separator_line(cells):
            continue
        if cells or problem:
            width = width or len(cells)
            yield Record(lines.number - len(taken) + 1, cells, raw, problem)


def _named(error: Exception, lines: _Lines) -> str:
    if isinstance(error, _Overlong):
        return error.code if len(lines.taken) == 1 else "unclosed_quote"
    if "field larger" in str(error):
        return "cell_too_long" if len(lines.taken) == 1 else "unclosed_quote"
    return "bad_quotes" if len(lines.taken) == 1 and "unexpected end" not in str(error) else "unclosed_quote"


def _unreadable(raw: str) -> str:
    if "\0" in raw:
        return "nul"
    return "bad_bytes" if not raw.isascii() and BAD in raw else ""


def _is_separator_line(cells: list[str]) -> bool:
    return len(cells) in (1, 2) and cells[0].lower().startswith("sep=")
