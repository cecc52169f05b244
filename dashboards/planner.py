"""Pure. From a revenue goal backwards to the visitors it takes."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

from funnel.errors import BadValue
from funnel.words import Words

MOST = Decimal(10) ** 16
SMALLEST_RATE = Decimal("0.000001")
LONGEST = 40
HUNDREDTH = Decimal("0.01")

SENTENCES: dict[str, Words] = {
    "plan_not_a_number": Words("Enter a number.", "数値を入力してください。"),
    "plan_not_positive": Words("Enter a number above zero.", "0より大きい数値を入力してください。"),
    "plan_over_one": Words(
        "A rate lies between 0 and 1 (0.3 means 30 %).", "率は0〜1の間で入力してください(0.3は30%)。"
    ),
    "plan_too_small": Words("The rate is too small to plan with.", "率が小さすぎるため計画できません。"),
    "plan_too_large": Words("The number is too large.", "数値が大きすぎます。"),
}


class PlanError(BadValue):
    """An input nothing can be planned from; `code`: plan_not_a_number, _not_positive, _over_one, _too_…"""

    def say(self, language: str | None) -> str:
        """The sentence in `language`."""
        return SENTENCES[self.code].say(language)


class Plan(NamedTuple):
    """How many of each it takes, and what rounding up leaves over.

    `expected_won` runs the leads forward through the rates; `surplus` is what they would bring beyond the
    goal, in its currency; both to two decimals.
    """

    won: int
    sql: int
    mql: int
    lead: int
    visitor: int
    expected_won: Decimal
    surplus: Decimal


class Nodes(NamedTuple):
    """How many of each a goal takes."""

    won: int
    sql: int
    mql: int
    lead: int
    visitor: int


Number = Decimal | int | str
NOTHING: Mapping[str, int] = {}


def plan(
    revenue: Number,
    deal_size: Number,
    win_rate: Number,
    sql_rate: Number,
    mql_rate: Number,
    visitor_rate: Number,
) -> Plan:
    """Plan backwards: each node is ceil(parent ÷ rate), on exact fractions.

    Binary floats would be wrong: 21 ÷ 0.35 is 60, not 61. Rates are shares above 0 and up to 1.
    Raises PlanError with the field that cannot be used.
    """
    nodes = backwards(revenue, deal_size, win_rate, sql_rate, mql_rate, visitor_rate)
    goal, size = Fraction(Decimal(revenue)), Fraction(Decimal(deal_size))
    expected_won = Fraction(nodes.lead)
    for rate in (mql_rate, sql_rate, win_rate):
        expected_won *= Fraction(Decimal(rate))
    return Plan(*nodes, _shown(expected_won), _shown(expected_won * size - goal))


def backwards(
    revenue: Number,
    deal_size: Number,
    win_rate: Number,
    sql_rate: Number,
    mql_rate: Number,
    visitor_rate: Number,
    fixed: Mapping[str, int] = NOTHING,
) -> Nodes:
    """How many of each it takes, from the goal upstream: each is ceil(next ÷ rate), on exact fractions.

    A node in `fixed` (won, sql, mql, lead) stands as it is, and what lies upstream is made from it.
    Raises PlanError as `plan`.
    """
    goal, size = _amount("revenue", revenue), _amount("deal_size", deal_size)
    needed = goal / size
    rates = (
        ("won", Fraction(1)),
        ("sql", _rate("win_rate", win_rate)),
        ("mql", _rate("sql_rate", sql_rate)),
        ("lead", _rate("mql_rate", mql_rate)),
        ("visitor", _rate("visitor_rate", visitor_rate)),
    )
    found: list[int] = []
    for name, rate in rates:
        count = fixed[name] if name in fixed else ceil(needed / rate)
        if name in fixed and not 1 <= count < MOST:
            raise PlanError("plan_too_large" if count >= MOST else "plan_not_positive", field=name)
        found.append(count)
        needed = Fraction(count)
    return Nodes(*found)


class Step(NamedTuple):
    """One factor of a rate: what improving it alone brings, in wins, rounded down as people count."""

    name: str
    gain: int


class Sheet(NamedTuple):
    """Leads, opportunities and wins of a state; `steps` and `bottleneck` of the way from one to another."""

    leads: int
    opportunities: int
    wins: int


def sheet(leads: int, opportunity_rate: Number, win_rate: Number) -> Sheet:
    """Run leads forward, each step rounded down to whole pieces: 100, 10 %, 30 % → 10 → 3."""
    if not 0 <= leads <= MOST:
        raise PlanError("plan_too_large" if leads > 0 else "plan_not_positive", field="leads")
    to_deal, to_win = _rate("opportunity_rate", opportunity_rate), _rate("win_rate", win_rate)
    opportunities = int(leads * to_deal)
    return Sheet(leads, opportunities, int(opportunities * to_win))


def levers(
    now: tuple[int, Number, Number], target: tuple[int, Number, Number]
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """What each lever brings alone, moved from now to its target, and which of them bring the most (ties all)."""
    names = ("leads", "opportunity_rate", "win_rate")
    standing = sheet(*now).wins
    steps = []
    for n, name in enumerate(names):
        moved: list[Any] = list(now)
        moved[n] = target[n]
        steps.append(Step(name, sheet(*moved).wins - standing))
    most = max(step.gain for step in steps)
    return tuple(steps), tuple(step.name for step in steps if step.gain == most > 0)


def _amount(field: str, value: Number) -> Fraction:
    number = _number(field, value)
    if number > MOST:
        raise PlanError("plan_too_large", field=field)
    if number < HUNDREDTH:
        raise PlanError("plan_too_small", field=field)
    return Fraction(number)


def _rate(field: str, value: Number) -> Fraction:
    number = _number(field, value)
    if number > 1:
        raise PlanError("plan_over_one", field=field)
    if number < SMALLEST_RATE:
        raise PlanError("plan_too_small", field=field)
    return Fraction(number)


def _number(field: str, value: Number) -> Decimal:
    """Return a finite number above zero. Digits without end are refused: they would exhaust the machine."""
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise PlanError("plan_not_a_number", field=field) from error
    if not number.is_finite() or len(number.as_tuple().digits) > LONGEST:
        raise PlanError("plan_not_a_number", field=field)
    if number <= 0:
        raise PlanError("plan_not_positive", field=field)
    return number


def _shown(value: Fraction) -> Decimal:
    hundredths = Decimal(round(value * 1000)).scaleb(-3)
    return hundredths.quantize(HUNDREDTH, ROUND_HALF_UP)
