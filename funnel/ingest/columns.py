"""Pure. Which column of a file holds which field: guessed from its header, named by a preset, or said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from funnel.ingest.presets import PRESETS
from funnel.ingest.presets import recognise as _recognise
from funnel.ingest.reasons import FileRefused
from funnel.spreadsheet import plain

MOST_COLUMNS = 500
_NUMBERED = re.compile(r"#(\d{1,4})")

ERROR_COLUMNS = {
    "en": ("Error line", "Error code", "Error reason"),
    "ja": ("エラー行", "エラーコード", "エラー理由"),
}
"""What stands before the columns of a file of rejected rows."""

FIELDS: dict[str, tuple[str, ...]] = {
    "leads": (
        "external_id", "company", "name", "email", "phone", "title", "channel", "campaign", "segment",
        "created_at", "mql_at", "first_contact_at", "sql_at", "inside_sales_owner", "last_name", "first_name",
    ),
    "deals": (
        "external_id", "lead_external_id", "company", "name", "stage", "amount", "currency", "created_at", "won_at",
        "lost_at", "reason", "inside_sales_owner", "field_sales_owner", "segment", "product", "closed_at",
    ),
    "activities": (
        "external_id", "lead_external_id", "email", "kind", "direction", "result", "note", "occurred_at",
    ),
    "usage": ("customer_external_id", "company", "day", "metric", "value"),
    "spend": ("day", "channel", "campaign", "amount"),
    "traffic": ("day", "channel", "campaign", "visits"),
}  # fmt: skip
"""The fields of each kind, in the order rows are read. `last_name` and `first_name` make up a missing name;
`closed_at` is the won or the lost date, as the stage says."""

_EXTERNAL = ("externalid", "外部id", "id", "recordid", "レコードid")
_COMPANY = (
    "company", "companyname", "account", "accountname", "organization", "organisation", "会社", "会社名", "企業",
    "企業名", "法人名", "社名", "取引先", "取引先名", "顧客名", "貴社名", "勤務先", "勤務先名",
)  # fmt: skip
_NAME = ("name", "fullname", "contactname", "氏名", "名前", "お名前", "担当者名", "担当者氏名", "リード名")
_EMAIL = ("email", "emailaddress", "mail", "mailaddress", "メール", "メールアドレス", "eメール", "電子メール")
_CHANNEL = (
    "channel", "source", "leadsource", "origin", "originalsource", "流入経路", "チャネル", "チャンネル", "流入元",
    "獲得経路", "リードソース", "媒体", "経路",
)  # fmt: skip
_CAMPAIGN = (
    "campaign", "campaignname", "landingpage", "landingpageid", "キャンペーン", "キャンペーン名", "施策", "施策名",
    "ランディングページ", "lp",
)  # fmt: skip
_CREATED = (
    "createdat", "created", "createdate", "createddate", "登録日", "登録日時", "作成日", "作成日時", "獲得日",
    "獲得日時", "発生日",
)  # fmt: skip
_SEGMENT = ("segment", "businesssegment", "industry", "セグメント", "業種", "業界")
_INSIDE = (
    "insidesalesowner", "leadowner", "contactowner", "sdr", "sdrid", "インサイドセールス担当", "is担当",
    "is担当者", "リード所有者", "リード担当",
)  # fmt: skip
_AMOUNT = ("amount", "value", "dealamount", "金額", "商談金額", "受注金額", "契約金額", "売上")
_DAY = ("day", "date", "日付", "日", "年月日", "対象日")

HEADINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "leads": {
        "external_id": (*_EXTERNAL, "leadid", "contactid", "リードid", "顧客id"),
        "company": _COMPANY,
        "name": _NAME,
        "email": _EMAIL,
        "phone": ("phone", "phonenumber", "tel", "telephone", "電話", "電話番号", "携帯番号"),
        "title": ("title", "jobtitle", "position", "役職", "肩書", "部署役職"),
        "channel": _CHANNEL,
        "campaign": _CAMPAIGN,
        "segment": _SEGMENT,
        "created_at": _CREATED,
        "mql_at": (
            "mqlat", "mqldate", "becameamarketingqualifiedleaddate", "mql日", "mql日時", "mql化日", "mql認定日",
            "mql認定日時",
        ),
        "first_contact_at": (
            "firstcontactat", "firstcontactdate", "firstcontact", "初回接触日", "初回接触日時", "初回コンタクト日",
            "初回対応日", "初回対応日時", "初回架電日",
        ),
        "sql_at": (
            "sqlat", "sqldate", "becameasalesqualifiedleaddate", "converteddate", "sql日", "sql日時", "sql化日",
            "sql認定日", "商談化日", "商談化日時",
        ),
        "inside_sales_owner": (*_INSIDE, "owner", "担当者", "担当", "所有者"),
        "last_name": ("lastname", "familyname", "surname", "姓", "氏"),
        "first_name": ("firstname", "givenname", "名"),
    },
    "deals": {
        "external_id": (*_EXTERNAL, "dealid", "opportunityid", "商談id", "案件id"),
        "lead_external_id": ("leadexternalid", "leadid", "リードid", "contactid", "associatedcontactids"),
        "company": _COMPANY,
        "name": _NAME,
        "stage": ("stage", "dealstage", "status", "段階", "フェーズ", "商談フェーズ", "ステージ", "状態", "ステータス"),
        "amount": _AMOUNT,
        "currency": ("currency", "currencycode", "通貨", "通貨コード"),
        "created_at": (*_CREATED, "商談開始日", "商談日", "商談作成日"),
        "won_at": ("wonat", "wondate", "closedwondate", "受注日", "受注日時", "成約日", "契約日"),
        "lost_at": ("lostat", "lostdate", "closedlostdate", "失注日", "失注日時"),
        "reason": ("reason", "lossreason", "closedlostreason", "失注理由", "受注理由", "理由"),
        "inside_sales_owner": _INSIDE,
        "field_sales_owner": (
            "fieldsalesowner", "owner", "dealowner", "opportunityowner", "srid", "ae", "フィールドセールス担当",
            "fs担当", "fs担当者", "営業担当", "営業担当者", "商談所有者", "担当者", "担当",
        ),
        "segment": _SEGMENT,
        "product": ("product", "productname", "商品", "商品名", "製品", "製品名", "サービス", "プラン"),
        "closed_at": ("closedat", "closedate", "完了予定日", "クローズ日", "完了日", "決着日"),
    },
    "activities": {
        "external_id": (*_EXTERNAL, "activityid", "活動id"),
        "lead_external_id": ("leadexternalid", "leadid", "リードid", "contactid"),
        "email": _EMAIL,
        "kind": ("kind", "type", "activitytype", "種別", "種類", "活動種別", "活動内容"),
        "direction": ("direction", "方向", "発着信", "発信受信"),
        "result": ("result", "outcome", "結果", "通話結果"),
        "note": ("note", "notes", "memo", "comment", "description", "メモ", "備考", "内容", "コメント"),
        "occurred_at": ("occurredat", "at", "date", "datetime", "activitydate", "日時", "活動日時", "活動日", "実施日"),
    },
    "usage": {
        "customer_external_id": ("customerexternalid", "customerid", "externalid", "顧客id", "契約id", "外部id"),
        "company": _COMPANY,
        "day": _DAY,
        "metric": ("metric", "指標", "項目", "利用指標"),
        "value": ("value", "count", "値", "数値", "件数"),
    },
    "spend": {
        "day": _DAY,
        "channel": _CHANNEL,
        "campaign": _CAMPAIGN,
        "amount": (*_AMOUNT, "spend", "cost", "費用", "広告費", "コスト", "支出"),
    },
    "traffic": {
        "day": _DAY,
        "channel": _CHANNEL,
        "campaign": _CAMPAIGN,
        "visits": ("visits", "visitors", "sessions", "users", "訪問数", "訪問者数", "セッション", "セッション数"),
    },
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Where each field of a kind stands. `order` holds one position per field of `FIELDS[kind]`: positions up
    to `width` are cells, those from `width` on point into `tail` (constants, and one blank for what is absent)."""

    kind: str
    header: tuple[str, ...]
    width: int
    order: tuple[int, ...]
    tail: tuple[str, ...]
    columns: Mapping[str, str]
    places: Mapping[str, int]
    ignored: tuple[str, ...]
    returned: bool = False

    def values(self, cells: list[str]) -> list[str]:
        """The cells of one row in the order of the fields, without surrounding space.

        In a file of rejected rows that comes back, the mark that keeps a cell from being a formula is taken off.
        """
        if self.returned:
            cells = [plain(cell) for cell in cells]
        wide = [*cells, *self.tail]
        return [wide[i].strip() for i in self.order]


