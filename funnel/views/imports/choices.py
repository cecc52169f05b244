"""Pure. The words of the import page: kinds, fields, encodings, and what each kind cannot do without."""

from __future__ import annotations

from collections.abc import Collection

from funnel.ingest.columns import FIELDS
from funnel.words import Words

KIND_WORDS: dict[str, Words] = {
    "leads": Words("Leads", "リード"),
    "deals": Words("Deals", "商談"),
    "activities": Words("Activities", "活動"),
    "usage": Words("Usage of customers", "利用状況"),
    "spend": Words("Spend", "広告費・施策費用"),
    "traffic": Words("Visits", "訪問数"),
}
ENCODING_WORDS: dict[str, Words] = {
    "utf-8-sig": Words("UTF-8", "UTF-8"),
    "cp932": Words("Shift_JIS (Excel in Japanese)", "Shift_JIS(Excel)"),
    "euc_jp": Words("EUC-JP", "EUC-JP"),
    "utf-16": Words("UTF-16", "UTF-16"),
    "iso2022_jp": Words("ISO-2022-JP", "ISO-2022-JP(JIS)"),
}
DELIMITER_WORDS: dict[str, Words] = {
    ",": Words("Comma ( , )", "カンマ( , )"),
    ";": Words("Semicolon ( ; )", "セミコロン( ; )"),
    "\t": Words("Tab", "タブ"),
}
LAST = "last"
PRESET_WORDS: dict[str, Words] = {
    "": Words("By the headings", "見出しから推測"),
    LAST: Words("As last time", "前回と同じ"),
    "hubspot": Words("HubSpot export", "HubSpotのエクスポート"),
    "salesforce": Words("Salesforce export", "Salesforceのエクスポート"),
}
"""Where the choice of columns comes from."""
DATES_WORDS: dict[str, Words] = {
    "dmy": Words("Day first (25/03/2026)", "日が先(25/03/2026)"),
    "mdy": Words("Month first (03/25/2026)", "月が先(03/25/2026)"),
}
"""What comes first in dates with the year behind."""
FIELD_WORDS: dict[str, Words] = {
    "external_id": Words("External ID", "外部ID"),
    "lead_external_id": Words("External ID of the lead", "リードの外部ID"),
    "customer_external_id": Words("External ID of the customer", "顧客の外部ID"),
    "company": Words("Company", "会社名"),
    "name": Words("Name", "氏名・名称"),
    "last_name": Words("Family name", "姓"),
    "first_name": Words("Given name", "名"),
    "email": Words("E-mail", "メールアドレス"),
    "phone": Words("Phone", "電話番号"),
    "title": Words("Title", "役職"),
    "channel": Words("Channel", "流入経路"),
    "campaign": Words("Campaign", "キャンペーン"),
    "segment": Words("Segment", "セグメント"),
    "created_at": Words("Created", "作成日時"),
    "mql_at": Words("Certified MQL", "MQL認定日時"),
    "first_contact_at": Words("First contact", "初回コンタクト日時"),
    "sql_at": Words("Certified SQL", "SQL認定日時"),
    "won_at": Words("Won", "受注日"),
    "lost_at": Words("Lost", "失注日"),
    "closed_at": Words("Closed", "決着日"),
    "inside_sales_owner": Words("Inside Sales owner", "インサイドセールス担当"),
    "field_sales_owner": Words("Field Sales owner", "フィールドセールス担当"),
    "stage": Words("Stage", "段階"),
    "amount": Words("Amount", "金額"),
    "currency": Words("Currency", "通貨"),
    "reason": Words("Reason", "理由"),
    "product": Words("Product", "商品"),
    "kind": Words("Kind", "種別"),
    "direction": Words("Direction", "発信・受信"),
    "result": Words("Result", "結果"),
    "note": Words("Note", "メモ"),
    "occurred_at": Words("When", "日時"),
    "day": Words("Day", "日付"),
    "metric": Words("Metric", "指標"),
    "value": Words("Value", "値"),
    "visits": Words("Visits", "訪問数"),
}
NEEDED: dict[str, tuple[frozenset[frozenset[str]], ...]] = {
    kind: tuple(frozenset(frozenset(option.split("+")) for option in group.split("|")) for group in groups)
    for kind, groups in {
        "leads": ("external_id|email|company+name|company+last_name",),
        "deals": ("external_id|lead_external_id|company",),
        "activities": ("lead_external_id|email", "occurred_at"),
        "usage": ("customer_external_id|company", "day", "metric", "value"),
        "spend": ("day", "amount"),
        "traffic": ("day", "visits"),
    }.items()
}
"""Groups of alternatives; of every group one alternative must be among the columns."""


OF_ONE_PERSON = frozenset(
    {"external_id", "lead_external_id", "name", "last_name", "first_name", "email", "phone"}
)


def same_for_all(kind: str) -> tuple[str, ...]:
    """The fields that can be given one value for every row: all that do not tell the rows apart."""
    return tuple(field for field in FIELDS[kind] if field not in OF_ONE_PERSON)


def missing(kind: str, chosen: Collection[str]) -> list[Words]:
    """Say for each group that nothing was chosen for what would do: “External ID, or Company and Name”."""
    return [
        Words(_alternatives(group, "en", " or ", " and "), _alternatives(group, "ja", "、または", "と"))
        for group in NEEDED[kind]
        if not any(option <= set(chosen) for option in group)
    ]


def _alternatives(group: frozenset[frozenset[str]], language: str, or_: str, and_: str) -> str:
    order = list(FIELD_WORDS)
    options = sorted(sorted(option, key=order.index) for option in group)
    options.sort(key=lambda option: (len(option), order.index(option[0])))
    return or_.join(and_.join(FIELD_WORDS[field].say(language) for field in option) for option in options)
