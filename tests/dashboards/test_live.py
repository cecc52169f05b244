"""Hints and frames: one hint a transaction, one frame a change, and never an act that fails for Redis."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
import redis

from dashboards import board as boards
from dashboards import kpis, live, tasks
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Organization
from funnel.stages import Department
from handoffs import notices, promises
from handoffs.models import Delivery
from handoffs.notices import inbox
from tests import builders


@pytest.fixture
def wire(monkeypatch) -> redis.Redis:
    monkeypatch.setattr(live._Wire, "client", None)
    monkeypatch.setattr(live._Wire, "silent_until", 0.0)
    return redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


def frames(wire: redis.Redis) -> list[dict]:
    return [json.loads(fields["data"]) for _, fields in wire.xrange(live.FRAMES)]


@pytest.mark.parametrize(
    ("today", "first_month", "month", "quarter", "year"),
    [
        (date(2026, 5, 20), 4, ("05-01", "05-31"), ("04-01", "06-30"), ("2026-04-01", "2027-03-31")),
        (date(2026, 3, 31), 4, ("03-01", "03-31"), ("01-01", "03-31"), ("2025-04-01", "2026-03-31")),
        (date(2026, 12, 31), 1, ("12-01", "12-31"), ("10-01", "12-31"), ("2026-01-01", "2026-12-31")),
    ],
)
def test_the_standard_periods_hold_today(today, first_month, month, quarter, year):
    found = live.standard_periods(today, first_month)
    assert tuple(f"{day:%m-%d}" for day in found["month"]) == month
    assert tuple(f"{day:%m-%d}" for day in found["quarter"]) == quarter
    assert tuple(day.isoformat() for day in found["year"]) == year


@pytest.mark.django_db
def test_a_frame_is_published_once_for_a_hint_and_again_when_asked_even_so(wire):
    live.publish()
    wire.delete(live.LOCK)
    live.publish()
    assert len(frames(wire)) == 1
    wire.delete(live.LOCK)
    tasks.tick()
    live.publish()
    assert len(frames(wire)) == 2
    wire.delete(live.LOCK)
    live.publish(even_so=True)
    assert len(frames(wire)) == 3


@pytest.mark.django_db
def test_frames_come_at_most_four_times_a_second(wire):
    until, published = time.monotonic() + 1, 0
    while time.monotonic() < until:
        live.hint()
        live.publish()
        published = wire.xlen(live.FRAMES)
    assert 1 <= published <= 5


@pytest.mark.django_db
def test_who_lost_his_turn_publishes_nothing(wire, monkeypatch):
    def slow(now, kept):
        wire.set(live.LOCK, "somebody else")
        return {}

    monkeypatch.setattr(live, "frame", slow)
    live.publish()
    assert wire.xlen(live.FRAMES) == 0
    assert wire.get(live.LOCK) == "somebody else"


@pytest.mark.django_db
def test_a_frame_says_what_each_department_has_to_do(spring):
    found = live.frame(moment.now())
    assert set(found["departments"]) == set(Department)
    assert found["departments"]["inside_sales"] == {"owed": 3, "overdue": 2, "waiting": 5}
    assert found["periods"]["month"]["stages"]["lead"] == 5
    assert found["periods"]["month"]["rates"]["mql"] == [3, 5]
    assert json.dumps(found).isascii()


@pytest.mark.django_db
def test_a_frame_names_the_newest_notice_of_those_who_were_told_lately(now, django_assert_num_queries):
    told, other = builders.a_member("inside_sales"), builders.a_member("inside_sales")
    owed = [builders.an_mql(now).handoffs.get() for _ in range(3)]
    lead = builders.an_actor("inside_sales", now=now, role="lead")
    for handoff in owed:
        promises.assign(handoff.pk, lead, now=now, owner=other)
        promises.assign(handoff.pk, lead, now=now, owner=told)
    notices.spread()
    newest = Delivery.objects.filter(way="app", member=told).latest("id").pk
    assert live.frame(moment.now())["bells"][str(told.pk)] == newest
    assert inbox.newest_of(told) == newest
    with django_assert_num_queries(1):
        assert len(inbox.newest(of=1)) == 1


def test_without_redis_a_hint_costs_little_and_then_nothing(wire, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    start = time.monotonic()
    for _ in range(100):
        live.hint()
    assert time.monotonic() - start < 1


def next_frame(wire: redis.Redis) -> dict[str, str]:
    """What is published when the turn is free again."""
    wire.delete(live.LOCK)
    live.publish()
    return wire.xrevrange(live.FRAMES, count=1)[0][1]


@pytest.mark.django_db
def test_counts_come_first_and_what_is_read_from_rows_follows(wire, django_assert_num_queries):
    assert next_frame(wire)["whole"] == next_frame(wire)["covers"]
    wire.delete(live.ROWS_TURN)
    live.hint()
    with django_assert_num_queries(6):
        counts_only = next_frame(wire)
    assert live.order(counts_only["whole"]) < live.order(counts_only["covers"])
    assert "lanes" in json.loads(counts_only["data"])["periods"]["month"]
    whole = next_frame(wire)
    assert whole["whole"] == whole["covers"] == counts_only["covers"]
    assert next_frame(wire) == whole


@pytest.mark.django_db
def test_rows_are_read_although_every_moment_has_its_commit(wire):
    next_frame(wire)
    wholes = set()
    for _ in range(live.MOST_WITHOUT_ROWS + 1):
        wire.delete(live.ROWS_TURN)
        live.hint()
        wholes.add(next_frame(wire)["whole"])
    assert len(wholes) == 2


@pytest.mark.django_db
def test_rows_just_read_are_not_read_again_at_once(wire):
    next_frame(wire)
    assert wire.exists(live.ROWS_TURN)
    wire.set(live.ROWS_TURN, "", px=live.LOCK_MS)
    live.hint()
    latest = next_frame(wire)
    assert live.order(latest["whole"]) < live.order(latest["covers"])
    assert next_frame(wire) == latest


def this_month() -> kpis.Frame:
    today = moment.now().astimezone(Organization.current().tz).date()
    return kpis.frame(Scope(*live.standard_periods(today, 4)["month"]))


@pytest.mark.django_db
def test_a_board_is_served_what_was_read_last_until_something_is_committed(wire, django_assert_num_queries):
    at, calendar = this_month(), Organization.current().calendar()
    live.hint()
    next_frame(wire)
    with django_assert_num_queries(2):
        served = live.board(at, calendar)
    read = boards.read(at, calendar)
    assert boards.numbers(served) | {"as_of": ""} == boards.numbers(read) | {"as_of": ""}
    with django_assert_num_queries(7):
        live.board(at._replace(scope=replace(at.scope, basis="cohort")), calendar)
    late = at._replace(now=at.now + timedelta(minutes=1))
    with django_assert_num_queries(7):
        live.board(late, calendar)
    live.hint()
    with django_assert_num_queries(7):
        live.board(at, calendar)


@pytest.mark.django_db
def test_a_board_is_read_whole_without_redis(wire, settings, django_assert_num_queries):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    at, calendar = this_month(), Organization.current().calendar()
    with django_assert_num_queries(7):
        live.board(at, calendar)


@pytest.mark.django_db
def test_rows_of_another_day_are_left_out(wire):
    kept = {name: {"from": "2020-01-01", "lanes": {}, "others": {}} for name in ("month", "week")}
    assert "lanes" not in live.frame(moment.now(), kept)["periods"]["month"]