def fold(heading: str) -> str:
    """A heading without width, case, spaces and punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKC", heading).casefold() if c.isalnum())


def layout(
    kind: str,
    header: Sequence[str],
    *,
    mapping: Mapping[str, str] | None = None,
    preset: str | None = None,
    constants: Mapping[str, str] | None = None,
) -> Layout:
    """Decide where each field of `kind` is read from.

    What is said (`mapping`: field → heading, or "#3" for the third column; `constants`: field → value) wins over
    the preset, the preset over guessing; a column named once is not guessed again. Raises FileRefused
    (too_many_columns, unknown_column, column_twice, bad_choice, no_known_column).
    """
    if len(header) > MOST_COLUMNS:
        raise FileRefused("too_many_columns", field="file", limit=MOST_COLUMNS)
    said, fixed = dict(mapping or {}), dict(constants or {})
    for field in (*said, *fixed):
        _known("field", field, FIELDS[kind])
    if preset is not None:
        _known("preset", preset, tuple(PRESETS))
    places = {field: _place(header, heading) for field, heading in said.items()}
    _guess(kind, header, preset, places, fixed)
    if not places:
        raise FileRefused("no_known_column", field="file", choices=", ".join(FIELDS[kind]))
    tail = [*fixed.values(), ""]
    position = {field: len(header) + i for i, field in enumerate(fixed)}
    blank = len(header) + len(tail) - 1
    used = set(places.values())
    return Layout(
        kind=kind,
        header=tuple(header),
        width=len(header),
        order=tuple(places.get(field, position.get(field, blank)) for field in FIELDS[kind]),
        tail=tuple(tail),
        columns={field: header[i] for field, i in places.items()} | {f: f"={v}" for f, v in fixed.items()},
        places=places,
        ignored=tuple(h for i, h in enumerate(header) if i not in used and h.strip()),
        returned=tuple(header[:3]) in ERROR_COLUMNS.values(),
    )


def _guess(
    kind: str, header: Sequence[str], preset: str | None, places: dict[str, int], fixed: Mapping[str, str]
) -> None:
    """Claim columns by the headings of the preset, then by what people call each field."""
    exact = {fold(h): i for i, h in reversed(list(enumerate(header)))}
    wanted = PRESETS[preset].get(kind, {}) if preset else {}
    for headings in (wanted, HEADINGS[kind]):
        for field in FIELDS[kind]:
            for alias in headings.get(field, ()):
                _claim(places, fixed, field, exact.get(fold(alias)))


def _claim(places: dict[str, int], fixed: Mapping[str, str], field: str, at: int | None) -> None:
    if at is not None and field not in places and field not in fixed and at not in places.values():
        places[field] = at


def _known(what: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise FileRefused("bad_choice", field=what, value=value, choices=", ".join(choices))


def recognise(kind: str, header: Sequence[str]) -> str | None:
    """The preset whose export this header looks like."""
    return _recognise(kind, header, fold)


def named(header: Sequence[str], place: int) -> str:
    """How `mapping` names a column: by its heading, by its number where that is blank or not the only one."""
    heading = header[place].strip()
    alone = bool(heading) and [h.strip() for h in header].count(heading) == 1
    return heading if alone and not _NUMBERED.fullmatch(heading) else f"#{place + 1}"


def _place(header: Sequence[str], heading: str) -> int:
    numbered = _NUMBERED.fullmatch(heading.strip())
    if numbered and 0 < int(numbered[1]) <= len(header):
        return int(numbered[1]) - 1
    exact = [i for i, h in enumerate(header) if h.strip() == heading.strip()]
    found = exact or [i for i, h in enumerate(header) if fold(h) == fold(heading)]
    if not found:
        raise FileRefused("unknown_column", field="map", value=heading, choices=", ".join(header)[:500])
    if len(found) > 1:
        raise FileRefused("column_twice", field="map", value=heading)
    return found[0]
