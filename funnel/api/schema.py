"""How the views describe themselves to the schema: one decorator for lists, one for acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from funnel.api import filters, paging, shapes
from funnel.api.door import HAT
from funnel.api.idempotency import HEADER
from funnel.stages import Department

READING = (401, 403, 404, 406, 429)
WRITING = (400, 401, 403, 404, 409, 411, 413, 415, 422, 429)
KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    location=OpenApiParameter.HEADER,
    description="Makes a repeat answer what the first call answered; kept 72 hours.",
)
HATS = OpenApiParameter(
    HAT,
    {"type": "string", "enum": list(Department)},
    location=OpenApiParameter.HEADER,
    description="For callers who belong to several departments: the one this is done for.",
)
Decorator = Callable[[Any], Any]


class BearerScheme(KnoxTokenScheme):
    """Tokens, as the schema shows them."""

    target_class = "funnel.api.permissions.BearerAuthentication"
    name = "bearer"


def _problems(statuses: tuple[int, ...]) -> dict[tuple[int, str], Any]:
    return {
        (status, "application/problem+json"): OpenApiResponse(shapes.PROBLEM, description="Problem")
        for status in statuses
    }


def lists(
    name: str, row: Any, narrowed_by: Mapping[str, filters.Filter] | None = None, summary: str = ""
) -> Decorator:
    """A list: its filters, its pages, its row."""
    return extend_schema(
        operation_id=name,
        summary=summary or None,
        parameters=[*filters.parameters(narrowed_by or {}), *paging.PARAMETERS],
        responses={200: shapes.listing(row), **_problems((*READING, 422))},
    )


def reads(name: str, row: Any, summary: str = "") -> Decorator:
    """One record."""
    return extend_schema(
        operation_id=name, summary=summary or None, responses={200: row, **_problems(READING)}
    )


def acts(
    name: str,
    takes: Any,
    gives: Any,
    *,
    statuses: tuple[int, ...] = (200,),
    summary: str = "",
    repeatable: bool = True,
) -> Decorator:
    """A write: the body it takes, what it answers; `repeatable` ones honour an Idempotency-Key."""
    return extend_schema(
        operation_id=name,
        summary=summary or None,
        request=takes,
        parameters=[KEY, HATS] if repeatable else [HATS],
        responses={**dict.fromkeys(statuses, gives), **_problems(WRITING)},
    )


def strict_inputs(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say of every input object that unknown fields are refused (a hook of the schema's generator)."""
    for name, component in result.get("components", {}).get("schemas", {}).items():
        if name.endswith("Request") and component.get("type") == "object":
            component["additionalProperties"] = False
    return result
