"""COPY into a table, ids taken from its sequence beforehand, and many rows rewritten in few statements."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg2.extras import execute_values  # type: ignore[import-untyped]

NULL = "\\N"
AT_ONCE = 1_000
"""Rows that one statement rewrites."""
_LENGTH = re.compile(r"\(.*?\)")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def reserve(model: Any, count: int) -> list[int]:
    """Take `count` ids from a table's sequence."""
    if count == 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(nextval(s.name)) FROM generate_series(1, %s), "
            "(SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name OFFSET 0) AS s",
            [count, model._meta.db_table],
        )
        (ids,) = cursor.fetchone()
    return list(ids)


class _Stream:
    """Lines as the file that COPY reads."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._bytes = "".join(lines).encode()
        self._at = 0

    def __bool__(self) -> bool:
        return bool(self._bytes)

    def read(self, size: int) -> bytes:
        """The next `size` bytes."""
        piece = self._bytes[self._at : self._at + size]
        self._at += len(piece)
        return piece


def copy(model: Any, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Insert lines in COPY's own format. Raises IntegrityError as an INSERT would."""
    stream = _Stream(lines)
    if stream:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.copy_expert(
                f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN", stream, 1 << 16
            )


def rewrite(rows: Iterable[Any], names: Sequence[str]) -> None:
    """Write these fields of stored rows of one model, as `bulk_update` would, a thousand rows a statement.

    Raises IntegrityError as an UPDATE would.
    """
    changed = list(rows)
    if not changed:
        return
    model = changed[0]._meta
    fields = [model.get_field(name) for name in names]
    # Without lengths: a cast to varchar(5) would cut what is too long, where the column refuses it.
    types = [_LENGTH.sub("", field.db_type(connection)) for field in fields]
    sets = ", ".join(f"{field.column} = v.{field.column}" for field in fields)
    columns = ", ".join(field.column for field in fields)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        execute_values(
            cursor,
            f"UPDATE {model.db_table} t SET {sets} "  # noqa: S608  Names of tables and columns.
            f"FROM (VALUES %s) AS v (id, {columns}) WHERE t.id = v.id",
            [
                (row.pk, *(f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields))
                for row in changed
            ],
            template=f"(%s, {', '.join(f'%s::{kind}' for kind in types)})",
            page_size=AT_ONCE,
        )


def copy_rows(model: Any, columns: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> None:
    """Insert rows of plain values by COPY; for tables that no rule guards."""
    copy(
        model,
        columns,
        (
            "\t".join([NULL if v is None else text(v) if isinstance(v, str) else str(v) for v in row]) + "\n"
            for row in rows
        ),
    )


def text(value: str) -> str:
    """A text as COPY takes it."""
    return value if not value or value.isalnum() else value.translate(_ESCAPES)


def number(value: int | None) -> str:
    """An id, or nothing, as COPY takes it."""
    return NULL if value is None else str(value)


def moment(value: datetime | None) -> str:
    """A moment, or nothing, as COPY takes it."""
    return NULL if value is None else value.isoformat()


def document(value: dict[str, Any]) -> str:
    """A JSON document as COPY takes it."""
    return text(json.dumps(value, ensure_ascii=False)) if value else "{}"
