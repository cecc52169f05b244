"""What the boards are told: a hint after each commit, and one frame computed for all of them."""

from __future__ import annotations

import time

import redis
from django.conf import settings
from django.db import transaction

HINTS = "revops:live:hints"
# A Redis that does not answer costs one write this long, then none for a while.
WAIT_SECONDS = 0.25
PAUSE_SECONDS = 5.0


class _Wire:
    """The process's client for hints, and until when it is left alone after a failure."""

    client: redis.Redis | None = None
    silent_until = 0.0


def publish_after_commit() -> None:
    """Send one hint when the transaction commits, however often it is asked for."""
    connection = transaction.get_connection()
    if not any(entry[1] is hint for entry in connection.run_on_commit):
        transaction.on_commit(hint, robust=True)


def hint() -> None:
    """Tell the publisher that something changed. A Redis that is down costs the hint, never the act."""
    if time.monotonic() < _Wire.silent_until:
        return
    if _Wire.client is None:
        _Wire.client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=WAIT_SECONDS, socket_connect_timeout=WAIT_SECONDS
        )
    try:
        _Wire.client.xadd(HINTS, {"t": ""}, maxlen=1, approximate=False)
    except redis.RedisError:
        _Wire.silent_until = time.monotonic() + PAUSE_SECONDS
