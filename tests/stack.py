"""The real thing on the test database: web server, worker and beat as processes of their own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from revops import processes
from revops.embedded import lifeline

ROOT = Path(__file__).resolve().parent.parent


class Stack:
    """Processes by name: `web`, `worker`, `beat`. `url` is where the web server answers."""

    def __init__(self, database_url: str, log: Path) -> None:
        self.door = processes.door("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        self.log = log
        self.extra = {
            "DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "REVOPS_HOME": str(log.parent),
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        fd = self.door.fileno()
        command = {
            "web": lambda: processes.web(fd=fd),
            "worker": lambda: processes.worker("promises,bulk"),
            "beat": processes.beat,
        }[name]()
        environment = {**processes.environment(name), **self.extra}
        with self.log.open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=(fd,), preexec_fn=lambda: lifeline.die_with_parent(signal.SIGKILL),
            )  # fmt: skip

    def stop(self, name: str, sig: signal.Signals = signal.SIGTERM) -> None:
        process = self.running.pop(name)
        process.send_signal(sig)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def wait_until_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        answer = ""
        while time.monotonic() < deadline:
            try:
                got = httpx.get(f"{self.url}/readyz", timeout=5)
                answer = got.text
                if got.status_code == 200:
                    return
            except httpx.HTTPError as error:
                answer = str(error)
            time.sleep(0.1)
        raise AssertionError(f"not ready: {answer}\n{self.log.read_text()[-4000:]}")


@pytest.fixture(scope="module")
def stack(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The processes of the product on this run's test database. Use with `transactional_db`."""
    from django.db import connection

    url = os.environ["DATABASE_URL"].replace("/revops?", f"/{connection.settings_dict['NAME']}?")
    running = Stack(url, tmp_path_factory.mktemp("stack") / "log")
    for name in ("web", "worker", "beat"):
        running.start(name)
    running.wait_until_ready()
    yield running
    for name in ("web", "beat", "worker"):
        if name in running.running:
            running.stop(name)
    running.door.close()
