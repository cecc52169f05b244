"""Timing several ways of reading in turn, so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from funnel.models import Member, Membership
from funnel.stages import Department


class Way(NamedTuple):
    """One way of reading, and the name of the bare query it is compared with; blank for a bare query itself."""

    read: Callable[[], object]
    beside: str = ""


class Reading(NamedTuple):
    """What was measured of one way: its median and its longest in milliseconds, how many statements it takes.

    `times_bare` is its median over that of its bare query.
    """

    name: str
    milliseconds: float
    longest: float
    statements: int
    times_bare: float


def timed(ways: Mapping[str, Way], rounds: int) -> list[Reading]:
    """Time every way in turn, `rounds` times, after once that does not count."""
    statements = {name: _statements(way) for name, way in ways.items()}
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way.read()
            took[name].append((time.perf_counter() - start) * 1000)
    middle = {name: median(times) for name, times in took.items()}
    return [
        Reading(
            name, middle[name], max(took[name]), statements[name], middle[name] / middle[way.beside or name]
        )
        for name, way in ways.items()
    ]


def _statements(way: Way) -> int:
    with CaptureQueriesContext(connection) as asked:
        way.read()
    return len(asked.captured_queries)


def bare(statement: str, parameters: Sequence[Any] = ()) -> Callable[[], list[tuple[object, ...]]]:
    """A bare query, read whole."""

    def read() -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall()

    return read


class Reader:
    """Somebody signed in who opens pages as a browser does."""

    def __init__(self, member: Member) -> None:
        self._client = Client()
        self._client.force_login(member)

    def page(self, address: str) -> Callable[[], bytes]:
        """A whole page. Raises RuntimeError for any answer but 200: a refusal would be quick."""

        def read() -> bytes:
            answer = self._client.get(address)
            if answer.status_code != 200:
                raise RuntimeError(f"{address} answered {answer.status_code}.")
            return bytes(answer.content)

        return read


def a_reader() -> Reader:
    """A member of all departments, made for the measurement."""
    return Reader(_a_member("bench@example.jp"))


def an_administrator() -> Client:
    """The browser of somebody who may take lists out, made for the measurement."""
    client = Client()
    client.force_login(_a_member("bench-administrator@example.jp", is_administrator=True))
    return client


def _a_member(username: str, **facts: bool) -> Member:
    member = Member.objects.create(username=username, name="Bench", **facts)
    for department in Department:
        Membership.objects.create(member=member, department=department, valid_from="2020-01-01")
    return member
