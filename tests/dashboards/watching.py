"""Open boards without a browser: raw event streams, as many as asked."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, TypeVar

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from dashboards.live import order
from funnel.models import Member


def sessions(count: int, *, per_member: int = 10) -> list[str]:
    """Session keys of signed-in members, written in bulk."""
    run = secrets.token_hex(3)
    members = Member.objects.bulk_create(
        Member(username=f"v{run}{n}@example.jp", name=f"閲覧{n}", password=f"!{run}{n}")
        for n in range(-(-count // per_member))
    )
    store, rows = SessionStore(), []
    for n in range(count):
        member = members[n // per_member]
        data = {
            SESSION_KEY: str(member.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: member.get_session_auth_hash(),
        }
        rows.append(
            Session(
                session_key=secrets.token_hex(16),
                session_data=store.encode(data),
                expire_date=timezone.now() + timedelta(hours=1),
            )
        )
    Session.objects.bulk_create(rows)
    return [row.session_key for row in rows]


class Watch:
    """One open stream: its status, headers, and every message with the moment it came."""

    def __init__(self, url: str, session: str | None, last_event_id: str = "") -> None:
        self.host, self.port = url.removeprefix("http://").split(":")
        self.session, self.last_event_id = session, last_event_id
        self.status, self.headers = 0, {}
        self.messages: list[tuple[float, str, str, str]] = []
        self.comments: list[str] = []
        self.has_ended = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Watch:
        self.reader, self.writer = await asyncio.open_connection(self.host, int(self.port), limit=2**20)
        lines = ["GET /live/ HTTP/1.1", f"Host: {self.host}:{self.port}", "Accept-Encoding: gzip, br"]
        lines += [f"Cookie: sessionid={self.session}"] if self.session else []
        lines += [f"Last-Event-ID: {self.last_event_id}"] if self.last_event_id else []
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        self.status = int(head[0].split()[1])
        self.headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
        if self.status == 200:
            self._task = asyncio.ensure_future(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task:
            self._task.cancel()
        self.writer.close()

    async def _listen(self) -> None:
        buffer = b""
        while True:
            size = await self.reader.readline()
            chunk = await self.reader.readexactly(int(size.strip() or b"0", 16) + 2) if size.strip() else b""
            if len(chunk) <= 2:
                self.has_ended = True
                return
            buffer += chunk[:-2]
            *whole, buffer = buffer.split(b"\n\n")
            for message in whole:
                self._note(message.decode())

    def _note(self, message: str) -> None:
        fields = dict(
            line.split(": ", 1) for line in message.split("\n") if not line.startswith(":") and ": " in line
        )
        self.comments += [line[2:] for line in message.split("\n") if line.startswith(": ")]
        if "event" in fields:
            self.messages.append(
                (time.monotonic(), fields["event"], fields.get("id", ""), fields.get("data", ""))
            )

    def frames(self) -> list[tuple[float, dict[str, Any]]]:
        return [(at, json.loads(data)) for at, event, _, data in self.messages if event == "frame"]

    def by_id(self) -> list[tuple[str, dict[str, Any]]]:
        """Frames with their ids."""
        return [(i, json.loads(data)) for _, event, i, data in self.messages if event == "frame"]

    def leads(self) -> list[tuple[float, int]]:
        """Leads of the month, frame by frame."""
        return [(at, frame["periods"]["month"]["stages"]["lead"]) for at, frame in self.frames()]

    async def until(self, condition: Any, seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while not condition(self):
            assert time.monotonic() < deadline, (self.messages[-1:], self.comments)
            await asyncio.sleep(0.002)


class Glance(Watch):
    """An open stream of which only the ids of the frames and the moments they came are kept, as `seen`."""

    def __init__(self, url: str, session: str | None) -> None:
        super().__init__(url, session)
        self.seen: list[tuple[tuple[int, int], float]] = []

    def _note(self, message: str) -> None:
        head, _, rest = message.partition("\n")
        if head.startswith("id: ") and rest.startswith("event: frame"):
            self.seen.append((order(head[4:]), time.monotonic()))


W = TypeVar("W", bound=Watch)


async def watch_all(stack: AsyncExitStack, url: str, keys: list[str], kind: type[W] = Watch) -> list[W]:
    """Open one stream for each session, a hundred at a time."""
    watching: list[W] = []
    for n in range(0, len(keys), 100):
        some = [stack.enter_async_context(kind(url, key)) for key in keys[n : n + 100]]
        watching += await asyncio.gather(*some)
    return watching
