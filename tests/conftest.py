"""Own PostgreSQL and Redis for every run, started before Django loads and gone with the run."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import django
import pytest
from hypothesis import settings as hypothesis_settings

from revops import embedded

pytest_plugins = ["tests.browser", "tests.stack", "tests.doors"]
# A busy machine makes a correct example slow; slowness is measured elsewhere.
hypothesis_settings.register_profile("revops", deadline=None)
hypothesis_settings.load_profile("revops")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
LINES: list[embedded.Line] = []


def _start() -> None:
    # Short and traversable, so that PostgreSQL can run as nobody and its socket's path fits.
    state = Path(tempfile.mkdtemp(prefix="revops-tests-"))
    state.chmod(0o755)
    LINES.append(embedded.hold(state, fast=True))
    os.environ.update(LINES[0].urls, REVOPS_HOME=str(state), DJANGO_SETTINGS_MODULE="tests.settings")
    os.environ["REVOPS_TEST_REDIS"] = LINES[0].urls["REDIS_URL"]


if not WORKER:
    _start()
django.setup()


def pytest_unconfigure() -> None:
    for line in LINES:
        line.release()
        shutil.rmtree(os.environ["REVOPS_HOME"], ignore_errors=True)
    LINES.clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> None:
    """Remember what the migrations put into the database, so that a flush can put it back."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA baseline")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'CREATE TABLE baseline."{table}" AS TABLE public."{table}"')


# Triggers guard the ledger against DELETE and TRUNCATE; only a replica's session passes them, and only here.
FLUSH = """
DO $$ DECLARE name text; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations' LOOP
    EXECUTE format('DELETE FROM public.%I', name);
    EXECUTE format('INSERT INTO public.%I SELECT * FROM baseline.%I', name, name);
  END LOOP;
END $$
"""


def _flush(_case: object) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        # 60,000 rows go in 0.2 s, DELETE waiting for no reader; a page's bound is too near on a starved machine.
        cursor.execute("SET statement_timeout = '60s'")
        cursor.execute(FLUSH)
    connection.close()


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_guards() -> None:
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = _flush


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> None:
    """Start with an empty Redis, unless the module's own stack is using it."""
    if "stack" not in request.fixturenames:
        import redis

        with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
            client.flushdb()


@pytest.fixture
def now(db: None) -> datetime:
    """The database's clock, as a door would read it."""
    from funnel import moment

    return moment.now()


@pytest.fixture
def org(db: None):
    """The organisation that the migrations made."""
    from funnel.models import Organization

    return Organization.current()


@pytest.fixture(autouse=True)
def _own_words() -> Iterator[None]:
    """What one test calls things is not what the next one calls them."""
    from funnel.words import rename

    yield
    rename({})
