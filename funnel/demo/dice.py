"""Pure. Chance that repeats: the same seed throws the same dice."""

import math
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A seeded source of chance. Two of them with the same seed give the same company."""

    def __init__(self, seed: object) -> None:
        self._random = random.Random(str(seed))  # noqa: S311 – invented data, nothing is kept secret by it

    def chance(self, share: float) -> bool:
        """True in `share` of the throws (0–1)."""
        return self._random.random() < share

    def between(self, low: float, high: float) -> float:
        """A number between two, all equally likely."""
        return self._random.uniform(low, high)

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def one_of(self, choices: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """One of the choices, by weight where given."""
        return self._random.choices(choices, weights)[0]

    def some_of(self, choices: Sequence[T], count: int) -> list[T]:
        """`count` different ones, in no order."""
        return self._random.sample(choices, min(count, len(choices)))

    def skewed(self, median: float, spread: float = 0.8) -> float:
        """A waiting time: mostly near the median, now and then many times it (log-normal)."""
        return self._random.lognormvariate(math.log(median), spread)

    def around(self, mean: float, deviation: float) -> float:
        """A number around a mean (normal)."""
        return self._random.gauss(mean, deviation)
