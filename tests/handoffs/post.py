"""A small mail server that takes letters, and refuses some of them on purpose."""

from __future__ import annotations

import random
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple


class Felt(NamedTuple):
    """How many letters arrived, were refused, or found the door shut."""

    arrived: int
    refused: int
    turned_away: int


class Post(socketserver.ThreadingTCPServer):
    """Letters that arrived are in `letters`; `refusing` is the share of them that is refused for now.

    `dead` are addresses that it does not know; while `is_shut` it takes nobody in. Of what comes since the mark it takes
    `at_most` (None: all), so that there is something left for what is to come, however fast the senders are.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.letters: list[EmailMessage] = []
        self.refusing = 0.0
        self.at_most: int | None = None
        self.dead: set[str] = set()
        self.is_shut = False
        self.refused = self.turned_away = 0
        self._marked = Felt(0, 0, 0)
        self.dice = random.Random(7)

    @property
    def port(self) -> int:
        return self.server_address[1]

    def mark(self) -> None:
        """Count anew from here."""
        self._marked = Felt(len(self.letters), self.refused, self.turned_away)

    def since_mark(self) -> Felt:
        """What has come since the mark."""
        then = self._marked
        return Felt(
            len(self.letters) - then.arrived,
            self.refused - then.refused,
            self.turned_away - then.turned_away,
        )

    def refuses(self) -> bool:
        """Whether the next letter is refused."""
        full = self.at_most is not None and self.since_mark().arrived >= self.at_most
        return full or self.dice.random() < self.refusing


class _Counter(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        post: Post = self.server  # type: ignore[assignment]
        if post.is_shut:
            post.turned_away += 1
            self._say("421 closed")
            return
        self._say("220 here")
        while line := self.rfile.readline():
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"DATA":
                self._say("354 go on")
                letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                if post.refuses():
                    post.refused += 1
                    self._say("451 not now")
                    continue
                post.letters.append(message_from_bytes(letter, policy=policy.default))
            elif verb == b"RCPT" and any(dead.encode() in line for dead in post.dead):
                self._say("550 no such person")
                continue
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def post_office() -> Iterator[Post]:
    with Post() as post:
        thread = threading.Thread(target=post.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield post
        finally:
            post.shutdown()
            thread.join()
