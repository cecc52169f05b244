"""A POST with an `Idempotency-Key` happens once; repeats get the first answer back."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connection
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.api.problems import Turned

_KEY = re.compile(r"[\x20-\x7e]{1,255}")
HEADER = "Idempotency-Key"

# A concurrent twin waits here until the first one commits (then it finds the row) or fails (then it leads).
CLAIM = """
INSERT INTO funnel_idempotencykey (member_id, key, request_sha256, status, body, created_at)
VALUES (%s, %s, %s, 0, 'null', revops_now()) ON CONFLICT (member_id, key) DO NOTHING RETURNING id
"""
FIND = "SELECT request_sha256, status, body FROM funnel_idempotencykey WHERE member_id = %s AND key = %s"
KEEP = "UPDATE funnel_idempotencykey SET status = %s, body = %s WHERE id = %s"


class Answer(NamedTuple):
    """What an act answers: a status and a body of JSON values."""

    body: Any
    status: int = 200


def key_of(request: Request) -> str | None:
    """The request's key, None without one. Raises Turned for a key that cannot be one."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    key = key.strip()
    if not _KEY.fullmatch(key):
        raise Turned(400, "idempotency_key_invalid", field=HEADER)
    return key


def fingerprint(request: Request) -> str:
    """Hash of what was asked: method, address and body."""
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request._request.body).hexdigest()


def once(request: Request, member_id: int, act: Callable[[], Answer]) -> Response:
    """Carry out `act` unless this member's key was answered before; call it inside a transaction.

    The answer is stored in the transaction of the act, so both exist or neither does; a refused act
    stores nothing and may be tried again. Raises Turned: 422 when the key came with another request.
    """
    key = key_of(request)
    if key is None or request.method != "POST":
        answer = act()
        return Response(answer.body, status=answer.status)
    asked = fingerprint(request)
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [member_id, key, asked])
        claimed = cursor.fetchone()
        if claimed is None:
            return _replay(cursor, member_id, key, asked)
    answer = act()
    with connection.cursor() as cursor:
        # As text within JSON, so that a repeat has the members in the same order too.
        cursor.execute(KEEP, [answer.status, json.dumps(json.dumps(answer.body)), claimed[0]])
    return Response(answer.body, status=answer.status)


def _replay(cursor: Any, member_id: int, key: str, asked: str) -> Response:
    cursor.execute(FIND, [member_id, key])
    found = cursor.fetchone()
    if found is None:
        # Expired between the two statements.
        raise Turned(409, "conflict")
    stored_hash, status, body = found
    if stored_hash != asked:
        raise Turned(422, "idempotency_key_reused", field=HEADER)
    return Response(
        json.loads(json.loads(body)),
        status=status,
        headers={"Idempotency-Replayed": "true"},
    )
