"""Pure. The customer sheet: items, weights, completeness."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from funnel.stages import BANT_FIELDS, BANT_WORDS, Bant
from funnel.words import Words

FULL = Decimal(100)
HUNDREDTH = Decimal("0.01")


class Item(NamedTuple):
    """One line of the sheet; only required items count, each by its weight."""

    key: str
    label: Words
    weight: int = 1
    required: bool = True


DEFAULT_ITEMS: tuple[Item, ...] = (
    Item("company", Words("Company", "会社名")),
    Item("name", Words("Person", "氏名")),
    Item("contact", Words("Phone or e-mail", "連絡先(電話またはメール)")),
    *(Item(field, BANT_WORDS[field]) for field in BANT_FIELDS),
    Item("note", Words("Handover note", "申し送り")),
)


PASSED_WITH_WON: tuple[Item, ...] = (
    Item("requirements", Words("Onboarding requirements", "導入要件"), required=False),
    Item("promised", Words("What was promised", "約束したこと"), required=False),
    Item("cautions", Words("Take care", "注意点"), required=False),
)
"""What goes over with a won deal, in words; nothing of it is demanded, so it is complete as it comes."""


HEARD = ("requirements", "note")
"""The items of a sheet that say in words what the customer needs."""


class Completeness(NamedTuple):
    """How complete a sheet is: percent 0–100, rounded down to hundredths, and which required items are in."""

    percent: Decimal
    filled: tuple[str, ...]
    missing: tuple[str, ...]
    required: int


def score(values: Mapping[str, str], items: Iterable[Item] = DEFAULT_ITEMS) -> Completeness:
    """Return 100 × Σ weight of filled required items ÷ Σ weight of required items.

    An item is filled when something other than white space is there; for budget, authority, need and timeline
    "unknown" is not an answer, "not met" is. A sheet that requires nothing is complete.
    Rounding goes down, so that nothing short of everything reads 100.
    """
    required = [item for item in items if item.required]
    filled = [item for item in required if _is_filled(item.key, values.get(item.key, ""))]
    total = sum(item.weight for item in required)
    percent = FULL * sum(item.weight for item in filled) / total if total else FULL
    return Completeness(
        percent.quantize(HUNDREDTH, ROUND_DOWN),
        tuple(item.key for item in filled),
        tuple(item.key for item in required if item not in filled),
        len(required),
    )


def _is_filled(key: str, value: str) -> bool:
    value = value.strip()
    return bool(value) and not (key in BANT_FIELDS and value.casefold() == Bant.UNKNOWN)
