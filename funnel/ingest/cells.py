"""Pure. One cell: dates, amounts, numbers and choices as people and systems write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from funnel import normalise
from funnel.amounts import AmountError, parse_amount
from funnel.errors import BadValue, Refused
from funnel.ingest import dating
from funnel.words import Words

YEARS = range(1970, 9999)
LONGEST = {
    "company": 200,
    "name": 150,
    "phone": 40,
    "title": 150,
    "channel": 100,
    "campaign": 200,
    "segment": 80,
}
LONGEST |= {"reason": 40, "product": 100, "metric": 40, "note": 20_000}
IDENTIFIER = 200
_WRITTEN = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]*(\d{1,2})[:時](\d{2})(?:[:分](\d{2}))?(\.\d+)?[分秒]?\s*"
    r"(Z|[+-]\d{2}:?\d{2})?)?"
)


class BadRow(Exception):
    """A row that cannot be taken in: the code and parameters of its sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Setting(NamedTuple):
    """What reading depends on: the organisation's zone and currency, the moment of reading, and `dates`.

    `dates` is what comes first in a date with the year behind (`dating.ORDERS`); "" when nobody said.
    """

    zone: ZoneInfo
    currency: str
    now: datetime
    dates: str = ""


def refused(error: Refused) -> BadRow:
    """A writer's refusal as the reason of a row; words of both languages are kept as such for its sentence."""
    params = {
        k: list(v) if isinstance(v, Words) else v if isinstance(v, int) else str(v)
        for k, v in error.params.items()
    }
    return BadRow(error.code, **{"field": error.field or "", **params})


def identifier(field: str, text: str) -> None:
    if len(text) > IDENTIFIER:
        raise BadRow("too_long", field=field, limit=IDENTIFIER)


def fits(**texts: str) -> None:
    for field, text in texts.items():
        if len(text) > LONGEST[field]:
            raise BadRow("too_long", field=field, limit=LONGEST[field])


@lru_cache(maxsize=20_000)
def company_norm(name: str) -> str:
    return normalise.company(name)[:200] if name else ""


def name_norm(name: str) -> str:
    return normalise.person_name(name)[:150] if name else ""


def email_norm(address: str) -> str | None:
    try:
        return normalise.email(address)
    except BadValue as error:
        raise BadRow(error.code, value=address[:80]) from None


def amount_in(text: str, currency: str, field: str) -> Decimal:
    try:
        return parse_amount(text, currency=currency)
    except AmountError as error:
        bad = error.refused(field)
        raise BadRow(bad.code, value=text[:64]) from None


def number(text: str, decimals: int, most: int = 10**13) -> Decimal:
    try:
        number = Decimal(text) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number <= most or number != round(number, decimals):
        raise BadRow("bad_number", value=text[:64])
    return number


def choice(field: str, text: str, words: Mapping[str, str]) -> str:
    folded = "".join(unicodedata.normalize("NFKC", text).casefold().split()).replace("-", "_")
    found = words.get(folded) or words.get(folded.replace("_", ""))
    if found is None:
        raise BadRow(
            "bad_choice", field=field, value=text[:40], choices=", ".join(dict.fromkeys(words.values()))
        )
    return found


def moment(text: str, field: str, to: Setting) -> datetime | None:
    if not text:
        return None
    at = _stated(text, to)
    if at > to.now:
        raise BadRow("in_future", field=field)
    return at


def day_of(text: str, to: Setting) -> date:
    if not text:
        raise BadRow("field_required", field="day")
    day = _stated(text, to).astimezone(to.zone).date()
    if day > to.now.astimezone(to.zone).date():
        raise BadRow("in_future", field="day")
    return day


def _stated(text: str, to: Setting) -> datetime:
    at = written(text, to.zone, to.dates)
    if at is None:
        code = "bad_date" if to.dates or not dating.is_year_behind(text) else "date_order"
        raise BadRow(code, value=text[:40])
    return at


@lru_cache(maxsize=50_000)
def written(text: str, zone: ZoneInfo, dates: str = "") -> datetime | None:
    """The instant a text states, in UTC; without an offset it is local time in `zone`. None when it is no date.

    Read are ISO 8601 and the Japanese ways of writing a date (2026/5/1, 2026年5月1日 9時30分); those with the
    year behind (03/04/2026) in the order `dates`, and never without it.
    """
    if dates:
        text = dating.rewritten(text, dates)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        found = _japanese(text)
        if found is None:
            return None
        at = found
    if at.year not in YEARS:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _japanese(text: str) -> datetime | None:
    match = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", text))
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    clock = f"T{int(hour):02}:{minute}:{second or '00'}{fraction or ''}{offset or ''}" if hour else ""
    try:
        return datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}{clock}")
    except ValueError:
        return None
