"""Pure. How sure a rate is."""

from math import sqrt

Z_95 = 1.959964


def wilson(k: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Return Wilson's score interval for k of n, as shares between 0 and 1; (0, 1) when n is 0.

    Source: Wilson, E. B. (1927), JASA 22, 209–212. Raises ValueError unless 0 <= k <= n: a period rate above
    100 % has no such interval.
    """
    if not 0 <= k <= n:
        raise ValueError("k of n needs 0 <= k <= n")
    if not n:
        return 0.0, 1.0
    share, square = k / n, z * z
    centre = share + square / (2 * n)
    half = z * sqrt(share * (1 - share) / n + square / (4 * n * n))
    scale = 1 + square / n
    # At the ends the bound is exact; rounding must not push it past the share itself.
    low = 0.0 if k == 0 else (centre - half) / scale
    high = 1.0 if k == n else (centre + half) / scale
    return low, high


def difference(k: int, n: int, then_k: int, then_n: int, z: float = Z_95) -> tuple[float, float] | None:
    """Return the interval of k/n − then_k/then_n, as shares between −1 and 1; None where either is of nothing.

    Newcombe's hybrid of two Wilson intervals, which stays right at the ends and for few.
    Source: Newcombe, R. G. (1998), Statistics in Medicine 17, 873–890, method 10. Raises ValueError like `wilson`.
    """
    if not n or not then_n:
        return None
    (low, high), (then_low, then_high) = wilson(k, n, z), wilson(then_k, then_n, z)
    now, then = k / n, then_k / then_n
    down = sqrt((now - low) ** 2 + (then_high - then) ** 2)
    up = sqrt((high - now) ** 2 + (then - then_low) ** 2)
    return now - then - down, now - then + up
