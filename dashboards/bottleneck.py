"""Pure. Which step of the funnel loses the most money, which is the slowest, and where work piles up.

gain of a rate = max(0, target − actual) × entered × Π(actual rates downstream) × deal size
gain of the leads = max(0, due by today − actual) × Π(actual rates) × deal size
gain of the churn = max(0, actual − target) × MRR × 12

Source: the theory of constraints (Goldratt & Cox, The Goal, 1984: one step bounds the whole) with the loss of each
step in the currency of the whole, all else as it is; the guard is Wilson's upper bound, see `intervals`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import prod
from typing import NamedTuple

from dashboards.intervals import wilson

Z_80 = 1.281552
"""The 80 % interval: one miss in ten on the side that matters."""
MATERIAL = Fraction(3, 100)
"""A gain below this share of the period's revenue target is not worth the name."""
TIE = Fraction(9, 10)
MONTHS = 12
LEAST_LATELY, LEAST_USUALLY, LEAST_OLDER = 10, 30, 5
"""Fewer that made the step lately, or usually, say nothing of its time; fewer that wait are no pile."""
SLOWER = Fraction(5, 4)
"""A step that takes less than a quarter more than usual is as usual."""
HALF = 0.5
LEAST_A_WEEK = 0.125
"""One in eight weeks: less is worked off where nothing was."""


class Step(NamedTuple):
    """One edge of the funnel in flow order: of `entered`, `made` the step; the target is a share."""

    slug: str
    entered: int
    made: int
    target: Decimal | None = None


class Inflow(NamedTuple):
    """What flows in at the top: so many came, and so many were due by today."""

    slug: str
    actual: int
    due: Decimal | None = None


class Churn(NamedTuple):
    """What flows out at the end in a month: the share of `mrr` that left, and of how many customers how many."""

    slug: str
    rate: Decimal
    target: Decimal | None
    mrr: Decimal
    left: int
    base: int


class Money(NamedTuple):
    """What a win brings, and what the period is to bring; either may be unknown."""

    deal_size: Decimal | None
    revenue_target: Decimal | None


class Edge(NamedTuple):
    """One candidate: what it would bring in wins (the churn: none) and money if it alone met its target.

    `is_sure` is false where so few were counted that the target may well be met; `is_material` says that the gain is
    worth the name. `actual` and `target` are shares; of the inflow, numbers.
    """

    slug: str
    actual: Fraction
    target: Fraction
    gain: Fraction
    wins: Fraction | None
    is_sure: bool
    is_material: bool


class State(StrEnum):
    """What can be said of the bottleneck."""

    FOUND = "found"
    TIE = "tie"
    FEW = "few"
    NONE = "none"
    NO_DATA = "no_data"
    NO_TARGETS = "no_targets"


class Verdict(NamedTuple):
    """What is said, of which edges (the largest first), beside all edges that could be judged, largest first."""

    state: State
    named: tuple[Edge, ...]
    edges: tuple[Edge, ...]


def find(inflow: Inflow, steps: Sequence[Step], money: Money, churn: Churn | None = None) -> Verdict:
    """Name the step whose target would bring the most, all else as it is.

    Of those that are sure and material the largest; with it all that bring at least 90 % of it. Where only unsure
    ones are material: the largest of these, for reference. A step that nobody has entered passes on at its target,
    as it has no rate of its own; without a target nothing upstream of it can be put in money.
    """
    edges = sorted(_edges(inflow, steps, money, churn), key=lambda edge: -edge.gain)
    if not edges:
        targets = [inflow.due, *(step.target for step in steps), churn.target if churn else None]
        state = State.NO_TARGETS if all(target is None for target in targets) else State.NO_DATA
        return Verdict(state, (), ())
    sure = [edge for edge in edges if edge.is_material and edge.is_sure]
    if sure:
        named = tuple(edge for edge in sure if edge.gain >= TIE * sure[0].gain)
        return Verdict(State.TIE if len(named) > 1 else State.FOUND, named, tuple(edges))
    few = [edge for edge in edges if edge.is_material]
    return Verdict(State.FEW if few else State.NONE, tuple(few[:1]), tuple(edges))


def _edges(inflow: Inflow, steps: Sequence[Step], money: Money, churn: Churn | None) -> list[Edge]:
    found: list[Edge] = []
    size = Fraction(money.deal_size) if money.deal_size is not None else None
    least = MATERIAL * Fraction(money.revenue_target or 0)
    passed = [_passes_on(step) for step in steps]
    if size is not None and inflow.due is not None:
        through = _product(passed)
        missing = max(Fraction(0), Fraction(inflow.due) - inflow.actual)
        if through is not None:
            wins = missing * through
            figures = (Fraction(inflow.actual), Fraction(inflow.due), wins * size, wins)
            found.append(_edge(inflow.slug, *figures, is_sure=True, least=least))
    for n, step in enumerate(steps):
        after = _product(passed[n + 1 :])
        if step.target is None or size is None or after is None or not step.entered:
            continue
        actual, target = Fraction(step.made, step.entered), Fraction(step.target)
        wins = max(Fraction(0), target - actual) * step.entered * after
        is_sure = _upper(step.made, step.entered) < step.target
        found.append(_edge(step.slug, actual, target, wins * size, wins, is_sure=is_sure, least=least))
    if churn is not None and churn.target is not None and churn.base:
        actual, target = Fraction(churn.rate), Fraction(churn.target)
        gain = max(Fraction(0), actual - target) * Fraction(churn.mrr) * MONTHS
        stayed = churn.base - churn.left
        is_sure = _upper(stayed, churn.base) < 1 - churn.target
        found.append(_edge(churn.slug, actual, target, gain, None, is_sure=is_sure, least=least))
    return found


