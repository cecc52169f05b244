"""Pure. From a revenue goal, less what customers bring anyway, backwards to the visitors it takes."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from math import ceil, floor
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
    "plan_part_over_one": Words("Enter a share from 0% to 100%.", "0%〜100%の割合で入力してください。"),
    "plan_churn_missing": Words(
        "Enter the churn too: it decides how much of the revenue stays.",
        "解約率も入力してください。継続する売上の計算に必要です。",
    ),
    "plan_nothing_to_win": Words(
        "What customers bring anyway reaches this goal: nothing new has to be won. Enter a higher goal.",
        "既存顧客の売上だけで目標に届くため、新規の受注は必要ありません。より高い目標を入力してください。",
    ),
}


class PlanError(BadValue):
    """An input nothing can be planned from; `code` is one of SENTENCES."""

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


STEPS = (
    ("visitor", "lead", "visitor_rate"),
    ("lead", "mql", "mql_rate"),
    ("mql", "sql", "sql_rate"),
    ("sql", "won", "win_rate"),
)
"""From what to what each rate leads."""


class Growth(NamedTuple):
    """Of what a month's revenue is made: what stays, what grows out of it, and what is still to be won."""

    retained: Decimal
    expansion: Decimal
    new: Decimal


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
    rates = {"mql_rate": Decimal(mql_rate), "sql_rate": Decimal(sql_rate), "win_rate": Decimal(win_rate)}
    expected_won = forwards(nodes, rates)["won"]
    return Plan(*nodes, _shown(expected_won), _shown(expected_won * size - goal))


def whole(
    revenue: Number,
    base: Number | None = None,
    churn: Number | None = None,
    expansion: Number = 0,
    **rates: Number,
) -> tuple[Plan, Growth | None]:
    """Plan backwards what is left to be won where customers already pay `base` a month; see `growth` and `plan`.

    Without a `base` all of the goal is to be won. Raises PlanError with the field that cannot be used.
    """
    if base is None or base in (0, "0"):
        return plan(revenue, **rates), None
    if churn is None:
        raise PlanError("plan_churn_missing", field="churn")
    found = growth(revenue, base, churn, expansion)
    return plan(found.new, **rates), found


def growth(revenue: Number, base: Number, churn: Number, expansion: Number = 0) -> Growth:
    """What is still to be won, where customers already pay `base` a month: goal = retained + expansion + new.

    retained = base × (1 − churn), expansion = base × expansion. Both are shares of the opening revenue as the
    catalogue defines them (docs/numbers.md): churn is `mrr-churn`, 1 − GRR; expansion is NRR − GRR. What is to be
    won is rounded up to a hundredth, what comes anyway down. Raises PlanError with the field that cannot be used.
    """
    goal, there = _amount("revenue", revenue), _amount("base", base)
    retained = there * (1 - share("churn", churn))
    grown = there * share("expansion", expansion)
    new = goal - retained - grown
    if new <= 0:
        raise PlanError("plan_nothing_to_win", field="revenue")
    return Growth(
        _hundredths(floor(retained * 100)), _hundredths(floor(grown * 100)), _hundredths(ceil(new * 100))
    )


def demand(field: str, value: Number) -> None:
    """Raise PlanError unless the field can be planned with, whatever the others say."""
    if field in ("churn", "expansion"):
        share(field, value)
    elif field.endswith("_rate"):
        _rate(field, value)
    elif field in Nodes._fields:
        _count(field, int(value))
    elif field != "base" or Decimal(value):
        _amount(field, value)


def share(field: str, value: Number) -> Fraction:
    """A share that may be none or all. Raises PlanError."""
    number = _number(field, value, or_zero=True)
    if number > 1:
        raise PlanError("plan_part_over_one", field=field)
    return Fraction(number)


def forwards(nodes: Nodes, rates: Mapping[str, Decimal], *, start: str = "lead") -> dict[str, Fraction]:
    """What the rates make of a count downstream: of `start` (visitor or lead) on, by node, unrounded."""
    names = [name for name, _, _ in STEPS]
    count = Fraction(getattr(nodes, start))
    found: dict[str, Fraction] = {}
    for _, following, rate in STEPS[names.index(start) :]:
        count *= Fraction(rates[rate])
        found[following] = count
    return found


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

    A node in `fixed` stands as it is, and what lies upstream is made from it.
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
        if name in fixed:
            _count(name, count)
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


def _count(field: str, count: int) -> None:
    if not 1 <= count < MOST:
        raise PlanError("plan_too_large" if count >= MOST else "plan_not_positive", field=field)


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


def _number(field: str, value: Number, *, or_zero: bool = False) -> Decimal:
    """Return a finite number above zero. Digits without end are refused: they would exhaust the machine."""
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise PlanError("plan_not_a_number", field=field) from error
    if not number.is_finite() or len(number.as_tuple().digits) > LONGEST:
        raise PlanError("plan_not_a_number", field=field)
    if number < 0 or (number == 0 and not or_zero):
        raise PlanError("plan_part_over_one" if or_zero else "plan_not_positive", field=field)
    return number


def _hundredths(count: int) -> Decimal:
    return Decimal(count).scaleb(-2)


def _shown(value: Fraction) -> Decimal:
    hundredths = Decimal(round(value * 1000)).scaleb(-3)
    return hundredths.quantize(HUNDREDTH, ROUND_HALF_UP)
