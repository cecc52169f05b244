"""Two hundred and a thousand open boards: how soon a commit is seen, and what a viewer costs."""

from __future__ import annotations

import asyncio
import os
import time
from bisect import bisect_left
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from django.db import connection

from dashboards.live import order
from tests.dashboards.test_stream import commit, in_thread, memory, other_connections, web  # noqa: F401
from tests.dashboards.watching import Glance, sessions, watch_all


@pytest.mark.storm
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("boards", [200, 1000])
def test_a_commit_is_seen_on_every_board_within_half_a_second(web, boards, record_property):  # noqa: F811
    keys, few = sessions(boards), sessions(1)
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
                await one.until(lambda w: w.frames(), 30)
            each = (memory(pid) - before) / boards
            waits: list[float] = []
            for _ in range(20):
                want = watching[0].leads()[-1][1] + 1
                done = await commit()
                # Asking costs time of the same processor; the moments were noted as the messages came.
                await asyncio.sleep(1)
                for one in watching:
                    await one.until(lambda w, want=want: w.leads()[-1][1] >= want)
                waits += [next(at for at, n in one.leads() if n >= want) - done for one in watching]
            held = await in_thread(other_connections)(mine)
            return sorted(waits), held, each

    waits, held, each = asyncio.run(look())
    p50, p99 = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    record_property(f"{boards}: p50, p99 (s), KB a viewer", (round(p50, 3), round(p99, 3), round(each, 1)))
    assert held == 0
    assert p99 <= 0.5
    assert each <= 20


EVENTS_A_SECOND = 20


def processor_seconds(pid: int) -> float:
    """Time of the processor that a process has used."""
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


@pytest.mark.storm
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("boards", "seconds"), [(1000, 60), (5000, 20)])
def test_twenty_events_a_second_are_seen_on_every_board(web, boards, seconds, record_property):  # noqa: F811
    """What the figures say depends on the machine; that everybody sees everything in the end does not."""
    keys, few = sessions(boards), sessions(1)
    pid = web.running["web"].pid
    connection.ensure_connection()
    mine = connection.connection.info.backend_pid

    async def act(first: int) -> list[tuple[int, float]]:
        """Commit at an even pace; return the number of leads after each commit, and its moment."""
        begun, done = time.monotonic(), []
        for n in range(seconds * EVENTS_A_SECOND):
            await asyncio.sleep(max(0.0, begun + n / EVENTS_A_SECOND - time.monotonic()))
            done.append((first + n + 1, await commit()))
        return done

    async def look() -> tuple[list[float], float, float, float, int]:
        async with AsyncExitStack() as stack:
            (ruler,) = await watch_all(stack, web.url, few)
            await ruler.until(lambda w: w.frames())
            before, begun = memory(pid), time.monotonic()
            watching = await watch_all(stack, web.url, keys, Glance)
            opened = time.monotonic() - begun
            for one in watching:
                await one.until(lambda w: w.seen, 60)
            used, begun = processor_seconds(pid), time.monotonic()
            done = await act(ruler.leads()[-1][1])
            share = (processor_seconds(pid) - used) / (time.monotonic() - begun)
            last = done[-1][0]
            await ruler.until(lambda w: w.leads()[-1][1] >= last, 60)
            frames = [(frame["periods"]["month"]["stages"]["lead"], order(i)) for i, frame in ruler.by_id()]
            final = next(at for count, at in frames if count >= last)
            for one in watching:
                await one.until(lambda w: w.seen[-1][0] >= final, 60)
            waits = []
            counts = [count for count, _ in frames]
            wanted = [(frames[bisect_left(counts, count)][1], at) for count, at in done]
            for one in watching:
                ids = [each for each, _ in one.seen]
                waits += [one.seen[bisect_left(ids, frame)][1] - at for frame, at in wanted]
            held = await in_thread(other_connections)(mine)
            return sorted(waits), share, (memory(pid) - before) / boards, boards / opened, held

    waits, share, each, accepted, held = asyncio.run(look())
    p50, p99 = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    record_property(
        f"{boards} boards, {EVENTS_A_SECOND} events/s: p50, p99, longest (s), processors, KB each, accepted/s, connections",
        (
            *(round(n, 3) for n in (p50, p99, waits[-1])),
            round(share, 2),
            round(each, 1),
            round(accepted),
            held,
        ),
    )
    assert held <= 1
    assert each <= 20
