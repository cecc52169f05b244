"""A charset that is not UTF-8, and a body without a length, are refused before anything of it is read."""

from __future__ import annotations

import json
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest

# One that is no text, some that Django would choke on, one it would misread, one nobody knows.
OTHERS = ["rot13", "hex", "idna", "punycode", "undefined", "utf-16", "shift_jis", "klingon", "\x00", "\"x'"]


def ask(
    method: str, path: str, content_type: str, language: str = "en", **more: str
) -> tuple[int, dict[str, str], bytes]:
    """Ask the application that the servers run."""
    from revops.wsgi import application

    environ: dict = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "channel=a&from=%ff", "CONTENT_TYPE": content_type,
        "HTTP_ACCEPT_LANGUAGE": language, "wsgi.input": BytesIO(b"{}"), "CONTENT_LENGTH": "2", **more,
    }  # fmt: skip
    setup_testing_defaults(environ)
    said: list = []
    body = b"".join(application(environ, lambda status, headers: said.extend([status, dict(headers)])))
    return int(said[0].split()[0]), said[1], body


@pytest.mark.parametrize("charset", OTHERS)
@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/funnel/"), ("POST", "/api/v1/leads/")])
def test_the_api_says_which_charset_it_speaks(charset: str, method: str, path: str) -> None:
    status, headers, body = ask(method, path, f"application/json; charset={charset}")
    problem = json.loads(body)
    assert (status, problem["status"], problem["code"]) == (415, 415, "unsupported_charset")
    assert (problem["field"], headers["Content-Type"]) == ("Content-Type", "application/problem+json")


@pytest.mark.parametrize("charset", OTHERS)
def test_a_page_refuses_it_too_in_the_reader_s_language(charset: str) -> None:
    status, headers, body = ask("POST", "/sign-in/", f"text/plain; charset={charset}", "ja,en;q=0.5")
    assert (status, headers["Content-Language"]) == (415, "ja")
    assert "UTF-8で送信してください" in body.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "charset", ["; charset=utf-8", "; charset=UTF8", '; charset="utf-8"', "; charset=us-ascii", ""]
)
def test_utf_8_by_any_of_its_names_is_taken(charset: str) -> None:
    assert ask("POST", "/api/v1/leads/", f"application/json{charset}")[0] == 401


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
def test_a_body_in_chunks_is_refused_in_words_and_not_taken_for_an_empty_one(kind: str) -> None:
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    status, _headers, body = ask("POST", "/api/v1/leads/", kind, **chunked)
    assert (status, json.loads(body)["code"]) == (411, "length_required")
    status, _headers, body = ask("POST", "/import/", kind, "ja", **chunked)
    assert status == 411
    assert "Content-Lengthを付けて送信" in body.decode()
