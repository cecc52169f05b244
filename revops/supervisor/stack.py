"""All processes of one state directory: up in order, kept up, down in order. Standard library only."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from revops import embedded, processes
from revops.embedded import Line, Unavailable, lifeline
from revops.supervisor.child import ROOT, Child, say
from revops.supervisor.door import listen, readiness

# A child that ends so often before everything is ready will not recover by itself.
HOPELESS = 4
SIGN_IN = re.compile(r"sign.?in", re.IGNORECASE)


class Stop(Exception):
    """Somebody asked us to end."""


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
