"""Filters of lists: each says what it takes and how it narrows; unknown ones are refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from funnel.api.fields import BIGGEST_ID
from funnel.api.problems import Fault, Invalid

LONGEST = 200
PAGING = ("cursor", "limit")
Rows = QuerySet[Any]


class Filter(NamedTuple):
    """One query parameter: several values are separated by commas and mean "one of these"."""

    narrow: Callable[[Rows, list[Any]], Rows]
    read: Callable[[str, str], Any]
    schema: Mapping[str, Any]
    many: bool = True
    description: str = ""


def _choice(allowed: tuple[str, ...]) -> Callable[[str, str], str]:
    def read(name: str, raw: str) -> str:
        if raw not in allowed:
            raise Invalid([Fault(name, "bad_choice", {"value": raw[:40], "choices": ", ".join(allowed)})])
        return raw

    return read


def _id(name: str, raw: str) -> int:
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 20 and 0 < int(raw) <= BIGGEST_ID):
        raise Invalid([Fault(name, "not_a_number")])
    return int(raw)


def _text(name: str, raw: str) -> str:
    if "\x00" in raw or any("\ud800" <= character <= "\udfff" for character in raw):
        raise Invalid([Fault(name, "bad_characters")])
    if len(raw) > LONGEST:
        raise Invalid([Fault(name, "too_long")])
    return raw


def one_of(column: str, allowed: Iterable[str]) -> Filter:
    """Rows whose `column` is one of the codes given."""
    codes = tuple(str(code) for code in allowed)
    return Filter(
        lambda rows, values: rows.filter(**{f"{column}__in": values}),
        _choice(codes),
        {"type": "string", "enum": list(codes)},
    )


def ids(column: str) -> Filter:
    """Rows whose `column` is one of the ids given."""
    return Filter(
        lambda rows, values: rows.filter(**{f"{column}__in": values}), _id, {"type": "integer", "minimum": 1}
    )


def texts(column: str, description: str = "") -> Filter:
    """Rows whose `column` equals one of the texts given."""
    return Filter(
        lambda rows, values: rows.filter(**{f"{column}__in": values}),
        _text,
        {"type": "string", "maxLength": LONGEST},
        description=description,
    )


def search(narrow: Callable[[Rows, str], Rows], description: str) -> Filter:
    """Rows that `narrow` finds for a text."""
    return Filter(
        lambda rows, values: narrow(rows, values[0]),
        _text,
        {"type": "string", "maxLength": LONGEST},
        many=False,
        description=description,
    )


def after(column: str, description: str) -> Filter:
    """Rows whose `column` is greater than the id given."""
    return Filter(
        lambda rows, values: rows.filter(**{f"{column}__gt": values[0]}),
        lambda name, raw: 0 if raw == "0" else _id(name, raw),
        {"type": "integer", "minimum": 0},
        many=False,
        description=description,
    )


def apply(request: Request, rows: Rows, filters: Mapping[str, Filter]) -> Rows:
    """Narrow `rows` by the request's query; a blank value filters nothing. Raises Invalid."""
    query = request.query_params
    faults = [
        Fault(_text_or_mark(name), "unknown_field")
        for name in query
        if name not in filters and name not in PAGING
    ]
    for name, one in filters.items():
        raw = ",".join(query.getlist(name)) if one.many else query.get(name, "")
        parts = [part.strip() for part in raw.split(",")] if one.many else [raw.strip()]
        try:
            values = [one.read(name, part) for part in parts if part]
        except Invalid as found:
            faults += found.faults
            continue
        if values:
            rows = one.narrow(rows, values)
    if faults:
        raise Invalid(faults)
    return rows


def _text_or_mark(name: str) -> str:
    return name.encode("utf-8", "replace").decode()[:80]


def parameters(filters: Mapping[str, Filter]) -> list[OpenApiParameter]:
    """The filters as the schema shows them."""
    shown = []
    for name, one in filters.items():
        schema = {"type": "array", "items": dict(one.schema)} if one.many else dict(one.schema)
        style: dict[str, Any] = {"style": "form", "explode": False} if one.many else {}
        shown.append(OpenApiParameter(name, schema, description=one.description, **style))
    return shown
