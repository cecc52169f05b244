"""Request bodies as objects: every fault named by field and code, unknown fields refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import SkipField, empty

from funnel.api.fields import Text, Unusable, number_text
from funnel.api.problems import Fault, Invalid, as_fault
from funnel.errors import BadValue

LONGEST_ANSWER, LONGEST_KEY = 4000, 80


class Strict(serializers.Serializer[Any]):
    """An input object: every fault is listed at once, unknown fields are refused by name."""

    def run_validation(self, data: Any = empty) -> Any:
        if data is empty:
            raise SkipField
        if data is None:
            if self.allow_null:
                return None
            raise Unusable("null")
        return self.to_internal_value(data)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise Invalid([Fault("", "not_an_object")])
        faults = [Fault(_storable_name(name), "unknown_field") for name in data if name not in self.fields]
        values: dict[str, Any] = {}
        for name, field in self.fields.items():
            given = data.get(name, empty)
            if given is empty and field.required:
                faults.append(Fault(name, "required"))
            elif given is not empty:
                faults += _take(field, name, given, values)
        if faults:
            raise Invalid(faults)
        return values


def _storable_name(name: str) -> str:
    return name.encode("utf-8", "replace").decode()[:80]


def _take(field: Any, name: str, given: Any, values: dict[str, Any]) -> list[Fault]:
    if given is None and not field.allow_null:
        return [Fault(name, "null")]
    if given is None:
        values[name] = None
        return []
    try:
        values[name] = field.run_validation(given)
    except Unusable as refused:
        return [Fault(name, refused.code, refused.params)]
    except BadValue as refused:
        return [as_fault(refused, name)]
    except Invalid as nested:
        return [f._replace(field=f"{name}.{f.field}".rstrip(".")) for f in nested.faults]
    return []


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "oneOf": [
                {"type": "string", "maxLength": LONGEST_ANSWER},
                {"type": "number"},
                {"type": "boolean"},
            ],
            "nullable": True,
        },
    }
)
class Answers(serializers.Field[Any, Any, Any, Any]):
    """Answers by key, kept as text; a number or a yes is an answer too, null is none."""

    def run_validation(self, data: Any = empty) -> dict[str, str]:
        if not isinstance(data, Mapping):
            raise Unusable("not_an_object")
        faults: list[Fault] = []
        values: dict[str, str] = {}
        child = Text(max_length=LONGEST_ANSWER)
        for key, value in data.items():
            faults += _take(child, _storable_name(key), _as_text(value), values)
            if len(key) > LONGEST_KEY:
                faults.append(Fault(_storable_name(key), "too_long"))
        if faults:
            raise Invalid(faults)
        return values


def _as_text(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return number_text(value) if isinstance(value, int | Decimal) else value


@cache
def _shape(kind: type[Strict]) -> Strict:
    """One bound instance for each shape: building its fields anew would cost more than the reading."""
    return kind()


Shape = TypeVar("Shape", bound=Strict)


def take(kind: type[Shape], data: Any) -> dict[str, Any]:
    """Return the values of a request body in this shape; raises Invalid with every fault."""
    return _shape(kind).to_internal_value(data)


def take_many(kind: type[Shape], data: Any, *, limit: int) -> list[dict[str, Any]]:
    """Return the rows of a body that is one object or a list of them; faults name their row."""
    rows = data if isinstance(data, list) else [data]
    if len(rows) > limit:
        raise Invalid([Fault("", "too_many", {"limit": limit})])
    faults, values = [], []
    for number, row in enumerate(rows):
        try:
            values.append(take(kind, row))
        except Invalid as found:
            place = f"{number}." if isinstance(data, list) else ""
            faults += [f._replace(field=f"{place}{f.field}".rstrip(".")) for f in found.faults]
    if faults:
        raise Invalid(faults)
    return values
