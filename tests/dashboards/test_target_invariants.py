"""One raw statement per invariant of the targets, all refused by the database itself."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DataError, InternalError

from dashboards import targets
from dashboards.targets import Wish
from funnel import moment
from funnel.transitions.acting import SYSTEM
from tests import builders

SAME = {
    "kpi": "'mql'", "whom": "'company'", "department": "''", "member": "NULL", "kind": "'month'",
    "first_day": "'2026-11-01'", "version": "2", "value": "170",
}  # fmt: skip


def row(**changed: str) -> str:
    """A second version of the one target there is, differing in what is named."""
    return (
        "INSERT INTO dashboards_target (kpi, whom, department, member_id, kind, first_day, version, value) VALUES "
        "({kpi}, {whom}, {department}, {member}, {kind}, {first_day}, {version}, {value})"
    ).format(**(SAME | changed))


FORBIDDEN = {
    "target_version_once": [
        row(version="1"),
        row(kpi="'sql'", whom="'department'", department="'marketing'", version="1"),
        row(kpi="'sql'", whom="'member'", member="%(member)s", version="1"),
    ],
    "target_names_kpi": [row(kpi="''")],
    "target_for_whom": [
        row(whom="'everybody'"),
        row(whom="'department'"),
        row(whom="'department'", department="'ops'"),
        row(whom="'department'", department="'marketing'", member="%(member)s"),
        row(whom="'member'"),
        row(whom="'member'", member="%(member)s", department="'marketing'"),
        row(department="'marketing'"),
        row(member="%(member)s"),
    ],
    "target_kind_known": [row(kind="'week'"), row(kind="''")],
    "target_from_first_of_month": [row(first_day="'2026-11-02'"), row(first_day="'2026-11-30'")],
    "target_quarter_begins": [row(kind="'quarter'"), row(kind="'quarter'", first_day="'2026-12-01'")],
    "target_version_from_one": [row(version="0")],
    "dashboards_target_version_check": [row(version="-1")],
    "target_in_range": [
        row(value="-1"),
        row(value="-0.000001"),
        row(kpi="'nps'", version="1", value="-100.5"),
        row(kpi="'nps'", version="1", value="101"),
    ],
    "target_withdraws_something": [row(kpi="'won'", version="1", value="NULL")],
    "numeric field overflow": [row(value="1e16")],
    "append-only": [
        "UPDATE dashboards_target SET value = 1",
        "DELETE FROM dashboards_target",
        "TRUNCATE dashboards_target CASCADE",
    ],
}
APPEND_ONLY = {"target_append_only", "target_no_truncate"}


@pytest.fixture
def rows(db: None) -> dict[str, int]:
    """One target of each kind of whom."""
    member = builders.a_member("marketing").pk
    now = moment.now()
    first = now.date().replace(day=1)
    for whom in ("company", "department:marketing", f"member:{member}"):
        targets.set_one(Wish("sql", "month", first, Decimal(34), targets.Whom.parse(whom)), SYSTEM, now=now)
    with connection.cursor() as cursor:
        cursor.execute(row(version="1"))
        for whom in ("'department', 'marketing', NULL", "'member', '', %(member)s"):
            cursor.execute(
                "INSERT INTO dashboards_target (kpi, whom, department, member_id, kind, first_day, version, value) "
                f"VALUES ('sql', {whom}, 'month', '2026-11-01', 1, 3) ON CONFLICT DO NOTHING",
                {"member": member},
            )
    return {"member": member}


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
            row(version="3", value="NULL"),
            row(kind="'quarter'", first_day="'2026-10-01'"),
            row(kpi="'nps'", version="1", value="-20"),
        ):
            cursor.execute(allowed, rows)


def test_every_rule_of_the_table_has_its_statement(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'dashboards_target'::regclass "
            "UNION SELECT tgname FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgrelid = 'dashboards_target'::regclass "
            "UNION SELECT indexrelid::regclass::text FROM pg_index "
            "WHERE indisunique AND NOT indisprimary AND indrelid = 'dashboards_target'::regclass"
        )
        found = {name for (name,) in cursor.fetchall()} - APPEND_ONLY
    assert [n for n in sorted(found) if not any(n.startswith(tried) for tried in FORBIDDEN)] == []
