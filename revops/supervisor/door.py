"""The port that everybody comes in by, and whether all behind it is ready. Standard library only."""

import http.client
import os
import socket

from revops import processes
from revops.embedded import Unavailable
from revops.supervisor.child import say


def listen() -> tuple[socket.socket, int]:
    """The first free port from REVOPS_PORT on, already listening, so that nobody takes it meanwhile."""
    wanted = int(os.environ.get("REVOPS_PORT") or 8000)
    host = os.environ.get("REVOPS_HOST", "127.0.0.1")
    for port in range(wanted, wanted + 100):
        try:
            door = processes.door(host, port)
        except OSError:
            continue
        if port != wanted:
            say(f"Port {wanted} is taken; using {port}.")
        return door, port
    raise Unavailable(f"No free port from {wanted} on. Set REVOPS_PORT.")


def readiness(port: int) -> str:
    """'ready', or what /readyz said instead."""
    host = os.environ.get("REVOPS_HOST", "127.0.0.1")
    line = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=10)  # noqa: S104
    try:
        line.request("GET", "/readyz", headers={"Host": "localhost"})
        answer = line.getresponse()
        said = answer.read().decode(errors="replace")
        return "ready" if answer.status == 200 else said
    except OSError as problem:
        return str(problem)
    finally:
        line.close()
