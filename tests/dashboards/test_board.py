"""The board reads together what the KPIs read one by one, and a frame holds all that it shows."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from dashboards import board as boards
from dashboards import keeping, kpis, live
from dashboards.board import GROUP_STAGES, Board
from dashboards.counts.reading import NONE
from dashboards.kpis import Frame
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Organization
from handoffs.lanes import LANES

SPRING = Scope(date(2026, 3, 1), date(2026, 5, 31))
SCOPES = {
    "april": Scope(date(2026, 4, 1), date(2026, 4, 30)),
    "may": Scope(date(2026, 5, 1), date(2026, 5, 31)),
    "spring": SPRING,
    "spring of a cohort": Scope(SPRING.start, SPRING.end, "cohort"),
    "expo": Scope(SPRING.start, SPRING.end, channel="expo"),
    "nobody's": Scope(SPRING.start, SPRING.end, channel=NONE),
    "recorded": Scope(SPRING.start, SPRING.end, exclude_inferred=True),
    "nothing": Scope(date(2020, 1, 1), date(2020, 1, 31)),
}


def same_as_the_kpis(board: Board, at: Frame) -> None:
    def value(slug: str) -> kpis.Value:
        kpi = kpis.get(slug)
        return kpi.measure(kpi.select(at), at)

    assert board.closed.bookings == value("bookings")
    assert board.closed.win_rate == value("win-rate")
    assert board.response == value("response-time")
    assert board.overdue == value("overdue").value
    assert [lane.boundary for lane in board.lanes] == list(LANES)
    for lane in board.lanes:
        kept = value(f"{lane.boundary}-compliance")
        assert lane.value[:5] == kept[:5]
        assert lane.value.more == {state: kept.more[state] for state in lane.value.more}
    for target, slug in boards.ROWS_OF_RATE[at.scope.basis].items():
        if target in board.rates:
            rate, kpi = board.rates[target], value(slug)
            assert (rate.numerator, rate.denominator, rate.low) == (kpi.numerator, kpi.denominator, kpi.low)


@pytest.mark.parametrize("name", SCOPES)
def test_every_number_is_that_of_its_kpi(name: str, spring) -> None:
    at = kpis.frame(SCOPES[name])
    same_as_the_kpis(boards.read(at), at)


def test_of_one_owner_too(spring) -> None:
    for member in spring.member.values():
        at = kpis.frame(Scope(SPRING.start, SPRING.end, owner=member.pk))
        same_as_the_kpis(boards.read(at), at)


def test_several_periods_at_once_are_each_by_itself(spring) -> None:
    ats = [kpis.frame(SCOPES[name]) for name in ("april", "may", "spring", "nothing", "spring of a cohort")]
    together = boards.read_all(ats)
    assert [boards.numbers(board) for board in together] == [boards.numbers(boards.read(at)) for at in ats]
    assert len({board.closed.win_rate.denominator for board in together}) > 1


@pytest.mark.parametrize("name", ["may", "spring of a cohort", "expo"])
def test_a_board_takes_seven_statements(name: str, spring, django_assert_num_queries) -> None:
    at, calendar = kpis.frame(SCOPES[name]), Organization.current().calendar()
    with django_assert_num_queries(1):
        boards.read_counts([at])
    with django_assert_num_queries(7 if SCOPES[name].channel is None else 6):
        boards.read(at, calendar)


@pytest.mark.parametrize("name", SCOPES)
def test_what_is_kept_comes_back_as_it_was(name: str, spring) -> None:
    (rows,) = boards.read_rows([kpis.frame(SCOPES[name])])
    back = keeping.load(json.loads(json.dumps(keeping.dump(rows))))
    assert back == rows
    assert repr(back) == repr(rows)


def test_a_frame_holds_every_number_of_the_standard_boards(spring, django_assert_num_queries) -> None:
    now = moment.now()
    with django_assert_num_queries(30):
        frame = live.frame(now)
    assert set(frame["periods"]) == {"week", "month", "quarter", "year"}
    for period in frame["periods"].values():
        scope = Scope(date.fromisoformat(period["from"]), date.fromisoformat(period["to"]))
        numbers = boards.numbers(boards.read(kpis.frame(scope)))
        found = {f"stage:{stage}": n for stage, n in period["stages"].items()}
        found |= {f"before:{stage}": n for stage, n in period["before"].items()}
        for target, (k, n) in period["rates"].items():
            found |= {f"k:{target}": k, f"n:{target}": n}
            found |= dict(zip((f"low:{target}", f"high:{target}"), period["bounds"][target], strict=True))
        for boundary, lane in period["lanes"].items():
            found |= {f"{name}:lane-{boundary}": n for name, n in lane.items()}
        for channel, counted in period["channels"].items():
            found |= {f"stage:{stage}@{channel}": n for stage, n in zip(GROUP_STAGES, counted, strict=True)}
        found |= period["others"] | period["outlook"]
        assert found == {name: numbers[name] for name in found}
        # The rest follows from these: shares of two of them, changes, heights of bars, and waiting of cohorts.
        left = {name.split(":")[0] for name in set(numbers) - set(found)}
        assert left == {"as_of", "today", "change", "rate", "waiting", "k", "n", "low", "high"}
        assert {name for name in set(numbers) - set(found) if name[:2] in ("k:", "n:", "lo", "hi")} == {
            f"{part}:lane-{boundary}" for part in ("k", "n", "low", "high") for boundary in LANES
        }


def test_of_many_channels_a_frame_holds_the_largest(spring, monkeypatch) -> None:
    every = live.frame(moment.now())["periods"]["year"]["channels"]
    assert len(every) == 3
    monkeypatch.setattr(live, "MOST_CHANNELS", 1)
    largest = max(every, key=lambda channel: every[channel][1] if channel else -1)
    assert live.frame(moment.now())["periods"]["year"]["channels"] == {largest: every[largest]}


@pytest.mark.parametrize(("seconds", "pause"), [(0.01, 250), (0.2, 600), (9.0, 5000)])
def test_what_takes_long_to_read_is_read_more_seldom(seconds: float, pause: int) -> None:
    assert keeping.pause_after(timedelta(seconds=seconds), 250, 5000) == pause


@pytest.mark.parametrize(
    ("took", "hinted_since", "age", "is_served"),
    [
        ((0.1, 0.1), False, 0, True),
        ((1.5, 0.1), True, 0, False),
        ((0.1, 1.5), True, 0, False),
        ((1.1, 1.5), True, 0, True),
        ((1.1, 1.5), True, 29, True),
        ((1.1, 1.5), True, 31, False),
        ((0.1, 0.1), False, 31, False),
    ],
)
def test_what_was_read_is_served_after_a_commit_only_where_reading_takes_long(
    took: tuple[float, float], hinted_since: bool, age: int, is_served: bool, spring
) -> None:
    client, at = live.wire(), kpis.frame(SCOPES["may"])
    live.hint()
    ((covers, _),) = client.xrevrange(live.HINTS, count=1)
    read = boards.read_rows([at])
    for seconds in took:
        keeping.keep(client, covers, [at], read, timedelta(seconds=seconds))
    if hinted_since:
        live.hint()
    later = at._replace(now=at.now + timedelta(seconds=age))
    assert keeping.kept(client, later, live.HINTS) == (read[0] if is_served else None)
