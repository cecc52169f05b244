"""The Celery app and the beat table: what runs when. PostgreSQL keeps truth and timers; this is haste."""

import os
import signal
from typing import Any

import redis
from celery import Celery, signals
from celery.schedules import crontab
from django.conf import settings
from kombu import Exchange, Queue

from revops import probe
from revops.embedded import lifeline
from revops.processes import QUEUES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revops.settings")


def _every(seconds: int, task: str) -> dict[str, Any]:
    # A tick that waited a whole interval is stale: the next one does its work.
    return {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}


BEAT = {
    "sweep overdue promises": _every(15, "handoffs.tasks.sweep"),
    "deliver notices": _every(15, "handoffs.tasks.deliver"),
    "open and close what a lost hint forgot": _every(60, "handoffs.tasks.reconcile"),
    "open and close what was forgotten longer ago": _every(60 * 60, "handoffs.tasks.reconcile_all"),
    "fold count deltas": _every(10, "dashboards.tasks.fold"),
    "collect what was the case at misses": _every(30, "dashboards.tasks.collect_evidence"),
    "publish what time alone changed": _every(15, "dashboards.tasks.tick"),
    "health of every customer": {
        "task": "funnel.tasks.health_daily",
        # 04:10 in Tokyo: after the day has ended for usage readings, before anybody works.
        "schedule": crontab(hour="19", minute="10"),
        "options": {"expires": 6 * 60 * 60},
    },
    "leave the demo behind": _every(60, "revops.tasks.start_own_data"),
    "shut out those whose last day has passed": _every(15 * 60, "funnel.tasks.carry_out_leavings"),
    "pass on what leavers owe": _every(15 * 60, "handoffs.tasks.release"),
    "forget what files keep for a time": _every(15 * 60, "funnel.tasks.forget_imported"),
    "forget answers kept for repeated calls": _every(60 * 60, "funnel.tasks.forget_answers"),
}


def broker(url: str) -> str:
    """The broker's address for kombu, which spells sockets differently than redis-py."""
    return (
        "redis+socket://" + url.removeprefix("unix://").replace("?db=", "?virtual_host=")
        if url.startswith("unix:")
        else url
    )


app = Celery("revops")
app.conf.update(
    broker_url=broker(settings.REDIS_URL),
    broker_connection_retry_on_startup=True,
    # A killed worker's unacknowledged work comes back after this long; more than twice the hard limit of a task.
    broker_transport_options={
        "visibility_timeout": 900,
        "unacked_restore_interval": 10,
        "socket_timeout": 30,
        "socket_connect_timeout": 2,
        "health_check_interval": 25,
        "global_keyprefix": "revops:celery:",
        # A request that publishes a hint must not wait for a Redis that is down.
        "max_retries": 0,
    },
    task_publish_retry=False,
    # Late acknowledgement and rejection together: work of a killed worker is done by another. Tasks are safe to repeat.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_time_limit=300,
    task_soft_time_limit=240,
    # Nobody reads results, and a result backend can stop a web process that only publishes.
    task_ignore_result=True,
    result_backend=None,
    worker_soft_shutdown_timeout=30,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_max_tasks_per_child=1000,
    worker_max_memory_per_child=300_000,
    worker_hijack_root_logger=False,
    worker_proc_alive_timeout=30,
    # Arguments are ids; no unpickling, no personal data in Redis.
    task_serializer="json",
    accept_content=["json"],
    task_default_queue="promises",
    # What a person waits for is not stuck behind an import.
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
    task_routes={"funnel.tasks.*": {"queue": "bulk"}, "revops.tasks.*": {"queue": "bulk"}},
    timezone="UTC",
    enable_utc=True,
    beat_schedule=BEAT,
    beat_cron_starting_deadline=600,
)
app.autodiscover_tasks(["funnel", "handoffs", "dashboards", "revops"])


@signals.worker_process_init.connect
def tie_to_worker(**_: Any) -> None:
    """A pool process must not outlive a worker that was killed."""
    lifeline.die_with_parent(signal.SIGKILL)


@signals.heartbeat_sent.connect
def note_heartbeat(**_: Any) -> None:
    """The worker is connected and turning."""
    for queue in app.amqp.queues.consume_from:
        _note(queue)


@signals.before_task_publish.connect
def note_tick(**_: Any) -> None:
    """Beat sends what the table says."""
    if settings.PROCESS == "beat":
        _note("beat")


def _note(name: str) -> None:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        probe.note(client, name)
    except redis.RedisError:
        return  # The broker's own connection says so louder.
    finally:
        client.close()
