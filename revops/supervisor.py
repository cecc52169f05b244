"""Brings everything up in order, keeps it up, and takes it down in order. Standard library only."""

import contextlib
import fcntl
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import IO

from revops import embedded, processes
from revops.embedded import Line, Unavailable, lifeline, places

ROOT = Path(__file__).resolve().parent.parent
LONGEST_BACKOFF = 30.0
# A child that lived this long has recovered; its next crash starts the waiting afresh.
STEADY = 60.0
# A child that ends so often before everything is ready will not recover by itself.
HOPELESS = 4
SIGN_IN = re.compile(r"sign.?in", re.IGNORECASE)
PATIENCE = {"web": 8.0, "beat": 5.0, "worker": 35.0, "staff": 5.0}


class Stop(Exception):
    """Somebody asked us to end."""


class Child:
    """One process of ours: started, watched, started again with growing pauses, stopped."""

    def __init__(
        self, name: str, command: list[str], environment: dict[str, str], log: Path, fd: int | None
    ) -> None:
        self.name, self.command, self.environment, self.log, self.fd = name, command, environment, log, fd
        self.process: subprocess.Popen[bytes] | None = None
        self.crashes = 0
        self.started = self.not_before = 0.0

    def start(self) -> None:
        with self.log.open("ab") as log:
            # Its own session, so that Ctrl-C reaches us alone and the order of stopping is ours.
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, pass_fds=() if self.fd is None else (self.fd,),
                preexec_fn=lambda: lifeline.die_with_parent(signal.SIGKILL),
            )  # fmt: skip
        self.started = time.monotonic()

    def look(self) -> None:
        """Start it again if it ended by itself."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self.crashes = 1 if now - self.started > STEADY else self.crashes + 1
            pause = min(LONGEST_BACKOFF, 0.5 * 2 ** (self.crashes - 1))
            say(f"{self.name} ended by itself ({code}); again in {pause:g} s. Its log: {self.log}")
            self.process, self.not_before = None, now + pause
        if now >= self.not_before:
            self.start()

    def stop(self) -> None:
        """Ask, wait, then insist."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE[self.name.split(" ")[0]])
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def say(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


class Supervisor:
    """The whole stack of one state directory."""

    def __init__(self, home: Path, *, staff: bool) -> None:
        self.home, self.staff = home, staff
        self.line: Line | None = None
        self.missing = tuple(name for name in embedded.NAMES if not os.environ.get(name))
        self.children: list[Child] = []
        self.door: socket.socket | None = None

    def up(self) -> None:
        """Servers, tables, content, static files, then web, workers and beat; returns when all is ready.

        Raises Unavailable when a step fails and Stop when asked to end meanwhile.
        """
        began = time.monotonic()
        self.door, port = listen()
        address = f"http://{os.environ.get('REVOPS_HOST', '127.0.0.1')}:{port}/"
        (self.home / "stack.json").write_text(json.dumps({"pid": os.getpid(), "address": address}))
        self._hold()
        say("Preparing the database …")
        static = self._command("collectstatic", "--noinput", "-v", "0")
        prepare = self._command("prepare")
        told = self._finish(prepare, "prepare")
        self._finish(static, "collectstatic")
        self._start_children()
        self._wait_until_ready(port)
        say(f"\nReady after {time.monotonic() - began:.0f} s:  {address}\n{told}\nCtrl-C stops it.")

    def watch(self) -> None:
        """Keep it up until asked to end."""
        while True:
            time.sleep(0.5)
            if self.line is not None and self.line.broken():
                say("The servers went away; starting them again.")
                self._hold()
            for child in self.children:
                child.look()

    def down(self) -> None:
        """Web first, so that nobody is promised anything more; databases last."""
        order = {"web": 0, "staff": 1, "beat": 2, "worker": 3}
        for child in sorted(self.children, key=lambda c: order[c.name.split(" ")[0]]):
            child.stop()
        if self.door is not None:
            self.door.close()
        if self.line is not None:
            self.line.release()
        (self.home / "stack.json").unlink(missing_ok=True)

    def _hold(self) -> None:
        if self.missing:
            self.line = embedded.hold(self.home, self.missing)
            os.environ.update(self.line.urls)

    def _log(self, name: str) -> Path:
        path = self.home / "log" / f"{name}.log"
        if path.exists() and path.stat().st_size > 10_000_000:
            path.replace(path.with_suffix(".log.1"))
        return path

    def _command(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=processes.environment("command"), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=lambda: lifeline.die_with_parent(signal.SIGKILL),
        )  # fmt: skip

    def _finish(self, process: subprocess.Popen[str], name: str) -> str:
        """Pass on what it says until it comes to how to sign in: that is returned, to stand beside the address."""
        said: list[str] = []
        try:
            assert process.stdout is not None
            for line in process.stdout:
                said.append(line)
                if not any(SIGN_IN.match(each) for each in said):
                    say(f"  {line.rstrip()}")
            process.wait()
        except Stop:
            process.kill()
            process.wait()
            raise
        if process.returncode:
            raise Unavailable(f"manage.py {name} failed; its last words are above.")
        first = next((n for n, line in enumerate(said) if SIGN_IN.match(line)), len(said))
        return "".join(said[first:])

    def _start_children(self) -> None:
        assert self.door is not None
        fd = self.door.fileno()
        count = int(os.environ.get("REVOPS_WEB_PROCESSES") or min(2, os.cpu_count() or 1))
        table: list[tuple[str, list[str], str, int | None]] = [
            *((f"web {n + 1}", processes.web(fd=fd), "web", fd) for n in range(count)),
            *((f"worker {queue}", processes.worker(queue), "worker", None) for queue in processes.QUEUES),
            ("beat", processes.beat(), "beat", None),
        ]
        if self.staff:
            table.append(("staff", [sys.executable, "manage.py", "staff_at_work"], "worker", None))
        for name, command, kind, passed in table:
            child = Child(
                name, command, processes.environment(kind), self._log(name.replace(" ", "-")), passed
            )
            self.children.append(child)
            child.start()

    def _wait_until_ready(self, port: int) -> None:
        deadline = time.monotonic() + 120
        last = ""
        while time.monotonic() < deadline:
            last = readiness(port)
            if last == "ready":
                return
            for child in self.children:
                child.look()
                if child.crashes == HOPELESS:
                    tail = child.log.read_text(errors="replace")[-3000:]
                    raise Unavailable(f"{child.name} does not start:\n{tail}")
            time.sleep(0.1)
        raise Unavailable(f"Not ready after two minutes: {last}\nLogs are in {self.home / 'log'}.")


def listen() -> tuple[socket.socket, int]:
    """The first free port from REVOPS_PORT on, already listening, so that nobody takes it meanwhile."""
    wanted = int(os.environ.get("REVOPS_PORT") or 8000)
    host = os.environ.get("REVOPS_HOST", "127.0.0.1")
    for port in range(wanted, wanted + 100):
        try:
            door = processes.door(host, port)
        except OSError:
            continue
        if port != wanted:
            say(f"Port {wanted} is taken; using {port}.")
        return door, port
    raise Unavailable(f"No free port from {wanted} on. Set REVOPS_PORT.")


def readiness(port: int) -> str:
    """'ready', or what /readyz said instead."""
    host = os.environ.get("REVOPS_HOST", "127.0.0.1")
    line = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=10)  # noqa: S104
    try:
        line.request("GET", "/readyz", headers={"Host": "localhost"})
        answer = line.getresponse()
        said = answer.read().decode(errors="replace")
        return "ready" if answer.status == 200 else said
    except OSError as problem:
        return str(problem)
    finally:
        line.close()


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
