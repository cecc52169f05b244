"""What `make` calls: makes the environment, then becomes the process asked for. Standard library only."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
# The longer list holds the shorter one, in the same versions.
LOCKS = {"run": ("run.txt",), "dev": ("dev.txt", "run.txt")}
OLDEST = (3, 11)

VERBS = {
    "run": ("run", ["-m", "revops.supervisor"]),
    "demo": ("run", ["-m", "revops.supervisor", "--staff"]),
    "manage": ("run", ["manage.py"]),
    "pytest": ("dev", ["-m", "pytest"]),
    "python": ("dev", []),
}


class CannotSetUp(Exception):
    """No environment can be made here; the message names what to install."""


def main(arguments: list[str]) -> int:
    """Run one verb; what follows it is passed on."""
    if sys.version_info < OLDEST:
        return _with_newer_python(arguments)
    if not arguments or arguments[0] not in VERBS:
        print(f"usage: python3 -m revops.launcher {'|'.join(VERBS)} …", file=sys.stderr)
        return 2
    _die_with_make()
    kind, words = VERBS[arguments[0]]
    try:
        ensure(kind)
    except CannotSetUp as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    os.chdir(ROOT)
    sys.stdout.flush()
    return os.execv(PYTHON, [str(PYTHON), *words, *arguments[1:]])  # noqa: S606


def ensure(kind: str) -> None:
    """Make `.venv` hold what the lock of `kind` lists. Two calls at once take turns; a half-made one is made again.

    The proof that it is whole is the lock's own hash, written last: the folder alone proves nothing.
    Raises CannotSetUp.
    """
    turn = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _is_whole(kind):
            return
        print(f"Setting up {VENV.name} …", flush=True)
        if not (STAMP.exists() and _runs()):
            _create()
        STAMP.unlink(missing_ok=True)
        _install(ROOT / "requirements" / LOCKS[kind][0])
        STAMP.write_text("".join(f"{name} {_hash(name)}\n" for name in LOCKS[kind]))
    finally:
        os.close(turn)


def _hash(name: str) -> str:
    return hashlib.sha256((ROOT / "requirements" / name).read_bytes()).hexdigest()


def _is_whole(kind: str) -> bool:
    name = LOCKS[kind][0]
    try:
        return f"{name} {_hash(name)}" in STAMP.read_text().splitlines() and _runs()
    except OSError:
        return False


def _runs() -> bool:
    try:
        check = f"import sys, encodings; sys.exit(sys.version_info < {OLDEST})"
        return subprocess.run([PYTHON, "-c", check], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def _create() -> None:
    """An empty environment. With pip where Python brings it; Debian's without python3-venv does not."""
    shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    if uv and _try([uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(VENV)]):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if not _try([sys.executable, "-m", "venv", str(VENV)], quiet=True):
        shutil.rmtree(VENV, ignore_errors=True)
        if not _try([sys.executable, "-m", "venv", "--without-pip", str(VENV)]):
            raise CannotSetUp(f"{sys.executable} has no venv module. {_advice()}")


def _install(lock: Path) -> None:
    uv = shutil.which("uv")
    if uv and _uv([uv], lock):
        return
    pip = _pip()
    # Twenty seconds become five; where this one wheel cannot be had, pip does it all.
    own = VENV / "bin" / "uv"
    if _try(
        [*pip, "install", "-q", "--require-hashes", "-r", str(ROOT / "requirements" / "uv.txt")], quiet=True
    ) and _uv([str(own)], lock):
        return
    if not _try([*pip, "install", "-q", "--require-hashes", "-r", str(lock)]):
        raise CannotSetUp(
            f"Installing {lock.name} failed; the lines above say why. Is there a way to a package index?"
        )


def _uv(uv: list[str], lock: Path) -> bool:
    # pip's settings for mirrors and certificates hold for uv too, under its names.
    names = {
        "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
        "PIP_EXTRA_INDEX_URL": "UV_INDEX",
        "PIP_CERT": "SSL_CERT_FILE",
    }
    extra = {
        new: os.environ[old] for old, new in names.items() if os.environ.get(old) and not os.environ.get(new)
    }
    command = [*uv, "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes", "-r", str(lock)]
    return _try(command, quiet=True, env={**os.environ, **extra})


def _pip() -> list[str]:
    if _try([str(PYTHON), "-m", "pip", "--version"], quiet=True):
        return [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    if _try([sys.executable, "-m", "pip", "--python", str(PYTHON), "--version"], quiet=True):
        return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(PYTHON)]
    raise CannotSetUp(f"Neither ensurepip nor pip 22.3 or newer is here. {_advice()}")


def _advice() -> str:
    for program, command in (
        ("apt-get", "apt-get install python3-venv"),
        ("dnf", "dnf install python3-pip"),
        ("apk", "apk add py3-pip"),
        ("zypper", "zypper install python3-pip"),
    ):
        if shutil.which(program):
            return f"As root: {command}. Then run the same command again."
    return "Install Python's venv or pip package, then run the same command again."


def _try(command: list[str], *, quiet: bool = False, env: dict[str, str] | None = None) -> bool:
    sink = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(command, check=False, stdout=sink, stderr=sink, env=env).returncode == 0
    except OSError:
        return False


def _with_newer_python(arguments: list[str]) -> int:
    for minor in (13, 12, 11, 14):
        found = shutil.which(f"python3.{minor}")
        if found:
            os.execv(found, [found, "-m", "revops.launcher", *arguments])  # noqa: S606
    print(
        f"Python 3.{OLDEST[1]} or newer is needed; {sys.executable} is {sys.version.split()[0]}.",
        file=sys.stderr,
    )
    return 1


def _die_with_make() -> None:
    """End when the make that started us is killed. Under anything else we live as long as we are let."""
    if os.environ.get("MAKELEVEL"):
        from revops.embedded import lifeline

        lifeline.die_with_parent(signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
