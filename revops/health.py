"""/healthz says the process is up; /readyz says whether what it leans on is up too."""

import redis
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from funnel import moment
from handoffs import notices
from handoffs.models import SweepRun
from revops import probe


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process can answer."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say, part by part, what works: database, redis, worker, seconds since the last sweep. 503 when one is down.

    Ways out that fail (mail, chat rooms) are named; they are others' servers, and their letters wait.
    """
    answer: dict[str, object] = {"database": True, "last_sweep_age": None, "outlets_failing": []}
    try:
        answer["last_sweep_age"] = _sweep_age()
        answer["outlets_failing"] = [str(s.outlet) for s in notices.standings() if s.is_failing]
    except DatabaseError:
        answer["database"] = False
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        silence = probe.age(client, "promises")
        answer["redis"] = True
        answer["worker"] = silence is not None and silence < probe.LONGEST_SILENCE["worker"]
    except redis.RedisError:
        answer.update({"redis": False, "worker": False})
    finally:
        client.close()
    ready = all(answer[part] for part in ("database", "redis", "worker"))
    response = JsonResponse({"ready": ready, **answer}, status=200 if ready else 503)
    # Whoever probes has the answer; a line for each probe would bury the log's errors.
    response._has_been_logged = True  # type: ignore[attr-defined]  # Read by django.utils.log.
    return response


def _sweep_age() -> float | None:
    last = SweepRun.objects.first()
    return None if last is None else round(max(0.0, (moment.now() - last.ran_at).total_seconds()), 1)
