"""The latest health stands on the customer, whatever raw SQL writes; the list by health is read from its index."""

import pytest
from django.db import connection

from dashboards.counts import ledger
from funnel import moment
from funnel.models import Customer
from tests.builders import a_contract

pytestmark = pytest.mark.django_db

RECORD = (
    "INSERT INTO funnel_healthrecord (customer_id, day, score, band, factors) VALUES (%s, %s, %s, %s, '[]')"
)


def execute(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        assert cursor.rowcount, "the statement touched no row, so it proved nothing"


def kept() -> tuple[int | None, str | None]:
    return Customer.objects.values_list("health_score", "health_band").get()


@pytest.fixture
def customer() -> int:
    pk = a_contract(moment.now()).customer_id
    execute(RECORD, pk, "2026-05-02", 80, "healthy")
    return int(pk)


def test_the_latest_record_stands_on_the_customer(customer: int) -> None:
    assert kept() == (80, "healthy")
    execute(RECORD, customer, "2026-05-01", 10, "at_risk")
    assert kept() == (80, "healthy")
    execute(RECORD, customer, "2026-05-03", 55, "watch")
    assert kept() == (55, "watch")
    execute("UPDATE funnel_healthrecord SET score = 50 WHERE day = '2026-05-03'")
    assert kept() == (50, "watch")
    execute("UPDATE funnel_healthrecord SET day = '2026-04-01' WHERE day = '2026-05-03'")
    assert kept() == (80, "healthy")
    execute("DELETE FROM funnel_healthrecord")
    assert kept() == (None, None)


def test_nothing_else_can_be_written(customer: int) -> None:
    execute("UPDATE funnel_customer SET health_score = 100, health_band = NULL")
    assert kept() == (80, "healthy")


def test_a_record_given_to_another_customer_leaves_the_first(customer: int) -> None:
    other = a_contract(moment.now()).customer_id
    execute("UPDATE funnel_healthrecord SET customer_id = %s", other)
    assert dict(Customer.objects.values_list("pk", "health_score")) == {customer: None, other: 80}


def test_reconcile_finds_what_the_guard_would_not_have_let_in(customer: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE funnel_customer DISABLE TRIGGER customer_health")
    execute("UPDATE funnel_customer SET health_score = 3")
    (found,) = [one for one in ledger.findings() if one.check == "health of customers"]
    assert found.count == 1
    assert "kept 3 healthy, ledger 80 healthy" in found.examples[0]


def test_the_list_by_health_reads_its_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM funnel_customer ORDER BY coalesce(health_score, 101), id LIMIT 51"
        )
        assert "customer_by_health" in "".join(line for (line,) in cursor.fetchall())
