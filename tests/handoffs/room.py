"""A chat room's webhook that answers as it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Room(ThreadingHTTPServer):
    """Posts that it took are in `posts`; `status`, `headers` and `delay` (seconds) are those of its answers.

    It takes `at_most` posts (None: all) and answers 503 to what comes beyond, however fast the senders are.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.posts: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.asked = 0
        self.at_most: int | None = None
        self.status, self.headers, self.delay, self.drip = 200, {}, 0.0, 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/services/T0/B0/verysecret"


class _Answering(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        room: Room = self.server  # type: ignore[assignment]
        room.asked += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(room.delay)
        is_full = room.at_most is not None and len(room.keys) >= room.at_most
        status = 503 if is_full and room.status == 200 else room.status
        if status == 200:
            room.posts.append(json.loads(body))
            room.keys.append(self.headers["Idempotency-Key"])
        if room.drip:
            self._drip(room.drip)
            return
        self.send_response(status)
        for name, value in room.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _drip(self, pause: float) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK":
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(pause)
        except OSError:
            return

    def log_message(self, *_: Any) -> None:
        """The test's output is no log."""


@contextmanager
def chat_room() -> Iterator[Room]:
    with Room() as room:
        thread = threading.Thread(target=room.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield room
        finally:
            room.shutdown()
            thread.join()
