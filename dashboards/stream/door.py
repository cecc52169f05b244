"""Who may watch, and the response that stays open. Bare ASGI, outside Django's middleware."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings

from dashboards.stream.hub import Hub
from dashboards.stream.viewers import Viewer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

PATH = "/live/"
PER_MEMBER, PER_PROCESS = 12, 10_000
# Reconnects after a restart are spread over this time.
RETRY_MS = (2000, 7000)
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    # Neither we nor a proxy may hold events back to compress or collect them.
    (b"content-encoding", b"identity"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Relay frames to one signed-in viewer until he leaves, his session ends, or the process stops."""
    refusal = _refusal(scope)
    if refusal:
        await _refuse(send, refusal)
        return
    hub = Hub.here()
    key = session_key(scope)
    member = await hub.admit(key) if key else None
    if member is None:
        await _refuse(send, 403)
        return
    if hub.is_stopping or len(hub.viewers) >= PER_PROCESS:
        await _refuse(send, 503)
        return
    if hub.watching(member.id) >= PER_MEMBER:
        await _refuse(send, 429)
        return
    await _watch(hub, Viewer(send, member), receive, _header(scope, b"last-event-id"))


def _refusal(scope: Scope) -> int:
    if scope["path"] != PATH:
        return 404
    return 0 if scope["method"] == "GET" else 405


async def _watch(hub: Hub, viewer: Viewer, receive: Receive, seen: str) -> None:
    hub.join(viewer)
    gone = asyncio.ensure_future(_until_disconnect(receive))
    gone.add_done_callback(lambda _: viewer.end())
    try:
        await viewer.send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        viewer.offer(f"retry: {random.randint(*RETRY_MS)}\n\n".encode() + hub.greeting(seen))  # noqa: S311
        await viewer.ended
        if not gone.done():
            await viewer.close()
    finally:
        hub.leave(viewer)
        gone.cancel()


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    if status in (429, 503):
        headers.append((b"retry-after", b"10"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def session_key(scope: Scope) -> str | None:
    """The session of the request's cookie; None without a readable one."""
    try:
        found = SimpleCookie(_header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    # What cannot be a key is not worth a question to the database.
    return (
        found.value
        if found and found.value.isalnum() and found.value.isascii() and len(found.value) <= 40
        else None
    )
