"""What the API's door itself says, in both languages; the sentences of the rules are `funnel.errors.SENTENCES`. Pure."""

from __future__ import annotations

from funnel.words import Words

TITLES: dict[int, Words] = {
    400: Words("Bad request", "リクエストの形式が正しくありません"),
    401: Words("Not signed in", "認証が必要です"),
    403: Words("Not allowed", "権限がありません"),
    404: Words("Not found", "見つかりません"),
    405: Words("Method not allowed", "このメソッドは使えません"),
    406: Words("Not acceptable", "この形式では応答できません"),
    409: Words("Conflict", "現在の状態と矛盾します"),
    411: Words("Length required", "本文の長さが必要です"),
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
    "length_required": Words(
        "Send the body with its Content-Length.", "本文にはContent-Lengthを付けて送信してください。"
    ),
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
    "unsupported_charset": Words(
        "Send text as UTF-8: Content-Type names another charset.",
        "文字コードはUTF-8で送信してください(Content-Typeに別の文字コードが指定されています)。",
    ),
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
    "external_id_taken": Words(
        "This external id is already used by another record.", "この外部IDは別のデータで使われています。"
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
