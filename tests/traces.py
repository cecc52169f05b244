"""What is left of a run: its processes."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def processes_of(home: Path) -> list[tuple[int, str]]:
    """(pid, command line) of every living process that names `home` or works in it, this one apart."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = (entry / "environ").read_bytes().decode(errors="replace")
            inside = os.readlink(entry / "cwd").startswith(str(home))
            dead = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            continue
        if not dead and (inside or str(home) in words or f"REVOPS_HOME={home}\0" in environment + "\0"):
            found.append((int(entry.name), words))
    return found


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait for `condition`; fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)
