"""The process that keeps the embedded servers up for as long as somebody holds a line to it, and not a moment longer."""

import contextlib
import fcntl
import json
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from revops.embedded import places
from revops.embedded.binaries import Unavailable
from revops.embedded.postgres import Postgres
from revops.embedded.redis import Redis

FIRST_CLIENT_WITHIN = 15.0
LOOK_EVERY = 0.5
LONGEST_BACKOFF = 10.0


class Keeper:
    """Servers on one side, lines of clients on the other. The last line to break stops the servers."""

    def __init__(self, state: Path, *, fast: bool) -> None:
        self.state = state
        self.runtime = places.runtime(state)
        makers: dict[str, Callable[[], Postgres | Redis]] = {
            "DATABASE_URL": lambda: Postgres(state, self.runtime, fast=fast),
            "REDIS_URL": lambda: Redis(state, self.runtime, fast=fast),
        }
        self.makers = makers
        self.servers: dict[str, Postgres | Redis] = {}
        self.lines: set[socket.socket] = set()
        self.selector = selectors.DefaultSelector()
        self.stopping = False
        self.last: socket.socket | None = None
        self.failures: dict[str, tuple[int, float]] = {}

    def keep(self) -> None:
        """Serve lines until the last one breaks or a signal asks to stop; then stop Redis, then PostgreSQL."""
        path = self.runtime / "keeper.sock"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(path))
            path.chmod(0o700)
            door.listen(64)
            self.selector.register(door, selectors.EVENT_READ)
            try:
                self._serve(door)
            finally:
                # Gone from the file system first: whoever comes now starts a keeper of his own, which waits for this one.
                path.unlink(missing_ok=True)
                door.close()
                self._stop_all()

    def _serve(self, door: socket.socket) -> None:
        started, served = time.monotonic(), False
        while not self.stopping:
            for key, _ in self.selector.select(LOOK_EVERY):
                if key.fileobj is door:
                    line, _address = door.accept()
                    self.lines.add(line)
                    self.selector.register(line, selectors.EVENT_READ)
                    served = True
                else:
                    assert isinstance(key.fileobj, socket.socket)
                    self._hear(key.fileobj)
            if served and not self.lines:
                return
            if not served and time.monotonic() - started > FIRST_CLIENT_WITHIN:
                return
            self._revive()

    def _hear(self, line: socket.socket) -> None:
        try:
            words = line.recv(4096).decode().split()
        except OSError:
            words = []
        if not words:
            self._hang_up(line)
        elif words[0] == "bye":
            with contextlib.suppress(OSError):
                line.sendall(json.dumps({"others": len(self.lines) - 1}).encode() + b"\n")
            self.selector.unregister(line)
            self.lines.discard(line)
            # Kept open until the servers are down when this was the last line: the client waits for the end of file.
            if self.lines:
                line.close()
            else:
                self.last = line
        else:
            self._give(line, words)

    def _give(self, line: socket.socket, names: list[str]) -> None:
        answer: dict[str, object]
        try:
            for name in names:
                if name not in self.servers:
                    server = self.makers[name]()
                    server.start()
                    self.servers[name] = server
            answer = {"urls": {name: self.servers[name].url for name in names}}
        except (Unavailable, OSError) as problem:
            answer = {"error": str(problem)}
        try:
            line.sendall(json.dumps(answer).encode() + b"\n")
        except OSError:
            self._hang_up(line)

    def _hang_up(self, line: socket.socket) -> None:
        self.selector.unregister(line)
        self.lines.discard(line)
        line.close()

    def _revive(self) -> None:
        """Start a server that died by itself again, waiting twice as long after each failure in a row."""
        for name, server in self.servers.items():
            process = server.process
            if process is not None and process.poll() is None:
                continue
            count, not_before = self.failures.get(name, (0, 0.0))
            if time.monotonic() < not_before:
                continue
            self.failures[name] = (count + 1, time.monotonic() + min(LONGEST_BACKOFF, 0.5 * 2**count))
            print(f"{name}: server ended by itself, starting it again", flush=True)  # noqa: T201
            try:
                server.start()
            except (Unavailable, OSError) as problem:
                print(problem, flush=True)  # noqa: T201

    def _stop_all(self) -> None:
        for name in ("REDIS_URL", "DATABASE_URL"):
            if name in self.servers:
                self.servers[name].stop()


def _lock(state: Path, door: Path) -> int | None:
    """Hold the state directory's lock; None when another keeper serves. Waits for one that is on its way out."""
    handle = os.open(state / "keeper.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.connect(str(door))
            return None
        time.sleep(0.05)
    return None


def main(arguments: list[str]) -> int:
    """Keep the servers of the state directory named first; `--fast` gives up durability."""
    state, fast = Path(arguments[0]), "--fast" in arguments
    lock = _lock(state, places.runtime(state) / "keeper.sock")
    if lock is None:
        return 0
    keeper = Keeper(state, fast=fast)

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        keeper.stopping = True

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    keeper.keep()
    # The lines end with the process itself, so that a client that saw its line end finds nobody left.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
