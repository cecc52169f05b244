"""Health of one process, told by an exit code: what a container's health check calls."""

import http.client
import os
import sys
import time

import redis

# A worker says "alive" each two seconds; beat whenever it sends something, at least each fifteen.
HEARTBEAT = "revops:alive:"
LONGEST_SILENCE = {"worker": 20, "beat": 60}


def note(client: "redis.Redis", name: str) -> None:
    """Say that `name` (a queue's worker, or beat) is alive."""
    client.set(HEARTBEAT + name, repr(time.time()), ex=24 * 60 * 60)


def age(client: "redis.Redis", name: str) -> float | None:
    """Seconds since `name` was last heard of; None when never. Raises RedisError."""
    said = client.get(HEARTBEAT + name)
    return None if said is None else max(0.0, time.time() - float(said))


def main(arguments: list[str]) -> int:
    """`web`, `worker QUEUE` or `beat`: 0 when it is alive."""
    kind = arguments[0]
    if kind == "web":
        line = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("REVOPS_PORT") or 8000), timeout=4)
        line.request("GET", "/healthz", headers={"Host": "localhost"})
        return 0 if line.getresponse().status == 200 else 1
    url = os.environ["REDIS_URL"]
    with redis.Redis.from_url(url, socket_timeout=4, socket_connect_timeout=4) as client:
        silence = age(client, arguments[1] if kind == "worker" else "beat")
    return 0 if silence is not None and silence < LONGEST_SILENCE[kind] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
