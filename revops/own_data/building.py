"""A new database is made in a schema beside the demo's, and takes its place in one moment, or not at all.

While it is being made the demo goes on. Whatever goes wrong before the moment of the exchange leaves the demo
as it was; after it there is nothing left that could go wrong but the clearing away.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import redis
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from dashboards import reporting
from funnel import moment
from funnel.company.changing import changed
from funnel.errors import MoveRefused
from funnel.models import FreshStart, Member, Organization
from funnel.transitions.acting import Actor
from revops import probe

log = logging.getLogger(__name__)
FRESH, PAST = "revops_fresh", "revops_demo_past"
LOCK = 0x4F574E  # Any constant: the advisory lock of whoever makes the new database.
KEPT_IN_REDIS = (b"revops:celery:", probe.HEARTBEAT.encode())
DROPS = 6
PAUSE = 2.0


class Progress(NamedTuple):
    """How far the new database is: steps done, of how many; `is_running` while somebody is at it."""

    done: int
    steps: int
    is_running: bool

    @property
    def percent(self) -> int:
        """Whole percents."""
        return min(100, 100 * self.done // self.steps) if self.steps else 0


@transaction.atomic
def ask(by: Member, *, company: str, email: str, name: str, language: str, password: str) -> FreshStart:
    """Write down who wants to begin with what; `password` is a hash. The worker does the rest.

    Raises MoveRefused("not_a_demo") anywhere but in a demo, MoveRefused("already_done") while one is being made.
    """
    if not Organization.objects.select_for_update().get(pk=1).is_demo:
        raise MoveRefused("not_a_demo")
    if is_running():
        raise MoveRefused("already_done")
    wanted = {"company": company, "email": email, "name": name, "language": language, "password": password}
    fresh = {"asked_by": by, "standing": FreshStart.Standing.ASKED, "failure": ""}
    return FreshStart.objects.update_or_create(pk=1, defaults={**wanted, **fresh})[0]


def is_running() -> bool:
    """True while somebody holds the right to make the new database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [LOCK],
        )
        return bool(cursor.fetchone()[0])


def progress() -> Progress:
    """How far it is, read from the migrations both schemas know."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        steps = cursor.fetchone()[0]
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{FRESH}.django_migrations"])
        done = 0
        if cursor.fetchone()[0]:
            cursor.execute(f"SELECT count(*) FROM {FRESH}.django_migrations")  # noqa: S608
            done = cursor.fetchone()[0]
    return Progress(done, steps, is_running())


def carry_out() -> bool:
    """Make what was asked for and put it in the demo's place; True when that happened. Safe to call at any time.

    Does nothing without a request, in an installation that is no demo, or while another process is at it.
    """
    asked = FreshStart.objects.filter(pk=1).exclude(standing=FreshStart.Standing.FAILED).first()
    if asked is None or not Organization.current().is_demo:
        return False
    # A connection of its own: the search path below must not be met by anything else.
    connection.close()
    with _turn() as mine:
        if not mine:
            return False
        try:
            FreshStart.objects.filter(pk=1).update(standing=FreshStart.Standing.BUILDING)
            _build(asked)
            _exchange()
        except Exception as problem:
            log.exception("the new database was not made; the demo is as it was")
            _give_up(type(problem).__name__)
            return False
        clear_away()
    _forget()
    return True


def clear_away() -> None:
    """Drop what is left of a demo, or of an attempt. Transactions that still look at it are waited for."""
    for attempt in range(1, DROPS + 1):
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP SCHEMA IF EXISTS {FRESH} CASCADE")
                cursor.execute(f"DROP SCHEMA IF EXISTS {PAST} CASCADE")
            return
        except DatabaseError as busy:
            log.warning("the old database is still in use (%s), attempt %s", type(busy).__name__, attempt)
            time.sleep(PAUSE)


def is_left() -> bool:
    """True when something waits to be cleared away and nobody is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname IN (%s, %s))", [FRESH, PAST])
        return bool(cursor.fetchone()[0]) and not is_running()


@contextmanager
def _turn() -> Iterator[bool]:
    """Hold the right to make the new database, for as long as this connection lives."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        mine = bool(cursor.fetchone()[0])
        if mine:
            cursor.execute("SET statement_timeout = 0")
    try:
        yield mine
    finally:
        # Closing gives the lock back, and the search path with it.
        connection.close()


def _build(asked: FreshStart) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {FRESH} CASCADE")
        cursor.execute(f"CREATE SCHEMA {FRESH}")
        # Nothing but the new schema is seen, so that no step of it can touch the demo.
        cursor.execute(f"SET search_path = {FRESH}")
    ContentType.objects.clear_cache()
    call_command("migrate", verbosity=0, interactive=False)
    with transaction.atomic():
        organization = Organization.current()
        organization.name = asked.company
        organization.save(update_fields=["name"])
        member = Member(
            username=asked.email, email=asked.email, name=asked.name, language=asked.language,
            password=asked.password, is_administrator=True,
        )  # fmt: skip
        member.save()
        now = moment.now()
        changed(Actor(member, "html"), now=now, what=f"member.{member.pk}", old=None, new={"own_data": True})


def _exchange() -> None:
    """The one moment: names of schemas change places, and every statement after it finds the new tables."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = public")
        cursor.execute("SELECT is_demo FROM public.funnel_organization WHERE id = 1 FOR UPDATE")
        if cursor.fetchone() != (True,):
            raise MoveRefused("not_a_demo")
        cursor.execute(f"DROP SCHEMA IF EXISTS {PAST} CASCADE")
        cursor.execute(f"ALTER SCHEMA public RENAME TO {PAST}")
        cursor.execute(f"ALTER SCHEMA {FRESH} RENAME TO public")
        cursor.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        reporting.remake(cursor)
    with connection.cursor() as cursor:
        cursor.execute("RESET search_path")
    ContentType.objects.clear_cache()


def _give_up(failure: str) -> None:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {FRESH} CASCADE")
    FreshStart.objects.filter(pk=1).update(standing=FreshStart.Standing.FAILED, failure=failure)
    ContentType.objects.clear_cache()


def _forget() -> None:
    """Forget in Redis what was kept of the demo; the queues and the signs of life stay."""
    client = redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS)
    try:
        stale = [key for key in client.scan_iter(count=1000) if not key.startswith(KEPT_IN_REDIS)]
        if stale:
            client.delete(*stale)
    except redis.RedisError:
        log.warning("Redis was not asked to forget the demo")
    finally:
        client.close()
