"""Requests speak UTF-8 and say how long they are: what does not is refused before Django reads anything of it."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.utils import translation
from django.utils.http import parse_header_parameters

SPOKEN = frozenset({"utf-8", "ascii"})
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def readable_only(application: Application) -> Application:
    """Answer 415 to a charset that is not UTF-8, 411 to a body sent in chunks; pass everything else on.

    Django reads the query string by the charset while it builds the request, where nothing can catch what a codec for
    something else than text raises; and a body without a length it takes for an empty one.
    """

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        refused = _refused(environ)
        if refused is None:
            return application(environ, start_response)
        status, code, field = refused
        language = "ja" if environ.get("HTTP_ACCEPT_LANGUAGE", "").startswith("ja") else "en"
        with translation.override(language):
            body, kind = _refusal(environ.get("PATH_INFO", ""), status, code, field)
        headers = [
            ("Content-Type", kind), ("Content-Length", str(len(body))), ("Content-Language", language),
            ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
        ]  # fmt: skip
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    return guarded


def _refused(environ: dict[str, Any]) -> tuple[HTTPStatus, str, str] | None:
    if not _is_spoken(environ.get("CONTENT_TYPE", "")):
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_charset", "Content-Type"
    if environ.get("HTTP_TRANSFER_ENCODING") and not environ.get("CONTENT_LENGTH"):
        return HTTPStatus.LENGTH_REQUIRED, "length_required", "Content-Length"
    return None


def _refusal(path: str, status: HTTPStatus, code: str, field: str) -> tuple[bytes, str]:
    # Loaded here: the application that is guarded sets Django up.
    from funnel.api.problems import MEDIA_TYPE, document, sentence

    if path.startswith("/api/"):
        problem = document(status.value, code, field=field)
        return json.dumps(problem, ensure_ascii=False).encode(), MEDIA_TYPE
    return sentence(code).encode(), "text/plain; charset=utf-8"


def _is_spoken(content_type: str) -> bool:
    charset = parse_header_parameters(content_type)[1].get("charset", "utf-8")
    try:
        return codecs.lookup(charset).name in SPOKEN
    except (LookupError, ValueError):
        return False
