"""One open board: at most one message waits for it, and the latest wins."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from dashboards.stream.admission import Pass

CLOSE_SECONDS = 1.0


class Viewer:
    """A response that stays open. `ended` is set once: by him, by the end of his session, or the process."""

    __slots__ = ("_pending", "_sending", "ended", "heard_at", "member", "send", "since", "stuck_since")

    def __init__(self, send: Callable[[Any], Awaitable[None]], member: Pass) -> None:
        self.send = send
        self.member = member
        self.since = self.heard_at = time.monotonic()
        self.stuck_since: float | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending: bytes | None = None
        self._sending: asyncio.Task[None] | None = None

    def offer(self, message: bytes, *, may_wait: bool = True) -> None:
        """Send now, or, while an earlier message is still on its way, next: in place of what waits already.

        What may not wait (a heartbeat) is dropped then.
        """
        if self._sending is None:
            self._pending = message
            self._sending = asyncio.ensure_future(self._flush())
        elif may_wait:
            self._pending = message

    async def _flush(self) -> None:
        try:
            while self._pending is not None and not self.ended.done():
                message, self._pending = self._pending, None
                self.stuck_since = time.monotonic()
                await self.send({"type": "http.response.body", "body": message, "more_body": True})
                self.stuck_since = None
                self.heard_at = time.monotonic()
        except (OSError, RuntimeError):
            self.end()
        finally:
            self._sending = None

    def end(self) -> None:
        """Let the response end; safe to call again."""
        if not self.ended.done():
            self.ended.set_result(None)

    async def close(self) -> None:
        """End the body properly, if the other side still takes it."""
        if self._sending is not None:
            self._sending.cancel()
        try:
            final = self.send({"type": "http.response.body", "body": b"", "more_body": False})
            await asyncio.wait_for(asyncio.ensure_future(final), CLOSE_SECONDS)
        except (TimeoutError, OSError, RuntimeError):
            return
