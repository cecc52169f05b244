"""When a contact was that is logged late, in the words people use."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from funnel.earlier import Ago, moments

TOKYO = ZoneInfo("Asia/Tokyo")
LONG_AGO = datetime(2026, 1, 1, tzinfo=TOKYO)


def at(hour: int, minute: int = 0, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO)


def test_in_the_afternoon_all_three_are_offered() -> None:
    assert moments(at(15), TOKYO, LONG_AGO) == {
        Ago.JUST_NOW: at(14, 30), Ago.MORNING: at(10), Ago.YESTERDAY: at(15, day=19),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("hour", "minute", "offered"), [(11, 59, False), (12, 0, False), (12, 29, False), (12, 30, True)]
)
def test_the_morning_is_offered_once_it_is_over_for_a_while(hour: int, minute: int, offered: bool) -> None:
    assert (Ago.MORNING in moments(at(hour, minute), TOKYO, LONG_AGO)) == offered


def test_what_was_before_there_was_anything_to_do_is_not_offered() -> None:
    assert moments(at(15), TOKYO, at(13)) == {Ago.JUST_NOW: at(14, 30)}
    assert moments(at(15), TOKYO, at(11, 30)) == {Ago.JUST_NOW: at(14, 30), Ago.MORNING: at(11, 30)}
    assert moments(at(15), TOKYO, at(14, 50)) == {Ago.JUST_NOW: at(14, 50)}


def test_the_words_are_those_of_the_zone_of_the_organisation() -> None:
    now = at(15).astimezone(ZoneInfo("UTC"))
    assert moments(now, TOKYO, LONG_AGO)[Ago.MORNING] == at(10)


def test_nothing_offered_lies_ahead() -> None:
    for minutes in range(0, 24 * 60, 7):
        now = at(0) + timedelta(minutes=minutes)
        assert all(moment < now for moment in moments(now, TOKYO, LONG_AGO).values())
