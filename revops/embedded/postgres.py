"""PostgreSQL as a child process: created once, healed after crashes, run as an ordinary user even under root."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from revops.embedded import binaries, lifeline
from revops.embedded.binaries import Unavailable

USER = DATABASE = "revops"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PGTZ": "UTC"}
# What the tests' throw-away cluster does without; never used for data that should survive.
UNSAFE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


class Footing(NamedTuple):
    """How PostgreSQL runs here: program files, state directory, owner of the files, and what the child does first."""

    install: Path
    state: Path
    uid: int
    settle: Callable[[], None]


def footing(state: Path, runtime: Path) -> tuple[Footing, Path]:
    """Find how to run PostgreSQL, which refuses root, and where its socket goes. Raises Unavailable.

    An ordinary user runs it as he is. For root, in this order: as the owner of the data or `nobody`, where that user can
    reach the program and the data; in a user namespace, where the system allows one; else from a copy that `nobody` can
    reach. Nothing outside the state directory changes its rights.
    """
    install = binaries.postgres()
    nobody, me = _nobody(), os.getuid()

    def pretend() -> None:
        lifeline.enter_user_namespace(nobody)

    def pretending_works() -> bool:
        pretend()
        return os.getuid() == nobody

    if me != 0:
        # initdb wants its user to have a name; where we have none we borrow one.
        named = _has_name(me) or not lifeline.works_in_child(pretending_works)
        return Footing(install, state, me, (lambda: None) if named else pretend), runtime / "pg"
    data = state / "postgres"
    uid = (data.stat().st_uid if data.exists() else 0) or nobody

    def reachable() -> bool:
        lifeline.become(uid)
        return all(os.access(path, os.X_OK) for path in (install / "bin" / "postgres", state, runtime))

    if lifeline.works_in_child(reachable):
        return Footing(install, state, uid, lambda: lifeline.become(uid)), runtime / "pg"
    if lifeline.works_in_child(pretending_works):
        return Footing(install, state, 0, pretend), runtime / "pg"
    return _copied(install, state, nobody)


def _nobody() -> int:
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return 65534


def _has_name(uid: int) -> bool:
    try:
        return bool(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return False


def _copied(install: Path, state: Path, uid: int) -> tuple[Footing, Path]:
    # The name of the outside directory is kept inside the state directory, so that removing the state starts afresh.
    mark = state / "outside"
    if not mark.exists():
        mark.write_text(os.urandom(6).hex())
    outside = Path("/var/lib/revops") / mark.read_text().strip()
    outside.mkdir(parents=True, exist_ok=True)
    package = install.parent
    copy = outside / package.name / install.name
    if not (copy / ".whole").exists():
        shutil.rmtree(outside / package.name, ignore_errors=True)
        shutil.copytree(install, copy, symlinks=True)
        # libpq lives in the sibling directory that the wheel's build tool adds.
        libraries = package.with_name(package.name + ".libs")
        shutil.copytree(libraries, outside / libraries.name, symlinks=True, dirs_exist_ok=True)
        (copy / ".whole").touch()

    def reachable() -> bool:
        lifeline.become(uid)
        return os.access(copy / "bin" / "postgres", os.X_OK)

    if not lifeline.works_in_child(reachable):
        raise Unavailable("PostgreSQL cannot run as root here. Use an ordinary user, or set DATABASE_URL.")
    return Footing(copy, outside, uid, lambda: lifeline.become(uid)), outside / "pg"


class Postgres:
    """One cluster and its server process."""

    def __init__(self, state: Path, runtime: Path, *, fast: bool) -> None:
        self.fast = fast
        self.log = state / "log" / "postgres.log"
        self.footing, self.sockets = footing(state, runtime)
        self.data = self.footing.state / "postgres"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://{USER}@/{DATABASE}?host={self.sockets}"

    def start(self) -> None:
        """Create the cluster if there is none, repair what a crash left, start, and wait until it answers."""
        if not self.data.exists():
            self._create()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != binaries.POSTGRES_MAJOR:
            raise Unavailable(
                f"{self.data} was written by PostgreSQL {version}; this is {binaries.POSTGRES_MAJOR}. "
                "Dump it with the old version (pg_dump) and load it here, or move the folder away to start afresh."
            )
        self._own(self.data)
        self._own(self.sockets, mode=0o700)
        self._heal()
        settings = [
            "listen_addresses=", "unix_socket_permissions=0700", "timezone=UTC", "log_timezone=UTC", "jit=off",
            "random_page_cost=1.1", "log_lock_waits=on", "max_connections=200", "logging_collector=off",
            f"unix_socket_directories={self.sockets}", *(UNSAFE if self.fast else ()),
        ]  # fmt: skip
        options = [word for setting in settings for word in ("-c", setting)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self._program("postgres"), "-D", str(self.data), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=ENVIRONMENT, start_new_session=True,
                preexec_fn=self._settle,
            )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        """Fast shutdown: connections are ended, the log is flushed. Killed only if that hangs for half a minute."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _program(self, name: str) -> str:
        return str(self.footing.install / "bin" / name)

    def _settle(self) -> None:
        self.footing.settle()
        lifeline.die_with_parent(signal.SIGINT)

    def _own(self, path: Path, mode: int | None = None) -> None:
        path.mkdir(exist_ok=True)
        if os.getuid() == 0 and path.stat().st_uid != self.footing.uid:
            for folder, _, files in os.walk(path):
                os.chown(folder, self.footing.uid, -1)
                for name in files:
                    os.chown(os.path.join(folder, name), self.footing.uid, -1, follow_symlinks=False)
        if mode is not None:
            path.chmod(mode)

    def _create(self) -> None:
        # Built beside its final name and renamed when whole: a creation cut short is simply done again.
        new = self.data.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        self._own(new, mode=0o700)
        self._run(
            "initdb", "-D", str(new), "-U", USER, "-E", "UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync",
        )  # fmt: skip
        self._run("postgres", "--single", "-D", str(new), "postgres", text=f"CREATE DATABASE {DATABASE}\n")
        if not self.fast:
            os.sync()
        new.rename(self.data)

    def _run(self, name: str, *arguments: str, text: str = "") -> None:
        done = subprocess.run(
            [self._program(name), *arguments], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd="/", env=ENVIRONMENT, preexec_fn=self._settle, check=False,
        )  # fmt: skip
        with self.log.open("ab") as log:
            log.write(done.stdout)
        if done.returncode:
            raise Unavailable(f"{name} failed:\n{done.stdout.decode(errors='replace')[-2000:]}")

    def _heal(self) -> None:
        """Remove a pid file that no living server of this cluster stands behind; wait for one that is still stopping."""
        pidfile = self.data / "postmaster.pid"
        deadline = time.monotonic() + 30
        asked = False
        while pidfile.exists():
            try:
                pid = int(pidfile.read_text().split("\n", 1)[0])
            except (ValueError, FileNotFoundError):
                pid = 0
            if not self._serves(pid):
                pidfile.unlink(missing_ok=True)
                return
            if not asked:
                os.kill(pid, signal.SIGINT)
                asked = True
            if time.monotonic() > deadline:
                raise Unavailable(f"Another PostgreSQL (pid {pid}) holds {self.data} and does not stop.")
            time.sleep(0.05)

    def _serves(self, pid: int) -> bool:
        try:
            comm = Path(f"/proc/{pid}/comm").read_text().strip()
            return comm == "postgres" and os.readlink(f"/proc/{pid}/cwd") == str(self.data)
        except OSError:
            return False

    def _wait(self) -> None:
        # No time limit: recovery after a crash takes as long as it takes, and a dead server is seen at once.
        process = self.process
        assert process is not None
        while process.poll() is None:
            ready = subprocess.run(
                [self._program("pg_isready"), "-q", "-h", str(self.sockets), "-U", USER],
                cwd="/", env=ENVIRONMENT, check=False,
            )  # fmt: skip
            if ready.returncode == 0:
                return
            time.sleep(0.03)
        tail = self.log.read_text(errors="replace")[-2000:]
        raise Unavailable(f"PostgreSQL did not start:\n{tail}")
