"""Calling the API the way a program does: a token and JSON."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

_serial = itertools.count(1)


class Answered:
    """What came back: status, body raw and as JSON, headers."""

    def __init__(self, response: Any) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.raw = response.content
        self.body = json.loads(response.content) if response.content else None

    def __getitem__(self, key: str) -> Any:
        return self.body[key]


class Caller:
    """A program with a token; `language` is what it accepts."""

    def __init__(self, token: str | None, language: str = "en") -> None:
        self.client = Client(raise_request_exception=True)
        self.headers = {"Accept-Language": language}
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"

    def get(self, address: str, **query: Any) -> Answered:
        return Answered(self.client.get(_full(address), query, headers=self.headers))

    def post(self, address: str, body: Any = None, *, key: str | None = None, **headers: str) -> Answered:
        return self.send("POST", address, json.dumps({} if body is None else body), key=key, **headers)

    def patch(self, address: str, body: Any) -> Answered:
        return self.send("PATCH", address, json.dumps(body))

    def send(
        self, method: str, address: str, raw: str | bytes, *, key: str | None = None,
        content_type: str = "application/json", **headers: str,
    ) -> Answered:  # fmt: skip
        """Send a body as it is."""
        extra = {**self.headers, **headers, **({"Idempotency-Key": key} if key is not None else {})}
        return Answered(
            self.client.generic(method, _full(address), raw, content_type=content_type, headers=extra)
        )


def _full(address: str) -> str:
    return address if address.startswith(("/", "http")) else f"/api/v1/{address}"


def a_token(scope: str = "write", name: str | None = None) -> str:
    """A token as the command prints it."""
    import io

    out = io.StringIO()
    call_command("create_token", name=name or f"program {next(_serial)}", scope=scope, stdout=out)
    return out.getvalue().split()[-1]


@pytest.fixture
def api(db: None) -> Caller:
    """A program that may write."""
    return Caller(a_token())


@pytest.fixture
def reader(db: None) -> Caller:
    """A program that may only read."""
    return Caller(a_token("read"))


@pytest.fixture
def stranger(db: None) -> Caller:
    """Somebody without a token."""
    return Caller(None)


def lead_body(**more: Any) -> dict[str, Any]:
    """A lead nobody knows yet."""
    n = next(_serial)
    return {
        "company": f"株式会社ドア{n}", "name": f"扉 {n}郎", "email": f"door{n}@example.jp", "phone": "03-1234-5678",
        "title": "部長", "channel": "web", **more,
    }  # fmt: skip
