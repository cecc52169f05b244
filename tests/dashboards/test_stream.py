"""The live stream on the real server: who may watch, what he sees and when, and what it costs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection, transaction

from dashboards import live
from dashboards.stream import app
from dashboards.stream.hub import Hub
from funnel import moment
from funnel.models import Member
from tests import builders
from tests.dashboards.watching import Watch, sessions, watch_all
from tests.stack import Stack

T = TypeVar("T")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web server alone, on this run's test database."""
    from django.db import connection as ours

    url = os.environ["DATABASE_URL"].replace("/revops?", f"/{ours.settings_dict['NAME']}?")
    running = Stack(url, tmp_path_factory.mktemp("web") / "log")
    # Sessions made here are read there.
    running.extra["SECRET_KEY"] = settings.SECRET_KEY
    running.start("web")
    deadline = time.monotonic() + 60
    while True:
        try:
            if httpx.get(f"{running.url}/healthz", timeout=5).status_code == 200:
                break
        except httpx.HTTPError:
            assert time.monotonic() < deadline, running.log.read_text()[-4000:]
        time.sleep(0.1)
    yield running
    if "web" in running.running:
        running.stop("web")
    running.door.close()


@pytest.fixture(autouse=True)
def _fresh_wire() -> None:
    live._Wire.silent_until = 0.0


def new_lead() -> float:
    """Commit a lead; return the moment of the commit."""
    with transaction.atomic():
        builders.a_lead(moment.now())
    return time.monotonic()


def in_thread(work: Callable[..., T]) -> Callable[..., Awaitable[T]]:
    """Run in the loop's thread for synchronous work, and leave no connection behind."""

    def run(*arguments: Any, **named: Any) -> T:
        try:
            return work(*arguments, **named)
        finally:
            connection.close()

    return sync_to_async(run)


commit = in_thread(new_lead)


def other_connections(mine: int) -> int:
    """How many sessions the database has beside this test's two."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid NOT IN (%s, pg_backend_pid()) AND backend_type = 'client backend'",
            [mine],
        )
        return cursor.fetchone()[0]


def memory(pid: int) -> int:
    """Resident kilobytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def test_only_signed_in_members_may_watch(web):
    (key,) = sessions(1)

    async def look() -> list[int]:
        found = []
        for session in (None, "f" * 32, "'; DROP TABLE", key):
            async with Watch(web.url, session) as one:
                found.append(one.status)
        return found

    assert asyncio.run(look()) == [403, 403, 403, 200]
    assert httpx.get(f"{web.url}/live/elsewhere").status_code == 404
    assert httpx.post(f"{web.url}/live/").status_code == 405


def test_a_member_who_left_and_a_session_that_ended_may_not(web):
    gone, out = sessions(2, per_member=1)
    Member.objects.filter(name="閲覧0").update(is_active=False)
    Member.objects.filter(name="閲覧1").update(password="changed")

    async def look(key: str) -> int:
        async with Watch(web.url, key) as one:
            return one.status

    assert [asyncio.run(look(key)) for key in (gone, out)] == [403, 403]


def test_a_commit_is_seen_and_the_frame_holds_numbers_only(web):
    (key,) = sessions(1)

    async def look() -> Watch:
        async with Watch(web.url, key) as one:
            await one.until(lambda w: w.frames())
            before = one.leads()[-1][1]
            await commit()
            await one.until(lambda w: w.leads()[-1][1] == before + 1)
            return one

    one = asyncio.run(look())
    assert one.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert one.headers["content-encoding"] == "identity"
    assert "no-transform" in one.headers["cache-control"]
    _, frame = one.frames()[-1]
    assert set(frame) == {"as_of", "rows_as_of", "today", "periods", "departments", "bells", "meetings"}
    assert set(frame["periods"]) == {"week", "month", "quarter", "year"}
    assert frame["departments"]["inside_sales"] == {"owed": 0, "overdue": 0, "waiting": 0}
    assert one.messages[-1][3].isascii()


def test_many_changes_come_as_few_frames_and_the_last_frame_holds_them_all(web):
    (key,) = sessions(1)

    async def look() -> tuple[int, float, Watch]:
        async with Watch(web.url, key) as one:
            await one.until(lambda w: w.frames())
            before, start = one.leads()[-1][1], time.monotonic()
            for _ in range(30):
                await commit()
            took = time.monotonic() - start
            await one.until(lambda w: w.leads()[-1][1] == before + 30)
            return len(one.frames()), took, one

    frames, took, _ = asyncio.run(look())
    assert frames <= 4 * (took + 1) + 2


