"""Pure. Addresses out of whatever was pasted: one answer for every piece, whether it is an address or not."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from funnel import normalise
from funnel.errors import BadValue

LONGEST_TEXT = 20_000
MOST = 200
LONGEST_NAME = 150
# A sign-in name is no longer than this; an address can be.
LONGEST_ADDRESS = 150

# NFKC makes full-width signs plain; these keep their own shape.
_SEPARATORS = str.maketrans(
    {"、": ",", "。": ".", ";": ",", "\t": ",", "〈": "<", "〉": ">", "《": "<", "》": ">"}
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_NAMED = re.compile(r"([^<>,]*)<([^<>]*)>")
_QUOTES = "\"'“”‘’()[]「」『』 ."


class Pasted(NamedTuple):
    """One piece of what was pasted. `email` is "" unless it is an address; `problem` then says why not.

    Problems are codes: no_address, not_an_address, too_long, twice, too_many.
    """

    line: int
    text: str
    email: str = ""
    name: str = ""
    problem: str = ""


def parse(text: str) -> list[Pasted]:
    """Read one address a line, or many in one, apart by commas, semicolons or spaces; `Name <mail>` as well.

    Width, case, quotes, mailto: and invisible characters do not matter. An address that comes again is answered
    `twice`, everything beyond the first 200 `too_many`. Nothing pasted is left without an answer.
    """
    found: list[Pasted] = []
    seen: set[str] = set()
    for number, line in enumerate(_plain(text).splitlines(), start=1):
        for name, piece in _pieces(line):
            found.append(_read(number, name, piece, seen, len(found)))
    return found


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text[:LONGEST_TEXT]))
    return "".join(c if c in "\n\r\t" or c.isprintable() else " " for c in text).translate(_SEPARATORS)


def _pieces(line: str) -> Iterator[tuple[str, str]]:
    """(name, what should be an address) of everything in a line."""
    end = 0
    for named in _NAMED.finditer(line):
        yield from _bare(line[end : named.start()])
        yield _trimmed(named[1]), named[2]
        end = named.end()
    yield from _bare(line[end:])


def _bare(text: str) -> Iterator[tuple[str, str]]:
    """Without brackets: words before an address are its name."""
    for part in text.split(","):
        words: list[str] = []
        for word in part.split():
            if "@" in word:
                yield _trimmed(" ".join(words)), word
                words = []
            else:
                words.append(word)
        if _trimmed(" ".join(words)):
            yield "", " ".join(words)


def _trimmed(text: str) -> str:
    return " ".join(text.strip(_QUOTES).split())


def _read(line: int, name: str, piece: str, seen: set[str], before: int) -> Pasted:
    shown = piece.strip()[:LONGEST_ADDRESS]
    bare = piece.strip().strip(_QUOTES)
    bare = bare[7:] if bare.lower().startswith("mailto:") else bare
    if before >= MOST:
        return Pasted(line, shown, problem="too_many")
    if "@" not in bare:
        return Pasted(line, shown, problem="no_address")
    if len(bare) > LONGEST_ADDRESS:
        return Pasted(line, shown, problem="too_long")
    try:
        email = normalise.email(bare) or ""
    except BadValue:
        return Pasted(line, shown, problem="not_an_address")
    if email in seen:
        return Pasted(line, shown, problem="twice")
    seen.add(email)
    return Pasted(line, shown, email, name[:LONGEST_NAME])
