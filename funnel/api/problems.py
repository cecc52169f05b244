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

from funnel.errors import SENTENCES, BadValue, Refused
from funnel.words import Words

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
LOCK_NOT_AVAILABLE, QUERY_CANCELED = "55P03", "57014"
DEADLOCKS = frozenset({"40P01", "40001"})

TITLES: dict[int, Words] = {
    400: Words("Bad request", "リクエストの形式が正しくありません"),
    401: Words("Not signed in", "認証が必要です"),
    403: Words("Not allowed", "権限がありません"),
    404: Words("Not found", "見つかりません"),
    405: Words("Method not allowed", "このメソッドは使えません"),
    406: Words("Not acceptable", "この形式では応答できません"),
    409: Words("Conflict", "現在の状態と矛盾します"),
    413: Words("Too large", "リクエストが大きすぎます"),
    415: Words("Unsupported media type", "対応していない形式です"),
    422: Words("Invalid input", "入力内容に誤りがあります"),
    429: Words("Too many requests", "リクエストが多すぎます"),
    500: Words("Internal error", "内部エラー"),
    503: Words("Unavailable", "一時的に利用できません"),
}

DOOR_SENTENCES: dict[str, Words] = {
    "malformed": Words(
        "The body cannot be read as JSON. Send one UTF-8 JSON value.",
        "本文をJSONとして読み取れません。UTF-8のJSONを送信してください。",
    ),
    "too_deep": Words("The JSON is nested too deeply.", "JSONの入れ子が深すぎます。"),
    "too_large": Words("The body is larger than 1 MB.", "本文が1MBを超えています。"),
    "not_authenticated": Words(
        "Send a token: Authorization: Bearer …",
        "Authorization: Bearer … の形式でトークンを送信してください。",
    ),
    "invalid_token": Words(
        "This token is unknown, expired or revoked. Ask an administrator for a new one.",
        "このトークンは無効か、期限切れです。管理者に再発行を依頼してください。",
    ),
    "forbidden": Words("You may not do this.", "この操作を行う権限がありません。"),
    "csrf_failed": Words(
        "The form has expired. Reload the page and try again.",
        "画面の有効期限が切れました。再読み込みしてもう一度お試しください。",
    ),
    "not_found": Words("There is nothing here.", "該当するデータがありません。"),
    "no_such_address": Words(
        "This address does not exist. Addresses end with a slash; see /api/docs/.",
        "このアドレスは存在しません。アドレスは「/」で終わります。/api/docs/を参照してください。",
    ),
    "method_not_allowed": Words(
        "This address does not take {method}.", "このアドレスでは{method}を使えません。"
    ),
    "not_acceptable": Words("Answers are JSON only.", "応答形式はJSONのみです。"),
    "unsupported_media_type": Words(
        "Send the body as application/json.", "本文はapplication/jsonで送信してください。"
    ),
    "throttled": Words(
        "Too many requests. Wait {seconds} seconds.",
        "リクエストが多すぎます。{seconds}秒待ってから再送してください。",
    ),
    "idempotency_key_reused": Words(
        "This Idempotency-Key was used for another request. Use a new key.",
        "このIdempotency-Keyは別のリクエストに使われています。新しいキーを使ってください。",
    ),
    "idempotency_key_invalid": Words(
        "An Idempotency-Key has 1 to 255 printable ASCII characters.",
        "Idempotency-Keyは印字可能なASCII文字1〜255字で指定してください。",
    ),
    "bad_cursor": Words(
        "Take the cursor from “next” of the page before.",
        "cursorには前のページの「next」の値を使ってください。",
    ),
    "invalid": Words(
        "Some values cannot be used; see errors.", "使えない値があります。errorsを確認してください。"
    ),
    "not_an_object": Words("Send a JSON object.", "JSONオブジェクトを送信してください。"),
    "not_a_list": Words("Send a list of objects.", "オブジェクトの配列を送信してください。"),
    "unknown_field": Words("“{field}” is not a field here.", "「{field}」という項目はありません。"),
    "required": Words("“{field}” is required.", "「{field}」は必須です。"),
    "null": Words("“{field}” cannot be null.", "「{field}」をnullにはできません。"),
    "blank": Words("“{field}” cannot be blank.", "「{field}」を空にはできません。"),
    "not_text": Words("“{field}” must be a string.", "「{field}」は文字列で指定してください。"),
    "bad_characters": Words(
        "“{field}” has characters that cannot be stored.", "「{field}」に保存できない文字が含まれています。"
    ),
    "too_long": Words("“{field}” is too long.", "「{field}」が長すぎます。"),
    "not_a_number": Words("“{field}” must be a whole number.", "「{field}」は整数で指定してください。"),
    "not_a_flag": Words("“{field}” must be true or false.", "「{field}」はtrueかfalseで指定してください。"),
    "out_of_range": Words("“{field}” is out of range.", "「{field}」の値が範囲外です。"),
    "zone_required": Words(
        "“{field}” needs a zone. Write 2026-05-01T09:00:00+09:00.",
        "「{field}」には時差が必要です。2026-05-01T09:00:00+09:00のように指定してください。",
    ),
    "bad_moment": Words(
        "“{field}” is not a date and time. Write 2026-05-01T09:00:00+09:00.",
        "「{field}」は日時ではありません。2026-05-01T09:00:00+09:00のように指定してください。",
    ),
    "bad_currency": Words(
        "A currency has three capital letters, for example JPY.",
        "通貨はJPYのように英大文字3字で指定してください。",
    ),
    "too_many": Words("At most {limit} rows at once.", "一度に送信できるのは{limit}行までです。"),
    "unknown_record": Words("“{field}” names nothing we know.", "「{field}」に該当するデータがありません。"),
    "busy": Words(
        "The request took too long and was given up. Try again.",
        "処理に時間がかかったため中断しました。もう一度お試しください。",
    ),
    "unavailable": Words(
        "The database does not answer just now. Try again in a moment.",
        "データベースに接続できません。しばらくしてからお試しください。",
    ),
    "internal": Words(
        "Something went wrong on our side. It has been logged; nothing was written.",
        "システム側で問題が発生しました。記録済みで、データは書き込まれていません。",
    ),
}
"""Sentences of the API door itself; those of the rules are `funnel.errors.SENTENCES`."""


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


def _refused(exc: Refused) -> Response:
    # Readings refuse with sentences of their own.
    detail = "" if exc.code in SENTENCES else exc.say(translation.get_language())
    return _answer(exc.status, exc.code, field=exc.field, params=exc.params, detail=detail)


def _turned(exc: Turned) -> Response:
    return _answer(exc.status, exc.code, field=exc.field, params=exc.params)


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
    (Turned, _turned),
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
