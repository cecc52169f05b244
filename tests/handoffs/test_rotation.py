"""The pure rule of fair rotation, on random departments against a plain re-reading of its sentences."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from handoffs.rotation import Crew, Rep, Why, choose

limits = st.one_of(st.none(), st.integers(0, 6))
people = st.lists(st.tuples(limits, st.integers(0, 6)), max_size=6).map(
    lambda told: [Rep(n + 1, limit, got, turn=n) for n, (limit, got) in enumerate(told)]
)


@given(people, st.integers(0, 3), st.one_of(st.none(), st.integers(1, 8)))
def test_the_choice_is_the_one_the_rule_names(reps: list[Rep], away: int, owner: int | None) -> None:
    before = {rep.member_id: (rep.received, rep.turn) for rep in reps}
    shares = {r.member_id: Fraction(r.received, r.limit or _usual(reps)) for r in reps if not r.is_full}
    route = choose(Crew(reps, len(reps) + away), [None, owner])
    if owner in before:
        assert (route.member_id, route.why) == (owner, Why.OWNER)
    elif shares:
        assert route.why is Why.FAIR
        assert shares[route.member_id] == min(shares.values())
        equal = [m for m, share in shares.items() if share == min(shares.values())]
        assert before[route.member_id][1] == min(before[m][1] for m in equal), "of equals, who waited longest"
        chosen = next(rep for rep in reps if rep.member_id == route.member_id)
        assert chosen.limit is None or chosen.received <= chosen.limit
    else:
        there = Why.FULL if reps else Why.ABSENT
        assert (route.member_id, route.why) == (None, there if reps or away else Why.NOBODY)
    given_to = [r.member_id for r in reps if r.received > before[r.member_id][0]]
    assert given_to == ([route.member_id] if route.member_id else [])


def _usual(reps: list[Rep]) -> int:
    return max((rep.limit for rep in reps if rep.limit), default=1)


@given(st.integers(1, 9), st.integers(0, 200))
def test_equals_end_within_one_of_each_other(count: int, handoffs: int) -> None:
    crew = Crew([Rep(n, None) for n in range(1, count + 1)], count)
    for _ in range(handoffs):
        choose(crew)
    got = [rep.received for rep in crew.reps]
    assert sum(got) == handoffs
    assert max(got) - min(got) <= 1


@given(st.lists(st.integers(0, 8), min_size=1, max_size=6), st.integers(0, 60))
def test_limits_are_filled_to_the_last_place_and_never_passed(limits: list[int], handoffs: int) -> None:
    crew = Crew([Rep(n, limit) for n, limit in enumerate(limits, 1)], len(limits))
    assert crew.limit == crew.room == sum(limits)
    routes = [choose(crew) for _ in range(handoffs)]
    assert sum(r.member_id is not None for r in routes) == min(handoffs, sum(limits))
    assert all(rep.received <= (rep.limit or 0) for rep in crew.reps)
    assert crew.room == sum(limits) - min(handoffs, sum(limits))
    assert (crew.refusal is Why.FULL) == (handoffs >= sum(limits))


def test_a_smaller_limit_gets_its_share_of_the_day() -> None:
    crew = Crew([Rep(1, 12), Rep(2, 4)], 2)
    for _ in range(8):
        choose(crew)
    assert [rep.received for rep in crew.reps] == [6, 2]


def test_an_owner_gets_his_own_over_his_limit_and_is_told_his_number() -> None:
    crew = Crew([Rep(1, 2, received=2), Rep(2, 2)], 2)
    assert choose(crew, [1]) == (1, Why.OWNER, 3, 2)
    assert choose(crew, [9, None]) == (2, Why.FAIR, 1, 2)


def test_without_limits_there_is_always_room() -> None:
    assert Crew([Rep(1, None), Rep(2, 3)], 2).room is None
    assert Crew([], 0).limit is None
