"""Redis as a child process, on a socket only."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from revops.embedded import binaries, lifeline
from revops.embedded.binaries import Unavailable


class Redis:
    """One Redis server process and its append-only file."""

    def __init__(self, state: Path, runtime: Path, *, fast: bool) -> None:
        self.fast = fast
        self.data = state / "redis"
        self.log = state / "log" / "redis.log"
        self.socket = runtime / "redis.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start and wait until it answers. A data file it cannot read is set aside: it only ever held hints."""
        if self._start():
            return
        self.data.rename(self.data.with_name(f"redis.unreadable-{int(time.time())}"))
        if not self._start():
            raise Unavailable(f"Redis did not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _start(self) -> bool:
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        arguments = [
            "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700", "--dir", str(self.data),
            "--appendonly", "no" if self.fast else "yes", "--appendfsync", "everysec", "--save", "",
            "--maxmemory-policy", "noeviction", "--daemonize", "no",
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(binaries.redis()), *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env={"PATH": os.defpath, "LC_ALL": "C"},
                start_new_session=True, preexec_fn=lambda: lifeline.die_with_parent(signal.SIGTERM),
            )  # fmt: skip
        while self.process.poll() is None:
            if self._answers():
                return True
            time.sleep(0.02)
        return False

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            try:
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
            except OSError:
                return False
