"""Pure. From a revenue goal backwards to the visitors it takes."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from math import ceil
from typing import NamedTuple

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


Number = Decimal | int | str


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
    goal, size = _amount("revenue", revenue), _amount("deal_size", deal_size)
    win, to_sql = _rate("win_rate", win_rate), _rate("sql_rate", sql_rate)
    to_mql, to_lead = _rate("mql_rate", mql_rate), _rate("visitor_rate", visitor_rate)
    won = ceil(goal / size)
    sql = ceil(won / win)
    mql = ceil(sql / to_sql)
    lead = ceil(mql / to_mql)
    expected_won = lead * to_mql * to_sql * win
    return Plan(
        won,
        sql,
        mql,
        lead,
        ceil(lead / to_lead),
        _shown(expected_won),
        _shown(expected_won * size - goal),
    )


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
