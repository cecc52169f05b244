"""Shapes of input: strict fields and objects, each fault named by field and code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import SkipField, empty

from funnel.amounts import LONGEST, AmountError, parse_amount
from funnel.api.problems import Fault, Invalid, as_fault
from funnel.errors import BadValue

FIRST_YEAR, LAST_YEAR = 1970, 2199
BIGGEST_ID = 2**63 - 1
EXACT_TO_THE_CENT = "XXX"
"""Stands for a currency with cents where the deal's own is not known yet; the verb checks again with it."""


class Unusable(Exception):
    """A value one field refuses; the object it stands in adds the field's name."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def _storable(text: str) -> str:
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Unusable("bad_characters")
    return text


class Text(serializers.CharField):
    """A string, trimmed; numbers are not taken for strings."""

    def __init__(
        self, *, max_length: int, required: bool = False, allow_blank: bool = True, **more: Any
    ) -> None:
        super().__init__(max_length=max_length, required=required, allow_blank=allow_blank, **more)

    def run_validation(self, data: Any = empty) -> str:
        if data is empty:
            return str(self.validate_empty_values(data)[1])
        if data is None:
            raise Unusable("null")
        if not isinstance(data, str):
            raise Unusable("not_text")
        text = _storable(data).strip()
        if not text and not self.allow_blank:
            raise Unusable("blank")
        if self.max_length is not None and len(text) > self.max_length:
            raise Unusable("too_long")
        return text


class Currency(serializers.CharField):
    """Three capital letters of ISO 4217."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, max_length=3, min_length=3, **more)

    def run_validation(self, data: Any = empty) -> str:
        if not isinstance(data, str):
            raise Unusable("not_text")
        if not (len(data) == 3 and data.isascii() and data.isalpha() and data.isupper()):
            raise Unusable("bad_currency")
        return data


class Choice(serializers.ChoiceField):
    """One of the known codes."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise Unusable("not_text")
        if data not in self.choices:
            raise Unusable(
                "bad_choice", value=_storable(data)[:40], choices=", ".join(c for c in self.choices if c)
            )
        return data


class Whole(serializers.IntegerField):
    """A whole number between bounds."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            raise Unusable("not_a_number")
        low = self.min_value if self.min_value is not None else -BIGGEST_ID
        high = self.max_value if self.max_value is not None else BIGGEST_ID
        if not low <= data <= high:
            raise Unusable("out_of_range")
        return data


class Id(Whole):
    """The id of another record."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": BIGGEST_ID, **more})


class Flag(serializers.BooleanField):
    """True or false, not words for them."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise Unusable("not_a_flag")
        return data


def number_text(data: Any) -> str:
    """Return a JSON string or number as the text a person would have typed; raises Unusable."""
    if isinstance(data, str):
        return _storable(data)
    if isinstance(data, bool) or not isinstance(data, int | Decimal):
        raise Unusable("amount_not_a_number", value=type(data).__name__)
    exact = Decimal(data)
    if not exact.is_finite():
        raise Unusable("amount_not_a_number", value=str(exact))
    if exact and not -LONGEST < exact.adjusted() < LONGEST:
        raise Unusable("amount_too_large")
    return format(exact, "f")


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": r"^\s*\+?[0-9]{1,16}(\.[0-9]{1,2})?\s*$"},
            {"type": "number", "minimum": 0},
        ],
        "description": "Digits, as a string or a number; excluding tax. Yen have no decimals.",
        "example": "1000000",
    }
)
class Amount(serializers.Field):
    """Money, as a string or a number; exact."""

    def to_internal_value(self, data: Any) -> Decimal:
        try:
            return parse_amount(number_text(data), currency=EXACT_TO_THE_CENT)
        except AmountError as error:
            refused = error.refused()
            raise Unusable(refused.code, **refused.params) from error


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": r"^[0-9]{1,14}(\.[0-9]{1,4})?$"},
            {"type": "number", "minimum": 0},
        ],
        "example": 42,
    }
)
class Measure(serializers.Field):
    """A measured number, not negative, with at most four decimals."""

    def to_internal_value(self, data: Any) -> Decimal:
        text = number_text(data).strip()
        try:
            value = Decimal(text) if text.isascii() and not text.lower().strip("+-0123456789.") else None
        except ArithmeticError:
            value = None
        if value is None:
            raise Unusable("amount_not_a_number", value=text[:LONGEST])
        if value < 0:
            raise Unusable("amount_negative")
        if value >= 10**14:
            raise Unusable("amount_too_large")
        return round(value, 4)


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(serializers.Field):
    """A date and time with its zone; without one it is refused, never guessed."""

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str):
            raise Unusable("bad_moment")
        try:
            moment = datetime.fromisoformat(_storable(data).strip().upper())
        except ValueError as error:
            raise Unusable("bad_moment") from error
        if moment.tzinfo is None:
            raise Unusable("zone_required")
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise Unusable("out_of_range")
        return moment


@extend_schema_field(OpenApiTypes.DATE)
class Day(serializers.Field):
    """A calendar day of the organisation."""

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str):
            raise Unusable("bad_date", value=str(data)[:20])
        try:
            day = datetime.strptime(_storable(data).strip(), "%Y-%m-%d").date()  # noqa: DTZ007
        except ValueError as error:
            raise Unusable("bad_date", value=data[:20]) from error
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise Unusable("out_of_range")
        return day


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


class Answers(serializers.DictField):
    """Values by key, all of them strings."""

    def run_validation(self, data: Any = empty) -> dict[str, str]:
        if not isinstance(data, Mapping):
            raise Unusable("not_an_object")
        faults: list[Fault] = []
        values: dict[str, str] = {}
        child = Text(max_length=4000)
        for key, value in data.items():
            faults += _take(child, _storable_name(key), value, values)
            if len(key) > 80:
                faults.append(Fault(_storable_name(key), "too_long"))
        if faults:
            raise Invalid(faults)
        return values


@cache
def _shape(kind: type[Strict]) -> Strict:
    """One bound instance for each shape: building its fields anew would cost more than the reading."""
    return kind()


Shape = TypeVar("Shape", bound=Strict)


def take(kind: type[Shape], data: Any) -> dict[str, Any]:
    """Return the values of a request body in this shape; raises Invalid with every fault."""
    return _shape(kind).to_internal_value({} if data is None or data == "" else data)


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
