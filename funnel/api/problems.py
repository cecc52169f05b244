"""Errors as problem documents (RFC 9457): a stable code, and a sentence in the caller's language."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.http.request import UnreadablePostError
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response

from funnel.api.sentences import DOOR_SENTENCES, TITLES
from funnel.errors import SENTENCES, BadValue, Refused
from funnel.words import Words

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
LOCK_NOT_AVAILABLE, QUERY_CANCELED = "55P03", "57014"
DEADLOCKS = frozenset({"40P01", "40001"})


class Fault(NamedTuple):
    """One field that cannot be used; `params` fill the sentence."""

    field: str
    code: str
    params: Mapping[str, object] = {}


class Invalid(Exception):
    """Input that does not have the declared shape; every fault is listed. Nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(", ".join(f"{f.field}: {f.code}" for f in faults))
        self.faults = list(faults)


class Turned(Exception):
    """A request turned away at the door, before any rule was asked."""

    def __init__(self, status: int, code: str, *, field: str | None = None, **params: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.field = field
        self.params = params


def sentence(code: str, params: Mapping[str, object] | None = None) -> str:
    """Say `code` in the active language."""
    language = translation.get_language()
    words = DOOR_SENTENCES.get(code) or SENTENCES[code]
    filled = {k: v.say(language) if isinstance(v, Words) else v for k, v in (params or {}).items()}
    return words.say(language, **filled)


def document(
    status: int,
    code: str,
    *,
    field: str | None = None,
    params: Mapping[str, object] | None = None,
    faults: Sequence[Fault] = (),
    detail: str = "",
) -> dict[str, Any]:
    """Return the members of a problem document."""
    said = {"field": field or "", **(params or {})}
    found: dict[str, Any] = {
        "type": f"/api/v1/problems/{code}/",
        "title": TITLES[status].say(translation.get_language()),
        "status": status,
        "detail": detail or sentence(code, said),
        "code": code,
    }
    if field:
        found["field"] = field
    if faults:
        found["errors"] = [
            {"field": f.field, "code": f.code, "detail": sentence(f.code, {"field": f.field, **f.params})}
            for f in faults
        ]
    return found


def _answer(status: int, code: str, *, headers: dict[str, str] | None = None, **more: Any) -> Response:
    return Response(document(status, code, **more), status=status, headers=headers, content_type=MEDIA_TYPE)


def _refused(exc: Refused | Turned) -> Response:
    known = exc.code in DOOR_SENTENCES or exc.code in SENTENCES
    # Planning and scopes refuse with sentences of their own.
    detail = "" if known or isinstance(exc, Turned) else exc.say(translation.get_language())
    return _answer(exc.status, exc.code, field=exc.field, params=exc.params, detail=detail)


def _invalid(exc: Invalid) -> Response:
    if len(exc.faults) == 1:
        only = exc.faults[0]
        return _answer(422, only.code, field=only.field or None, params=only.params, faults=exc.faults)
    return _answer(422, "invalid", faults=exc.faults)


def _shape(exc: exceptions.ValidationError) -> Response:
    codes = exc.get_codes()
    names = list(codes) if isinstance(codes, dict) else []
    return _answer(422, "invalid", field=str(names[0]) if names else None)


def _unauthenticated(exc: exceptions.APIException) -> Response:
    code = "invalid_token" if isinstance(exc, exceptions.AuthenticationFailed) else "not_authenticated"
    # The request said in which scheme to come back.
    return _answer(401, code, headers={"WWW-Authenticate": getattr(exc, "auth_header", "Bearer")})


def _denied(exc: Exception) -> Response:
    code = exc.get_codes() if isinstance(exc, exceptions.APIException) else "forbidden"
    if str(exc).startswith("CSRF"):
        code = "csrf_failed"
    return _answer(403, code if code in SENTENCES or code in DOOR_SENTENCES else "forbidden")


def _throttled(exc: Any) -> Response:
    seconds = max(1, int(exc.wait or 1))
    return _answer(429, "throttled", headers={"Retry-After": str(seconds)}, params={"seconds": seconds})


def _integrity(exc: IntegrityError) -> Response:
    constraint = getattr(getattr(exc.__cause__, "diag", None), "constraint_name", None)
    log.warning("conflict at constraint %s", constraint)
    if "external_id" in (constraint or ""):
        return _answer(409, "external_id_taken", field="external_id")
    return _answer(409, "conflict")


def _operational(exc: Exception) -> Response:
    code = getattr(exc.__cause__, "pgcode", None)
    if code == LOCK_NOT_AVAILABLE or code in DEADLOCKS:
        return _answer(409, "conflict", headers={"Retry-After": "1"})
    if code == QUERY_CANCELED:
        return _answer(503, "busy", headers={"Retry-After": "5"})
    log.error("database unavailable: %s", code)
    return _answer(503, "unavailable", headers={"Retry-After": "5"})


def _plain(status: int, code: str) -> Callable[[Any], Response]:
    return lambda exc: _answer(status, code)


KNOWN: tuple[tuple[type[Exception], Callable[[Any], Response]], ...] = (
    (Refused, _refused),
    (Turned, _refused),
    (Invalid, _invalid),
    (exceptions.ValidationError, _shape),
    (exceptions.ParseError, _plain(400, "malformed")),
    (exceptions.NotAuthenticated, _unauthenticated),
    (exceptions.AuthenticationFailed, _unauthenticated),
    (exceptions.PermissionDenied, _denied),
    (PermissionDenied, _denied),
    (exceptions.NotFound, _plain(404, "not_found")),
    (Http404, _plain(404, "not_found")),
    (ObjectDoesNotExist, _plain(404, "not_found")),
    (
        exceptions.MethodNotAllowed,
        lambda exc: _answer(405, "method_not_allowed", params={"method": exc.args[0] if exc.args else "it"}),
    ),
    (exceptions.NotAcceptable, _plain(406, "not_acceptable")),
    (exceptions.UnsupportedMediaType, _plain(415, "unsupported_media_type")),
    (exceptions.Throttled, _throttled),
    (RequestDataTooBig, _plain(413, "too_large")),
    (UnreadablePostError, _plain(400, "malformed")),
    (IntegrityError, _integrity),
    (DataError, _plain(422, "invalid")),
    (OperationalError, _operational),
    (InterfaceError, _operational),
)


def handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """Answer any exception of an API view with a problem document.

    What nobody foresaw is logged with its trace and answered 500, without a word of it to the caller.
    """
    for kind, answer in KNOWN:
        if isinstance(exc, kind):
            return answer(exc)
    request = context.get("request")
    log.error("unforeseen at %s", getattr(request, "path", ""), exc_info=exc)
    got_request_exception.send(sender=None, request=getattr(request, "_request", None))
    return _answer(500, "internal")


@csrf_exempt
def no_such_address(request: HttpRequest) -> JsonResponse:
    """Answer for addresses under /api/ that do not exist."""
    return JsonResponse(document(404, "no_such_address"), status=404, content_type=MEDIA_TYPE)


def as_fault(exc: BadValue, field: str) -> Fault:
    """Return a refused value as a fault of the field it came in."""
    return Fault(field, exc.code, {k: v for k, v in exc.params.items() if k != "field"})
