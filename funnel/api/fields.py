"""Shapes of single values: strict, each fault named by a code."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from funnel.amounts import LONGEST, AmountError, parse_amount
from funnel.models import Organization

FIRST_YEAR, LAST_YEAR = 1970, 2199
BIGGEST_ID = 2**63 - 1
EXACT_TO_THE_CENT = "EUR"
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
    """A date and time; without a zone it is the organisation's, as on its pages and in its files."""

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str):
            raise Unusable("bad_moment")
        try:
            text = _storable(data).strip().upper()
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise Unusable("bad_moment") from error
        if len(text) <= len("2026-05-01"):
            raise Unusable("bad_moment")
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise Unusable("out_of_range")
        return moment if moment.tzinfo else moment.replace(tzinfo=Organization.current().tz)


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