def _edge(
    slug: str,
    actual: Fraction,
    target: Fraction,
    gain: Fraction,
    wins: Fraction | None,
    *,
    is_sure: bool,
    least: Fraction,
) -> Edge:
    return Edge(slug, actual, target, gain, wins, is_sure, is_material=gain > 0 and gain >= least)


def _passes_on(step: Step) -> Fraction | None:
    if step.entered:
        return Fraction(step.made, step.entered)
    return Fraction(step.target) if step.target is not None else None


def _product(rates: Sequence[Fraction | None]) -> Fraction | None:
    known = [rate for rate in rates if rate is not None]
    return prod(known, start=Fraction(1)) if len(known) == len(rates) else None


def _upper(made: int, entered: int) -> Decimal:
    """The upper bound of a rate; one above 100 % is as sure as can be to be no less."""
    return Decimal(1) if not 0 <= made <= entered else Decimal(wilson(made, entered, Z_80)[1])


class Volume(NamedTuple):
    """What has entered one stage, and what was due by today; `step` leads into it (the first stage has none)."""

    key: str
    actual: int
    due: Decimal | None
    step: Step | None = None


class Cause(StrEnum):
    """Why a stage is behind its pace."""

    OWN = "own"
    UPSTREAM = "upstream"


def causes(volumes: Sequence[Volume]) -> Mapping[str, Cause]:
    """Say of each stage that is at least half a piece behind whether its own step is to blame, or what lies before.

    Its own step is what would be missing less had it met its target with what came in; where that is less than half
    of what is missing, the stage is merely starved. A step without a target is not to blame while the stage before
    is behind too.
    """
    found: dict[str, Cause] = {}
    is_starved = False
    for volume in volumes:
        missing = Fraction(volume.due) - volume.actual if volume.due is not None else Fraction(0)
        if missing < Fraction(1, 2):
            is_starved = False
            continue
        found[volume.key] = _cause(volume, missing, is_starved=is_starved)
        is_starved = True
    return found


def _cause(volume: Volume, missing: Fraction, *, is_starved: bool) -> Cause:
    step = volume.step
    if step is None:
        return Cause.OWN
    if step.target is None:
        return Cause.UPSTREAM if is_starved else Cause.OWN
    lost = Fraction(step.target) * step.entered - step.made
    return Cause.UPSTREAM if lost * 2 < missing else Cause.OWN


class Stay(NamedTuple):
    """How long one step takes its department, in days, and what waits for it.

    Of those who made the step lately (`counted`) the `median`, and how many took `longer` than was `usual`: the median
    of the windows before, in which nine in ten (`p90`) of `usual_counted` were through. Of those who wait for the step
    now (`still_open`), `older` wait longer than nine in ten did; `worked_off` go on or end in a usual week. `target`
    are the days the step is to take, null where nobody has said.
    """

    key: str
    median: float | None
    counted: int
    longer: int
    usual: float | None
    p90: float | None
    usual_counted: int
    still_open: int
    older: int
    worked_off: float
    target: Decimal | None = None

    @property
    def is_timed(self) -> bool:
        """True when enough made the step lately, and there is something to compare them with."""
        return self.counted >= LEAST_LATELY and (self.target is not None or self.is_usual_known)

    @property
    def is_usual_known(self) -> bool:
        """True when enough made the step before to say how long it usually takes."""
        return self.usual_counted >= LEAST_USUALLY

    @property
    def share(self) -> Fraction | None:
        """The median as a multiple of the target, else of what is usual; null where that is no time at all."""
        against = Fraction(self.target) if self.target is not None else Fraction(self.usual or 0)
        return Fraction(self.median) / against if self.median is not None and against > 0 else None

    @property
    def is_slow(self) -> bool:
        """True when it takes more than its target; without one, clearly and surely more than usual."""
        if not self.is_timed or self.share is None:
            return False
        if self.target is not None:
            return self.share > 1
        return self.share >= SLOWER and wilson(self.longer, self.counted, Z_80)[0] > HALF

    @property
    def is_piled(self) -> bool:
        """True when more than a usual week's work has waited longer than nine in ten did."""
        return self.is_usual_known and self.older >= LEAST_OLDER and self.older > self.worked_off


def slowest(stays: Sequence[Stay]) -> Stay | None:
    """The step that takes the most of its target or usual time, where any takes too much: the time bottleneck."""
    slow = [(stay.share or Fraction(0), -n, stay) for n, stay in enumerate(stays) if stay.is_slow]
    return max(slow)[2] if slow else None


def fullest(stays: Sequence[Stay]) -> Stay | None:
    """The step before which the most weeks of work have waited too long: the stock bottleneck."""
    piled = [
        (stay.older / max(stay.worked_off, LEAST_A_WEEK), -n, stay)
        for n, stay in enumerate(stays)
        if stay.is_piled
    ]
    return max(piled)[2] if piled else None