def test_who_comes_back_gets_the_latest_frame_at_once_and_is_told_to_refetch(web):
    first, second = sessions(2)

    async def look() -> tuple[Watch, Watch, str]:
        async with Watch(web.url, first) as one:
            await one.until(lambda w: w.frames())
            seen = one.messages[-1][2]
            await commit()
            await one.until(lambda w: w.messages[-1][2] != seen)
            # What is read from rows follows the counts.
            await asyncio.sleep(2)
            latest = one.messages[-1][2]
            async with Watch(web.url, second, last_event_id=seen) as behind:
                await behind.until(lambda w: len(w.messages) == 2, 2)
            async with Watch(web.url, second, last_event_id=latest) as level:
                await asyncio.sleep(0.3)
            return behind, level, latest

    behind, level, latest = asyncio.run(look())
    assert [event for _, event, _, _ in behind.messages] == ["resync", "frame"]
    assert behind.messages[-1][2] == latest
    assert level.messages == []


def test_a_session_that_ends_ends_its_stream_and_no_other():
    staying, leaving = sessions(2, per_member=1)

    async def look() -> list[bool]:
        ends = [asyncio.ensure_future(open_here(key)) for key in (staying, leaving)]
        hub = Hub.here()
        while len(hub.viewers) < 2:
            await asyncio.sleep(0.01)
        await in_thread(Member.objects.filter(name="閲覧1").update)(is_active=False)
        await hub.recheck()
        await asyncio.wait([ends[1]], timeout=5)
        found = [end.done() for end in ends]
        hub.stop()
        await asyncio.gather(*ends)
        return found

    assert asyncio.run(look()) == [False, True]


async def open_here(key: str) -> None:
    """Open a stream in this process, as a server would."""
    scope = {
        "type": "http",
        "path": "/live/",
        "method": "GET",
        "headers": [(b"cookie", f"sessionid={key}".encode())],
    }

    async def receive() -> dict[str, str]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        return None

    await app(scope, receive, send)


def test_one_member_cannot_open_boards_without_end(web):
    keys = sessions(13, per_member=13)

    async def look() -> list[int]:
        async with AsyncExitStack() as stack:
            return [one.status for one in await watch_all(stack, web.url, keys)]

    assert sorted(asyncio.run(look())) == [200] * 12 + [429]


def test_fifty_boards_see_a_commit_soon_and_hold_no_connection_and_little_memory(web, record_property):
    keys, few = sessions(50), sessions(1)
    pid = web.running["web"].pid
    connection.ensure_connection()
    mine = connection.connection.info.backend_pid

    async def look() -> tuple[list[float], int, float]:
        async with AsyncExitStack() as stack:
            (first,) = await watch_all(stack, web.url, few)
            await first.until(lambda w: w.frames())
            before = memory(pid)
            watching = await watch_all(stack, web.url, keys)
            for one in watching:
                await one.until(lambda w: w.frames())
            each = (memory(pid) - before) / len(keys)
            waits: list[float] = []
            for _ in range(8):
                want = watching[0].leads()[-1][1] + 1
                done = await commit()
                for one in watching:
                    await one.until(lambda w, want=want: w.leads()[-1][1] >= want)
                waits += [next(at for at, n in one.leads() if n >= want) - done for one in watching]
                await asyncio.sleep(0.4)
            held = await in_thread(other_connections)(mine)
            return sorted(waits), held, each

    waits, held, each = asyncio.run(look())
    p50, p99 = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    record_property("p50, p99 (s), KB a viewer", (round(p50, 3), round(p99, 3), round(each, 1)))
    assert held == 0
    assert p99 < 1.0
    assert each < 60


def test_without_redis_the_boards_are_told_and_afterwards_they_go_on(web):
    (key,) = sessions(1)
    client = redis.Redis.from_url(os.environ["REDIS_URL"])

    async def look() -> Watch:
        async with Watch(web.url, key) as one:
            await one.until(lambda w: w.frames())
            for _ in range(3):
                # Cuts every connection, the reader's too, and forgets all streams.
                client.client_kill_filter(_type="normal", skipme=True)
                client.flushdb()
                await asyncio.sleep(0.3)
            await one.until(lambda w: "stale" in w.comments)
            before = one.leads()[-1][1]
            live._Wire.silent_until = 0.0
            await commit()
            await one.until(lambda w: w.leads()[-1][1] == before + 1)
            return one

    assert "stale" in [event for _, event, _, _ in asyncio.run(look()).messages]


def test_the_server_stops_at_once_with_open_boards(web):
    keys = sessions(5)

    async def look() -> tuple[float, list[bool]]:
        async with AsyncExitStack() as stack:
            watching = await watch_all(stack, web.url, keys)
            process: subprocess.Popen[bytes] = web.running.pop("web")
            start = time.monotonic()
            process.send_signal(signal.SIGTERM)
            await asyncio.get_running_loop().run_in_executor(None, process.wait)
            await asyncio.sleep(0.1)
            return time.monotonic() - start, [one.has_ended for one in watching]

    seconds, ended = asyncio.run(look())
    web.start("web")
    assert seconds < 2.5
    assert ended == [True] * 5
