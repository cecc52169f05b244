"""When several notices of one kind are one letter."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoffs.bursts import MOST_SINGLE, WINDOW, Verdict, decide

NOW = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("waiting", "lately", "digest_ago", "verdict"),
    [
        (1, 0, None, Verdict.EACH),
        (5, 0, None, Verdict.EACH),
        (6, 0, None, Verdict.TOGETHER),
        (1, 4, None, Verdict.EACH),
        (1, 5, None, Verdict.TOGETHER),
        (2, 4, None, Verdict.TOGETHER),
        (1, 6, 1, Verdict.LATER),
        (500, 6, 14, Verdict.LATER),
        (500, 6, 15, Verdict.TOGETHER),
    ],
)
def test_more_than_five_in_a_quarter_of_an_hour_are_one(
    waiting: int, lately: int, digest_ago: int | None, verdict: Verdict
) -> None:
    digest = None if digest_ago is None else NOW - timedelta(minutes=digest_ago)
    decided = decide(waiting, lately, digest, NOW)
    assert decided.verdict is verdict
    assert (decided.until is not None) == (verdict is Verdict.LATER)


@given(st.lists(st.integers(0, 1800), max_size=80))
def test_nobody_gets_many_letters_in_a_window_and_every_notice_goes_out(pauses: list[int]) -> None:
    """Notices arrive, the outbox is looked through every 15 s: letters are few, and nothing is left."""
    arrivals = [sum(pauses[: n + 1]) for n in range(len(pauses))]
    sent: list[tuple[float, int, bool]] = []
    waiting: list[float] = []
    tick, end = 0, (arrivals[-1] if arrivals else 0) + 2 * WINDOW.total_seconds() + 30
    held = 0.0
    queue = list(arrivals)
    while tick <= end:
        while queue and queue[0] <= tick:
            waiting.append(queue.pop(0))
        if waiting and tick >= held:
            now = NOW + timedelta(seconds=tick)
            window = [one for one in sent if one[0] > tick - WINDOW.total_seconds()]
            digests = [one[0] for one in window if one[2]]
            last = NOW + timedelta(seconds=digests[-1]) if digests else None
            decided = decide(len(waiting), sum(one[1] for one in window), last, now)
            if decided.verdict is Verdict.EACH:
                sent += [(tick, 1, False)] * len(waiting)
            elif decided.verdict is Verdict.TOGETHER:
                sent.append((tick, len(waiting), True))
            else:
                assert decided.until is not None
                held = (decided.until - NOW).total_seconds()
                tick += 15
                continue
            waiting.clear()
        tick += 15
    assert sum(one[1] for one in sent) == len(arrivals)
    for moment, _, _ in sent:
        letters = [one for one in sent if moment - WINDOW.total_seconds() < one[0] <= moment]
        assert len(letters) <= MOST_SINGLE + 1
