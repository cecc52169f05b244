"""Bounds on the number of calls, counted atomically in Redis; without Redis nothing is bounded."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
REST_AFTER_FAILURE = 10.0
"""Seconds without asking a Redis that just failed, so that a silent one does not slow every call."""

_silent_until = 0.0


def spent(key: str, duration: int) -> tuple[int, float]:
    """Count one call under `key` in the current window; return the count and the seconds left in the window.

    Returns a count of 0 when Redis does not answer: calls go through.
    """
    global _silent_until
    window, passed = divmod(time.time(), duration)
    if time.monotonic() < _silent_until:
        return 0, duration - passed
    name = f"revops:calls:{key}:{int(window)}"
    try:
        # One round trip, and atomic: of many at once each gets its own number.
        commands = counters().pipeline()
        commands.incr(name)
        commands.expire(name, duration + 5)
        count, _ = commands.execute()
    except (RedisError, OSError):
        _silent_until = time.monotonic() + REST_AFTER_FAILURE
        return 0, duration - passed
    return int(count), duration - passed


@cache
def counters() -> Redis:
    """The connections to Redis that count calls; a silent Redis costs at most half a second, once in a while."""
    return Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


class CallerThrottle(BaseThrottle):
    """One bound for each token (else member, else address) and kind of call, read or write."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the call; False when the window is full."""
        scope = "read" if request.method in SAFE_METHODS else "write"
        rate = str(api_settings.DEFAULT_THROTTLE_RATES[scope] or "")
        if not rate:
            return True
        number, per = rate.split("/")
        count, self.left = spent(f"{scope}:{self.caller(request)}", SECONDS[per[0]])
        return count <= int(number)

    def caller(self, request: Request) -> str:
        """Name whose calls these are."""
        if request.auth is not None and hasattr(request.auth, "digest"):
            return f"token:{request.auth.digest[:32]}"
        if request.user is not None and request.user.is_authenticated:
            return f"member:{request.user.pk}"
        return f"address:{self.get_ident(request)}"

    def wait(self) -> float:
        """Return the seconds until the window ends."""
        return self.left
