"""Pure. Amounts of money as people and files write them."""

import re
import unicodedata
from decimal import Decimal, localcontext
from typing import NamedTuple

from funnel.errors import BadValue

LIMIT = Decimal(10) ** 16
"""Amounts stay below this: what numeric(18, 2) can hold."""

LONGEST = 64
WITHOUT_MINOR_UNIT = frozenset({"JPY", "KRW", "VND"})
SYMBOLS: dict[str, tuple[str, ...]] = {
    # A Japanese keyboard shows the backslash as a yen sign.
    "JPY": ("¥", "\\", "円"),
    "USD": ("$", "ドル"),
    "EUR": ("€", "ユーロ"),
    "GBP": ("£", "ポンド"),
}
MULTIPLES: dict[str, Decimal] = {
    "兆": Decimal(10) ** 12,
    "億": Decimal(10) ** 8,
    "千万": Decimal(10) ** 7,
    "百万": Decimal(10) ** 6,
    "万": Decimal(10) ** 4,
    "千": Decimal(10) ** 3,
    "": Decimal(1),
}
MINUS_SIGNS = str.maketrans({"−": "-", "‐": "-", "–": "-", "▲": "-", "△": "-"})

_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_TERM = re.compile(rf"({_NUMBER})(兆|億|千万|百万|万|千|)")


class AmountError(ValueError):
    """A text that is not an amount; `code`: blank, not_a_number, negative, fraction or too_large."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.text = text

    def refused(self, field: str = "amount") -> BadValue:
        """Return the refusal a person sees, with its sentence."""
        return BadValue(f"amount_{self.code}", field=field, value=self.text[:LONGEST])


class _Term(NamedTuple):
    number: Decimal
    multiple: Decimal


def parse_amount(text: str, *, currency: str = "JPY", relaxed: bool = False) -> Decimal:
    """Return the amount a text states, in whole units of the currency.

    Strict (files, API): plain digits with an optional decimal point, nothing else. Relaxed (forms): also
    full-width digits, thousands separators, the currency's own sign, and 120万, 1.2億, 1億2000万.
    Raises AmountError: blank, not_a_number (also NaN and infinities), negative, fraction (more decimals
    than the currency has; yen have none), too_large (10 to the 16 and above).
    """
    stripped = text.strip()
    if not stripped:
        raise AmountError("blank", text)
    if len(stripped) > LONGEST:
        raise AmountError("too_large" if stripped.isdecimal() else "not_a_number", text)
    # Enough digits for any text of that length times any multiple, so that nothing is rounded on the way.
    with localcontext(prec=2 * LONGEST):
        amount = _relaxed(stripped, currency) if relaxed else _strict(stripped)
        return _checked(amount, text, currency)


def _checked(amount: Decimal | None, text: str, currency: str) -> Decimal:
    if amount is None:
        raise AmountError("not_a_number", text)
    if amount < 0:
        raise AmountError("negative", text)
    if amount >= LIMIT:
        raise AmountError("too_large", text)
    decimals = 0 if currency in WITHOUT_MINOR_UNIT else 2
    rounded = round(amount, decimals)
    if rounded != amount:
        raise AmountError("fraction", text)
    return abs(rounded)


def _strict(text: str) -> Decimal | None:
    return Decimal(text) if _PLAIN.fullmatch(text) else None


def _relaxed(text: str, currency: str) -> Decimal | None:
    text = "".join(unicodedata.normalize("NFKC", text).translate(MINUS_SIGNS).split())
    text, sign = (text[1:], -1) if text.startswith("-") else (text.removeprefix("+"), 1)
    text = _without_symbol(text, currency)
    if text.startswith("-"):
        text, sign = text[1:], -sign
    terms, position = [], 0
    while position < len(text):
        match = _TERM.match(text, position)
        if match is None:
            return None
        terms.append(_Term(Decimal(match[1].replace(",", "")), MULTIPLES[match[2]]))
        position = match.end()
    return sign * sum((n * m for n, m in terms), Decimal()) if _is_well_formed(terms) else None


def _without_symbol(text: str, currency: str) -> str:
    for symbol in (*SYMBOLS.get(currency, ()), currency, currency.lower()):
        text = text.removeprefix(symbol).removesuffix(symbol)
    return text


def _is_well_formed(terms: list[_Term]) -> bool:
    """Say whether every term stays below the multiple before it: 1億2000万, but not 1万2億 or 1万20000."""
    following = zip(terms, terms[1:], strict=False)
    return bool(terms) and all(
        later.number * later.multiple < earlier.multiple for earlier, later in following
    )
