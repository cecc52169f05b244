"""One process of ours, and what it says to whoever watches. Standard library only."""

import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path

from revops.embedded import lifeline

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_BACKOFF = 30.0
# A child that lived this long has recovered; its next crash starts the waiting afresh.
STEADY = 60.0
PATIENCE = {"web": 8.0, "beat": 5.0, "worker": 35.0, "staff": 5.0}


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
