"""/healthz says the process is up; /readyz says whether what it leans on is up too."""

import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# The worker says "alive" each few seconds; three silences in a row are a dead worker.
HEARTBEAT = "revops:worker"
SWEPT = "revops:swept"
HEARTBEAT_MAX_AGE = 20


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process can answer."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say, part by part, what works: database, redis, worker, seconds since the last sweep. 503 when one is down."""
    answer: dict[str, object] = {"database": _database()}
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        beat, swept = (_age(value) for value in client.mget(HEARTBEAT, SWEPT))
        answer["redis"] = True
        answer["worker"] = beat is not None and beat <= HEARTBEAT_MAX_AGE
        answer["last_sweep_age"] = swept
    except redis.RedisError:
        answer.update({"redis": False, "worker": False, "last_sweep_age": None})
    finally:
        client.close()
    ready = all(answer[part] for part in ("database", "redis", "worker"))
    return JsonResponse({"ready": ready, **answer}, status=200 if ready else 503)


def mark(client: "redis.Redis", key: str, now: Callable[[], float] = time.time) -> None:
    """Note that what `key` stands for happened just now."""
    client.set(key, repr(now()), ex=24 * 60 * 60)


def _age(value: bytes | None) -> float | None:
    return None if value is None else round(max(0.0, time.time() - float(value)), 1)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except DatabaseError:
        return False
