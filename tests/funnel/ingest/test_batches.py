"""How many rows are written at once, and what rests meanwhile."""

import gc
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from funnel.ingest import batches
from funnel.transitions import people


@pytest.mark.django_db
def test_a_batch_takes_few_locks_whatever_its_rows_name():
    people.serialise(
        *(f"{kind}:{n}" for kind in ("lead", "email", "account") for n in range(batches.size("leads")))
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        (held,) = cursor.fetchone()
    # A server of 100 connections has room for 6,400 locks: six files at once, and everybody else.
    assert people.BUCKETS // 2 < held <= people.BUCKETS


@pytest.mark.django_db(transaction=True)
def test_who_asks_for_a_name_waits_for_the_file_that_holds_it():
    def ask(name: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        try:
            with transaction.atomic():
                people.serialise(name)
        except OperationalError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            people.serialise("email:held@example.jp")
            assert not other.submit(ask, "email:held@example.jp").result()
            assert sum(other.submit(ask, f"email:{n}@example.jp").result() for n in range(5)) >= 4
        assert other.submit(ask, "email:held@example.jp").result()


def test_nothing_is_collected_meanwhile_and_afterwards_as_before():
    with batches.without_collecting():
        assert not gc.isenabled()
        with batches.without_collecting():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(KeyError), batches.without_collecting():
        raise KeyError
    assert gc.isenabled()
