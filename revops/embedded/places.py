"""Where the embedded servers keep data, sockets and logs."""

import hashlib
import os
import tempfile
from pathlib import Path

from revops.embedded.binaries import Unavailable

# A socket's path is at most 107 bytes; this is the longest name we put under the runtime directory.
LONGEST_SOCKET = len("/pg/.s.PGSQL.5432")


def home() -> Path:
    """The state directory: REVOPS_HOME, else `.revops` beside manage.py."""
    given = os.environ.get("REVOPS_HOME")
    return Path(given).expanduser().resolve() if given else Path(__file__).resolve().parents[2] / ".revops"


def runtime(state: Path) -> Path:
    """A directory of ours for sockets: inside `state`, or a short private one where that path is too long."""
    inside = state / "run"
    if len(os.fsencode(str(inside))) + LONGEST_SOCKET <= 107:
        inside.mkdir(parents=True, exist_ok=True)
        return inside
    digest = hashlib.sha256(os.fsencode(str(state))).hexdigest()[:12]
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    if len(os.fsencode(base)) > 60 or not os.path.isdir(base):
        base = "/tmp"  # noqa: S108  Checked below to be ours alone.
    short = Path(base) / f"revops-{os.getuid()}-{digest}"
    short.mkdir(mode=0o711, exist_ok=True)
    if short.is_symlink() or short.stat().st_uid != os.getuid():
        raise Unavailable(
            f"{short} belongs to someone else. Remove it, or set REVOPS_HOME to a shorter path."
        )
    return short


def prepare(state: Path) -> None:
    """Create the state directory. Raises Unavailable when another user's run left it unusable for us."""
    try:
        for part in (state, state / "log"):
            part.mkdir(parents=True, exist_ok=True)
        probe = state / "log" / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except PermissionError:
        raise Unavailable(
            f"{state} belongs to another user. Set REVOPS_HOME to a folder of your own, or use your own clone."
        ) from None
