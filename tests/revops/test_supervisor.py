"""`make run` as a person meets it: up, found again, repaired, and gone without a trace."""

import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.traces import processes_of, until

ROOT = Path(__file__).resolve().parents[2]


class Run:
    """One `make run` and what it printed."""

    def __init__(self, home: Path, **extra: str) -> None:
        self.home = home
        kept = {
            k: v
            for k, v in os.environ.items()
            if k not in {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
        }
        self.environment = {**kept, "REVOPS_HOME": str(home), "REVOPS_DEMO": "0", **extra}
        self.out = home.with_suffix(".out")
        with self.out.open("w") as out:
            self.make = subprocess.Popen(
                ["make", "run"],
                cwd=ROOT,
                env=self.environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.out.read_text()

    def ready(self) -> str:
        until(lambda: "Ctrl-C stops it." in self.said() or self.make.poll() is not None, 180)
        found = re.search(r"http://\S+", self.said())
        assert found, self.said()
        return found[0]

    def pid(self, words: str) -> int:
        return min(pid for pid, line in processes_of(self.home) if words in line)

    def interrupt(self) -> int:
        os.killpg(self.make.pid, signal.SIGINT)
        return self.make.wait(60)


@pytest.fixture(scope="module")
def home():
    path = Path(os.environ["REVOPS_HOME"]) / "supervised"
    path.mkdir(mode=0o755)
    yield path
    for pid, _ in processes_of(path):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(path, ignore_errors=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


def test_it_comes_up_is_found_repairs_itself_and_goes_without_a_trace(home):
    run = Run(home, REVOPS_PORT=str(free_port()))
    address = run.ready()
    assert re.search(r"Sign in as admin@localhost with the password \S+", run.said())
    assert httpx.get(f"{address}readyz").json()["ready"] is True

    second = subprocess.run(
        ["make", "run"], cwd=ROOT, env=run.environment, capture_output=True, text=True, check=False
    )
    assert second.returncode != 0
    assert f"Already running here: {address}" in second.stdout

    shell = ["python3", ROOT / "manage.py", "shell", "-v", "0", "-c"]
    code = "from funnel.models import Member; print(Member.objects.get().email)"
    asked = subprocess.run(
        [*shell, code], cwd="/", env=run.environment, capture_output=True, text=True, check=False
    )
    assert asked.stdout.strip() == "admin@localhost", asked.stderr

    for words in ("worker -Q promises", "uvicorn", "celery -A revops.celery beat"):
        victim = run.pid(words)
        os.kill(victim, signal.SIGKILL)
        until(lambda words=words, victim=victim: any(
            words in line and pid != victim for pid, line in processes_of(home)
        ))  # fmt: skip
    until(lambda: httpx.get(f"{address}readyz", timeout=10).status_code == 200)

    run.interrupt()
    assert processes_of(home) == []


def test_a_taken_port_is_stepped_over_and_a_killed_supervisor_leaves_nothing(home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = Run(home, REVOPS_PORT=str(port))
        assert not run.ready().endswith(f":{port}/")
        assert f"Port {port} is taken" in run.said()
        assert "password" not in run.said()
    os.kill(run.pid("revops.supervisor"), signal.SIGKILL)
    run.make.wait(30)
    until(lambda: not processes_of(home))


def test_a_killed_make_leaves_nothing_even_while_starting(home):
    run = Run(home, REVOPS_PORT=str(free_port()))
    until(lambda: "Preparing" in run.said())
    run.make.kill()
    run.make.wait()
    until(lambda: not processes_of(home))


def test_terminated_politely_it_ends_cleanly_and_in_order(home):
    run = Run(home, REVOPS_PORT=str(free_port()))
    run.ready()
    os.kill(run.pid("revops.supervisor"), signal.SIGTERM)
    assert run.make.wait(60) == 0
    assert processes_of(home) == []
    assert "database system is shut down" in (home / "log" / "postgres.log").read_text().splitlines()[-1]
