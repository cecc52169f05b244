"""Reading request bodies: strict JSON, bounded in size and depth, numbers exact."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from rest_framework.parsers import BaseParser

from funnel.api.problems import Turned

DEEPEST = 32
_NAN = Decimal("NaN")


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        # An exponent beyond what a decimal can carry: as little a usable number as NaN.
        return _NAN


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Turned(400, "malformed")
    return found


def _is_too_deep(text: str) -> bool:
    """Say whether brackets nest deeper than DEEPEST, before the recursive reader meets them."""
    depth, in_text, skip = 0, False, False
    for character in text:
        if skip:
            skip = False
        elif in_text:
            skip, in_text = character == "\\", character != '"'
        elif character == '"':
            in_text = True
        elif character in "[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif character in "]}":
            depth -= 1
    return False


def read(body: bytes) -> Any:
    """Return the JSON value of a body; floats become Decimal, so that no amount is rounded on the way.

    NaN and Infinity, which JSON does not have, arrive as Decimal NaN: every field refuses it by name.
    Raises Turned: malformed (also duplicate keys, numbers of thousands of digits) or too_deep.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Turned(400, "malformed") from error
    if text.count("[") + text.count("{") > DEEPEST and _is_too_deep(text):
        raise Turned(400, "too_deep")
    try:
        return json.loads(text, parse_float=_number, parse_constant=lambda _: _NAN, object_pairs_hook=_unique)
    except ValueError as error:
        raise Turned(400, "malformed") from error


class StrictJSONParser(BaseParser):
    """The one parser of the API."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the body's value; `body` rather than the stream, as Django bounds its size."""
        return read(parser_context["request"]._request.body)
