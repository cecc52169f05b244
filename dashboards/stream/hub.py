"""The one reader of a process: Redis in, every open board out; and the keeping of the house."""

from __future__ import annotations

import asyncio
import logging
import random
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from redis import asyncio as aredis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dashboards import live
from dashboards.stream import admission
from dashboards.stream.viewers import Viewer

log = logging.getLogger(__name__)

BLOCK_MS, SOCKET_SECONDS = 2000, 10
HOUSEKEEPING, HEARTBEAT, RECHECK = 1.0, 15.0, 30.0
# Beat ticks every 15 s; without it the reader asks for a frame itself.
OLD_FRAME, STALE = 20.0, 30.0
LONGEST_WATCH = (13 * 60.0, 15 * 60.0)
STUCK = 30.0
STALE_MESSAGE = b": stale\nevent: stale\ndata: {}\n\n"


class Hub:
    """The viewers of one event loop, and the tasks that run while there are any."""

    _here: ClassVar[dict[asyncio.AbstractEventLoop, Hub]] = {}

    def __init__(self) -> None:
        self.viewers: set[Viewer] = set()
        self.is_stopping = False
        self._per_member: Counter[int] = Counter()
        self._applicants: dict[str, asyncio.Future[admission.Pass | None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="live")
        self._latest_id, self._latest = "", b""
        self._hinted, self._covered = (0, 0), (0, 0)
        self._framed_at = self._rechecked_at = time.monotonic()
        self._is_stale = False
        self._wanted = asyncio.Event()

    @classmethod
    def here(cls) -> Hub:
        """The hub of the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in cls._here:
            for closed in [known for known in cls._here if known.is_closed()]:
                del cls._here[closed]
            cls._here[loop] = cls()
            cls._here[loop]._listen_for_stop(loop)
        return cls._here[loop]

    def _listen_for_stop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Uvicorn waits for open responses before it says that it stops; so the signal is heard here."""
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(number)

            def heard(received: int, where: Any, before: Any = before) -> None:
                loop.call_soon_threadsafe(self.stop)
                if callable(before):
                    before(received, where)

            try:
                signal.signal(number, heard)
            except ValueError:
                return  # Not the main thread: whoever runs this loop ends it himself.

    def stop(self) -> None:
        """End every response, and take no more."""
        self.is_stopping = True
        for viewer in list(self.viewers):
            viewer.end()

    # Viewers

    def watching(self, member: int) -> int:
        """How many boards the member has open here."""
        return self._per_member[member]

    def join(self, viewer: Viewer) -> None:
        """Take a viewer in; the first one starts the reader."""
        self.viewers.add(viewer)
        self._per_member[viewer.member.id] += 1
        if not self._tasks:
            self._latest_id, self._latest = "", b""
            self._framed_at = self._rechecked_at = time.monotonic()
            self._wanted.set()
            self._tasks = [
                asyncio.ensure_future(work) for work in (self._read(), self._publish(), self._keep_house())
            ]

    def leave(self, viewer: Viewer) -> None:
        """Forget a viewer; the last one stops the reader."""
        self.viewers.discard(viewer)
        self._per_member[viewer.member.id] -= 1
        self._per_member += Counter()
        if not self.viewers:
            for task in self._tasks:
                task.cancel()
            self._tasks = []

    def greeting(self, seen: str) -> bytes:
        """What a new viewer gets at once: the latest frame, unless it is the one he saw last.

        A frame is the whole state and makes up for what was missed; pages that show more refetch on `resync`.
        """
        if not self._latest or seen == self._latest_id:
            return b""
        return (b"event: resync\ndata: {}\n\n" if seen else b"") + self._latest

    async def admit(self, key: str) -> admission.Pass | None:
        """Ask for a session's pass; those who come together are asked for together."""
        loop = asyncio.get_running_loop()
        if key not in self._applicants:
            self._applicants[key] = loop.create_future()
            if len(self._applicants) == 1:
                loop.call_soon(lambda: asyncio.ensure_future(self._admit_all()))
        return await asyncio.shield(self._applicants[key])

    async def _admit_all(self) -> None:
        waiting, self._applicants = self._applicants, {}
        try:
            found = await self._in_thread(admission.admit, list(waiting))
        except DatabaseError:
            log.exception("sessions cannot be read")
            found = {}
        for key, future in waiting.items():
            if not future.done():
                future.set_result(found.get(key))

    async def _in_thread(self, work: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    # Frames

    async def _read(self) -> None:
        """Read hints and frames until cancelled; a Redis that is gone is asked again, the boards are told."""
        while True:
            client = aredis.Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=SOCKET_SECONDS,
                socket_connect_timeout=2,
                retry=Retry(NoBackoff(), 0),
                decode_responses=True,
            )
            try:
                await self._follow(client)
            except (redis.RedisError, OSError):
                self._say_stale()
                await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311
            finally:
                await client.aclose()

    async def _follow(self, client: Any) -> None:
        last: dict[str, str] = {}
        now, _ = await client.time()
        for name in (live.HINTS, live.FRAMES):
            found = await client.xrevrange(name, count=1)
            last[name] = found[0][0] if found else "0-0"
            for entry_id, fields in found:
                # A frame from when nobody watched would show old numbers for a moment.
                if name == live.HINTS or now - live.order(entry_id)[0] / 1000 < OLD_FRAME:
                    self._take(name, entry_id, fields)
        while True:
            got = await client.xread(last, block=BLOCK_MS, count=live.KEPT_FRAMES)
            for name, entries in got.items() if isinstance(got, dict) else got:
                for entry_id, fields in _flat(entries):
                    last[name] = entry_id
                    self._take(name, entry_id, fields)

    def _take(self, name: str, entry_id: str, fields: dict[str, str]) -> None:
        if name == live.HINTS:
            self._hinted = live.order(entry_id)
        else:
            # Until a frame is whole, another is wanted.
            self._covered = min(live.order(fields[name]) for name in ("covers", "whole"))
            self._relay(entry_id, fields["data"])
        if self._hinted > self._covered:
            self._wanted.set()

    def _relay(self, entry_id: str, data: str) -> None:
        if entry_id == self._latest_id:
            return
        self._latest_id, self._framed_at, self._is_stale = entry_id, time.monotonic(), False
        self._latest = f"id: {entry_id}\nevent: frame\ndata: {data}\n\n".encode()
        for viewer in self.viewers:
            viewer.offer(self._latest)

    def _say_stale(self) -> None:
        self._is_stale = True
        for viewer in self.viewers:
            viewer.offer(STALE_MESSAGE, may_wait=False)

    async def _publish(self) -> None:
        """Compute frames in a thread while hints are not covered; one process at a time has its turn."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            old = time.monotonic() - self._framed_at > OLD_FRAME or not self._latest
            try:
                await self._in_thread(_publish, old)
                pause = live.COALESCE_MS / 1000
            except (redis.RedisError, OSError, DatabaseError):
                log.warning("no frame could be published", exc_info=True)
                pause = 2.0
            await asyncio.sleep(pause)
            if self._hinted > self._covered:
                self._wanted.set()

    # The house

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING)
            now = time.monotonic()
            longest = random.uniform(*LONGEST_WATCH)  # noqa: S311
            for viewer in list(self.viewers):
                is_stuck = viewer.stuck_since is not None and now - viewer.stuck_since > STUCK
                if is_stuck or now - viewer.since > longest:
                    viewer.end()
                elif now - viewer.heard_at > HEARTBEAT:
                    viewer.offer(b": ping\n\n", may_wait=False)
            if now - self._framed_at > OLD_FRAME:
                self._wanted.set()
            if now - self._framed_at > STALE and not self._is_stale:
                self._say_stale()
            if now - self._rechecked_at > RECHECK:
                self._rechecked_at = now
                await self.recheck()

    async def recheck(self) -> None:
        """End the responses of members who may no longer watch; one statement for all of them."""
        passes = {viewer.member.session: viewer.member for viewer in self.viewers}
        try:
            valid = await self._in_thread(admission.still_valid, passes)
        except DatabaseError:
            log.warning("sessions cannot be rechecked", exc_info=True)
            return
        for viewer in list(self.viewers):
            if viewer.member.session in passes and viewer.member.session not in valid:
                viewer.end()


def _publish(even_so: bool) -> None:
    try:
        live.publish(even_so=even_so)
    finally:
        connection.close()


def _flat(entries: Any) -> Any:
    """RESP3 answers with one more level of lists than RESP2."""
    return entries[0] if entries and isinstance(entries[0], list) else entries
