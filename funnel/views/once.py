"""A form sent twice is one act: its key is kept in the transaction of the act itself."""

from __future__ import annotations

from http import HTTPStatus

from django.db import connection

from funnel.models import IdempotencyKey, Member


def first_time(member: Member, key: str) -> bool:
    """Take the key for this transaction; False when it was used before.

    A second sender waits until the first has committed, then sees the key; if the first one failed, the
    second acts in its place. Must run inside a transaction.
    """
    table = IdempotencyKey._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (member_id, key, request_sha256, status, body, created_at)"  # noqa: S608
            " VALUES (%s, %s, '', %s, '{}', revops_now()) ON CONFLICT (member_id, key) DO NOTHING",
            [member.pk, f"form:{key}", HTTPStatus.SEE_OTHER],
        )
        return cursor.rowcount == 1
