"""Bodies that are no JSON, or too much of it."""

import json
import time
from decimal import Decimal

import pytest

from funnel.api import parsing
from funnel.api.problems import Turned
from funnel.models import Lead
from tests.doors import Caller

BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"{", 400, "malformed"),
        (b"{'a': 1}", 400, "malformed"),
        (b'{"a": 1,}', 400, "malformed"),
        (b'{"name": "a", "name": "b"}', 400, "malformed"),
        (b'{"name": "\xff"}', 400, "malformed"),
        ('{"name": "山田"}'.encode("cp932"), 400, "malformed"),
        (b'{"owner": ' + b"9" * 5_000 + b"}", 400, "malformed"),
        (b'{"a": "\x01"}', 400, "malformed"),
        (b"[" * 10_000, 400, "too_deep"),
        (b'{"a":' * 100_000, 400, "too_deep"),
        (b"[]", 422, "not_an_object"),
        (b"3", 422, "not_an_object"),
        (b'"text"', 422, "not_an_object"),
        (b"null", 422, "not_an_object"),
        (b"", 422, "identity_required"),
        (b'{"owner": NaN}', 422, "not_a_number"),
        (b'{"owner": -Infinity}', 422, "not_a_number"),
        (b'{"owner": 1e400}', 422, "not_a_number"),
        (b'{"name": "\\u0000"}', 422, "bad_characters"),
        (b'{"company": "' + b"x" * 5_000_000 + b'"}', 413, "too_large"),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else str(value),
)
def test_a_body_that_cannot_be_read_is_a_problem_at_once(api: Caller, raw: bytes, status: int, code: str):
    started = time.perf_counter()
    refused = api.send("POST", "leads/", raw)
    assert (refused.status, refused["code"]) == (status, code)
    assert time.perf_counter() - started < 2
    assert not Lead.objects.exists()


def test_brackets_inside_text_are_not_depth():
    deep = json.dumps({"note": '["' * 500})
    assert parsing.read(deep.encode()) == {"note": '["' * 500}


def test_as_deep_as_allowed_is_read_and_one_deeper_is_not():
    at_limit = b"[" * parsing.DEEPEST + b"]" * parsing.DEEPEST
    assert parsing.read(at_limit)
    with pytest.raises(Turned, match="too_deep"):
        parsing.read(b"[" + at_limit + b"]")


def test_numbers_arrive_exact_and_a_byte_order_mark_is_passed_over():
    assert parsing.read(BOM + b'{"amount": 0.1}') == {"amount": Decimal("0.1")}
