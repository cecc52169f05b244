"""`make run`: the right to run this state directory's stack, signals, and the way out. Standard library only."""

import fcntl
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import IO

from revops.embedded import Unavailable, places
from revops.supervisor.child import say
from revops.supervisor.stack import Stop, Supervisor


def sole(home: Path) -> IO[str] | None:
    """Hold the right to run this state directory's stack; None when somebody else does."""
    lock = (home / "run.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _already_running(home: Path) -> str:
    try:
        told = json.loads((home / "stack.json").read_text())
        return f"Already running here: {told['address']} (process {told['pid']})."
    except (OSError, ValueError, KeyError):
        return "Already starting here."


def _stop_on_signals() -> Callable[[], None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stop

    def ignore() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    return ignore


def main(arguments: list[str]) -> int:
    home = places.home()
    try:
        places.prepare(home)
    except Unavailable as problem:
        say(str(problem))
        return 1
    lock = sole(home)
    if lock is None:
        say(_already_running(home))
        return 1
    ignore_signals = _stop_on_signals()
    supervisor = Supervisor(home, staff="--staff" in arguments)
    code = 0
    try:
        supervisor.up()
        supervisor.watch()
    except Unavailable as problem:
        say(str(problem))
        code = 1
    except Stop:
        say("\nStopping …")
    finally:
        ignore_signals()
        supervisor.down()
    return code


if __name__ == "__main__":
    os.environ["REVOPS_HOME"] = str(places.home())
    sys.exit(main(sys.argv[1:]))
