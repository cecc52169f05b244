"""How sure a rate is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.intervals import wilson


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(10, 34, 0.1683, 0.4617), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 2, 0.0945, 0.9055)],
)
def test_known_intervals(k, n, low, high):
    assert wilson(k, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_ten_of_34_is_neither_30_nor_40_percent_apart():
    low, high = wilson(10, 34)
    assert (round(low * 100), round(high * 100)) == (17, 46)


def test_nothing_observed_says_nothing():
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, -1)])
def test_more_than_all_or_less_than_none_is_refused(k, n):
    with pytest.raises(ValueError, match="0 <= k <= n"):
        wilson(k, n)


@given(n=st.integers(1, 10**9), share=st.floats(0, 1), z=st.floats(0.1, 5))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(n, share, z):
    k = round(n * share)
    low, high = wilson(k, n, z)
    assert 0 <= low <= k / n + 1e-12
    assert k / n - 1e-12 <= high <= 1
    mirrored = wilson(n - k, n, z)
    assert mirrored == (pytest.approx(1 - high, abs=1e-9), pytest.approx(1 - low, abs=1e-9))


@given(k=st.integers(1, 500), n=st.integers(501, 1000), times=st.integers(2, 100))
def test_more_observations_narrow_the_interval(k, n, times):
    low, high = wilson(k, n)
    narrow_low, narrow_high = wilson(k * times, n * times)
    assert narrow_high - narrow_low < high - low
