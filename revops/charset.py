"""Requests speak UTF-8: another charset in Content-Type is refused before Django decodes anything by it."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterable
from typing import Any

from django.utils import translation
from django.utils.http import parse_header_parameters

SPOKEN = frozenset({"utf-8", "ascii"})
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def utf8_only(application: Application) -> Application:
    """Answer 415 to a charset that is not UTF-8; pass everything else on.

    Django reads the query string by that charset while it builds the request, where nothing can catch what
    a codec for something else than text raises.
    """

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if _is_spoken(environ.get("CONTENT_TYPE", "")):
            return application(environ, start_response)
        language = "ja" if environ.get("HTTP_ACCEPT_LANGUAGE", "").startswith("ja") else "en"
        with translation.override(language):
            body, kind = _refusal(environ.get("PATH_INFO", ""))
        headers = [
            ("Content-Type", kind), ("Content-Length", str(len(body))), ("Content-Language", language),
            ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
        ]  # fmt: skip
        start_response("415 Unsupported Media Type", headers)
        return [body]

    return guarded


def _refusal(path: str) -> tuple[bytes, str]:
    # Loaded here: the application that is guarded sets Django up.
    from funnel.api.problems import MEDIA_TYPE, document, sentence

    if path.startswith("/api/"):
        problem = document(415, "unsupported_charset", field="Content-Type")
        return json.dumps(problem, ensure_ascii=False).encode(), MEDIA_TYPE
    return sentence("unsupported_charset").encode(), "text/plain; charset=utf-8"


def _is_spoken(content_type: str) -> bool:
    charset = parse_header_parameters(content_type)[1].get("charset", "utf-8")
    try:
        return codecs.lookup(charset).name in SPOKEN
    except (LookupError, ValueError):
        return False
