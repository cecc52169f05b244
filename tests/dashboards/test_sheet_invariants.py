"""One raw statement per invariant of the kept sheet, all refused by the database itself."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DataError, InternalError

from funnel.models import Note
from tests import builders

SAME = {
    "kpi": "'leads'", "version": "2", "now": "100", "goal": "200", "reached_in": "'2027-05-01'",
    "measure": "NULL", "owner": "NULL", "due_on": "NULL",
}  # fmt: skip


def row(**changed: str) -> str:
    """A second version of the one row there is, differing in what is named."""
    return (
        "INSERT INTO dashboards_sheetrow (kpi, version, now, goal, reached_in, measure_id, owner_id, due_on) VALUES "
        "({kpi}, {version}, {now}, {goal}, {reached_in}, {measure}, {owner}, {due_on})"
    ).format(**(SAME | changed))


FORBIDDEN = {
    "sheet_version_once": [row(version="1")],
    "sheet_names_kpi": [row(kpi="''")],
    "sheet_version_from_one": [row(version="0")],
    "dashboards_sheetrow_version_check": [row(version="-1")],
    "sheet_reached_in_month": [row(reached_in="'2027-05-02'")],
    "sheet_now_in_range": [
        row(now="-1"),
        row(kpi="'nps'", now="-101", goal="9"),
        row(kpi="'nps'", now="100.1", goal="9"),
    ],
    "sheet_goal_in_range": [row(goal="-1"), row(kpi="'nps'", goal="-101"), row(kpi="'nps'", goal="100.1")],
    "sheet_owner_of_measure": [row(owner="%(member)s"), row(due_on="'2027-03-31'")],
    "sheet_says_something": [row(kpi="'sql'", version="1", now="NULL", goal="NULL")],
    "numeric field overflow": [row(goal="1e16")],
    "append-only": [
        "UPDATE dashboards_sheetrow SET goal = 1",
        "DELETE FROM dashboards_sheetrow",
        "TRUNCATE dashboards_sheetrow CASCADE",
    ],
}
APPEND_ONLY = {"sheet_append_only", "sheet_no_truncate"}


@pytest.fixture
def rows(db: None) -> dict[str, int]:
    """One row of the sheet."""
    found = {"member": builders.a_member("marketing").pk, "note": Note.objects.create(text="展示会").pk}
    with connection.cursor() as cursor:
        cursor.execute(row(version="1"))
    return found


def test_each_is_refused_by_the_database_and_by_its_own_rule(rows: dict[str, int]) -> None:
    passed: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name, statement in ((n, s) for n, statements in FORBIDDEN.items() for s in statements):
            try:
                with transaction.atomic():
                    cursor.execute(statement, rows)
            except (IntegrityError, InternalError, DataError) as refused:
                if name not in str(refused):
                    passed.append(f"{statement}: {refused}")
            else:
                passed.append(statement)
    assert passed == []


def test_the_row_that_every_refused_row_differs_from_is_allowed(rows: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        for allowed in (
            row(),
            row(version="3", now="NULL", goal="NULL"),
            row(version="4", measure="%(note)s", owner="%(member)s", due_on="'2027-03-31'"),
            row(kpi="'nps'", version="1", now="-20", goal="20"),
        ):
            cursor.execute(allowed, rows)


def test_every_rule_of_the_table_has_its_statement(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'dashboards_sheetrow'::regclass "
            "UNION SELECT tgname FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgrelid = 'dashboards_sheetrow'::regclass "
            "UNION SELECT indexrelid::regclass::text FROM pg_index "
            "WHERE indisunique AND NOT indisprimary AND indrelid = 'dashboards_sheetrow'::regclass"
        )
        found = {name for (name,) in cursor.fetchall()} - APPEND_ONLY
    assert [n for n in sorted(found) if not any(n.startswith(tried) for tried in FORBIDDEN)] == []
