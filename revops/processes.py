"""The commands of every process: supervisor, compose file and the tests' stack start the same ones."""

import os
import socket
import sys

# Work that waits for others (mail, webhooks) takes turns with the sweep in two processes; imports go one at a time.
QUEUES = {"promises": 2, "bulk": 1}


def door(host: str, port: int) -> socket.socket:
    """A listening socket to hand to `web`. Raises OSError when the port is taken.

    What it accepts sends without delay: uvicorn takes a socket it inherits for a Unix one and does not ask for
    that, and then the body of every answer waits for the client to acknowledge its head, 40 ms on Linux.
    """
    listening = socket.create_server((host, port), backlog=2048)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def web(*, fd: int | None = None, host: str = "0.0.0.0", port: int = 8000) -> list[str]:  # noqa: S104
    """The web server: on the listening socket `fd` it inherits, else on host and port."""
    place = ["--fd", str(fd)] if fd is not None else ["--host", host, "--port", str(port)]
    return [
        sys.executable, "-m", "uvicorn", "revops.asgi:application", *place, "--http", "httptools", "--lifespan", "on",
        "--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "3", "--no-server-header",
    ]  # fmt: skip


def worker(queue: str, *, processes: int | None = None) -> list[str]:
    """A Celery worker for one queue, or for several separated by commas."""
    count = processes or QUEUES.get(queue, 1)
    return [
        sys.executable, "-m", "celery", "-A", "revops.celery", "worker", "-Q", queue, "-c", str(count),
        "-n", f"{queue.replace(',', '-')}@%h", "-l", "warning", "--without-gossip", "--without-mingle",
    ]  # fmt: skip


def beat() -> list[str]:
    """The clock. One at a time; a second one only sends hints twice."""
    return [
        sys.executable, "-m", "celery", "-A", "revops.celery", "beat", "-l", "warning", "--pidfile=",
        # Everything it needs to remember is in the table; a fresh start may tick early, which harms nothing.
        "--schedule", os.path.join(os.environ.get("REVOPS_HOME", "."), "beat"),
    ]  # fmt: skip


def environment(process: str) -> dict[str, str]:
    """What such a process finds in its environment beside what ours holds."""
    return {**os.environ, "REVOPS_PROCESS": process, "PYTHONUNBUFFERED": "1"}


def main(arguments: list[str]) -> None:
    """Become `web`, `worker QUEUE` or `beat`: what an image runs."""
    kind = arguments[0]
    port = int(os.environ.get("REVOPS_PORT") or 8000)
    command = {"web": lambda: web(port=port), "worker": lambda: worker(arguments[1]), "beat": beat}[kind]()
    os.execve(command[0], command, environment(kind))  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
