"""Pages of a list by key: stable while rows are added, and as dear on page 1,000 as on page 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.api.fields import BIGGEST_ID
from funnel.api.problems import Turned

USUAL, MOST = 50, 200

PARAMETERS = [
    OpenApiParameter(
        "cursor",
        {"type": "string", "pattern": "^[0-9]{1,18}$"},
        description="Taken from `next` of the page before.",
    ),
    OpenApiParameter(
        "limit", {"type": "integer", "minimum": 1, "default": USUAL}, description=f"At most {MOST}."
    ),
]


def _cursor(request: Request) -> int | None:
    raw = request.query_params.get("cursor", "")
    if not raw:
        return None
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 20 and int(raw) <= BIGGEST_ID):
        raise Turned(422, "bad_cursor", field="cursor")
    return int(raw)


def _size(request: Request) -> int:
    raw = request.query_params.get("limit", "")
    if not raw:
        return USUAL
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 20 and int(raw) > 0):
        raise Turned(422, "not_a_number", field="limit")
    return min(int(raw), MOST)


def page(
    request: Request, rows: QuerySet[Any], show: Callable[[Any], dict[str, Any]], *, ascending: bool = False
) -> Response:
    """Answer one page, newest first unless `ascending`; `next` is the address of the following page or null.

    A row that is there from the first page to the last is listed exactly once, whatever is added meanwhile.
    """
    size = _size(request)
    last = _cursor(request)
    if last is not None:
        rows = rows.filter(pk__gt=last) if ascending else rows.filter(pk__lt=last)
    found = list(rows.order_by("pk" if ascending else "-pk")[: size + 1])
    shown = found[:size]
    following = None
    if len(found) > size:
        query = request.query_params.copy()
        query["cursor"] = str(shown[-1].pk)
        following = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    return Response({"results": [show(row) for row in shown], "next": following})
