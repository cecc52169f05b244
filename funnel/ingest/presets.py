"""Pure. Where the standard exports of other systems put each field, in English, in Japanese and by their API names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

LEAST = 4
"""Headings of a system that a file must have to be taken for its export."""

PRESETS: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "hubspot": {
        "leads": {
            "external_id": ("Record ID", "Record ID - Contact", "レコードID", "レコードID - コンタクト", "hs_object_id"),
            "company": ("Company Name", "Associated Company", "会社名", "関連付けられた会社"),
            "last_name": ("Last Name", "姓"),
            "first_name": ("First Name", "名"),
            "email": ("Email", "Eメール", "メールアドレス"),
            "phone": ("Phone Number", "Mobile Phone Number", "電話番号", "携帯電話番号"),
            "title": ("Job Title", "役職"),
            "channel": (
                "Original Source", "Original Traffic Source", "オリジナルソース", "オリジナル トラフィック ソース",
                "オリジナルソースタイプ", "元のソース", "hs_analytics_source",
            ),
            "campaign": ("First Conversion", "Recent Conversion", "最初のコンバージョン", "最近のコンバージョン"),
            "segment": ("Industry", "業種"),
            "created_at": ("Create Date", "作成日", "createdate"),
            "mql_at": (
                "Became a Marketing Qualified Lead Date", "Became a marketing qualified lead date",
                "MQLになった日付", "MQLになった日", "マーケティングクオリファイドリードになった日",
                "MQL（マーケティング クオリファイド リード）になった日付",
            ),
            "first_contact_at": ("First Outreach Date", "最初のアウトリーチ日"),
            "sql_at": (
                "Became a Sales Qualified Lead Date", "Became a sales qualified lead date", "SQLになった日付",
                "SQLになった日", "セールスクオリファイドリードになった日",
                "SQL（セールス クオリファイド リード）になった日付",
            ),
            "inside_sales_owner": ("Contact owner", "コンタクト担当者", "コンタクトの担当者", "hubspot_owner_id"),
        },
        "deals": {
            "external_id": ("Record ID", "Record ID - Deal", "Deal ID", "レコードID", "レコードID - 取引"),
            "lead_external_id": (
                "Associated Contact IDs", "Associated Contact ID", "関連付けられたコンタクトのID",
                "関連付けられたコンタクトID", "関連コンタクトID",
            ),
            "company": ("Associated Company", "関連付けられた会社", "関連会社"),
            "stage": ("Deal Stage", "取引ステージ", "dealstage"),
            "amount": ("Amount", "金額"),
            "currency": ("Currency", "通貨"),
            "created_at": ("Create Date", "作成日"),
            "closed_at": ("Close Date", "クローズ日", "closedate"),
            "reason": ("Closed Lost Reason", "失注理由", "クローズ失注の理由"),
            "field_sales_owner": ("Deal owner", "取引担当者", "取引の担当者"),
            "product": ("Deal Name", "取引名", "dealname"),
        },
    },
    "salesforce": {
        "leads": {
            "external_id": (
                "Lead ID", "Contact ID", "リード ID", "リードID", "取引先責任者 ID", "取引先責任者ID", "Id",
            ),
            "company": ("Company / Account", "Company", "Account Name", "会社 / 取引先", "会社名", "会社", "取引先名"),
            "last_name": ("Last Name", "姓"),
            "first_name": ("First Name", "名"),
            "email": ("Email", "メール"),
            "phone": ("Phone", "Business Phone", "Mobile", "電話", "携帯", "携帯電話"),
            "title": ("Title", "役職"),
            "channel": ("Lead Source", "リードソース", "LeadSource"),
            "campaign": ("Campaign Name", "Primary Campaign Source", "キャンペーン名", "主キャンペーンソース"),
            "segment": ("Industry", "業種"),
            "created_at": ("Created Date", "Create Date", "作成日", "CreatedDate"),
            "sql_at": ("Converted Date", "取引開始日", "取引の開始日", "ConvertedDate"),
            "inside_sales_owner": (
                "Lead Owner", "Contact Owner", "リード 所有者", "リード所有者", "取引先責任者 所有者",
                "取引先責任者所有者", "OwnerId",
            ),
        },
        "deals": {
            "external_id": ("Opportunity ID", "商談 ID", "商談ID", "Id"),
            "lead_external_id": ("Lead ID", "Contact ID", "リード ID", "取引先責任者 ID", "ContactId"),
            "company": ("Account Name", "取引先名"),
            "stage": ("Stage", "フェーズ", "StageName"),
            "amount": ("Amount", "金額"),
            "currency": ("Opportunity Currency", "Amount Currency", "商談 通貨", "商談通貨", "金額 通貨", "CurrencyIsoCode"),
            "created_at": ("Created Date", "作成日", "CreatedDate"),
            "closed_at": ("Close Date", "完了予定日", "CloseDate"),
            "reason": ("Loss Reason", "失注理由"),
            "field_sales_owner": ("Opportunity Owner", "商談 所有者", "商談所有者", "OwnerId"),
            "product": ("Opportunity Name", "商談名", "Name"),
        },
    },
}  # fmt: skip
"""Alternatives in order of preference; columns a given export leaves out are simply not read."""

# Headings that only one system writes; the others are everybody's words.
OWN: dict[str, frozenset[str]] = {
    "hubspot": frozenset({
        "Record ID", "Record ID - Contact", "Record ID - Deal", "レコードID", "レコードID - コンタクト", "レコードID - 取引",
        "Contact owner", "コンタクト担当者", "コンタクトの担当者", "Deal Stage", "取引ステージ", "Deal owner", "取引担当者",
        "取引の担当者", "Original Source", "Original Traffic Source", "オリジナルソース", "オリジナル トラフィック ソース",
        "取引名", "Lifecycle Stage", "ライフサイクルステージ",
    }),
    "salesforce": frozenset({
        "Lead ID", "リード ID", "Lead Owner", "リード 所有者", "リード所有者", "Opportunity ID", "商談 ID",
        "Opportunity Name", "商談名", "Opportunity Owner", "商談 所有者", "商談所有者", "Company / Account", "会社 / 取引先",
        "Contact ID", "取引先責任者 ID", "Contact Owner", "取引先責任者 所有者", "Lead Source",
        "リードソース", "フェーズ", "完了予定日",
        "LeadSource", "StageName", "CloseDate", "OwnerId",
    }),
}  # fmt: skip


def recognise(kind: str, header: Iterable[str], fold: Callable[[str], str]) -> str | None:
    """The system whose export a header looks like: several of its headings, two of them nobody else's."""
    found = {fold(heading) for heading in header}
    best: tuple[int, str] | None = None
    for name, kinds in PRESETS.items():
        fields: Mapping[str, tuple[str, ...]] = kinds.get(kind, {})
        hits = sum(any(fold(alias) in found for alias in aliases) for aliases in fields.values())
        own = sum(fold(heading) in found for heading in OWN[name])
        if hits >= LEAST and own > 1 and (best is None or own > best[0]):
            best = (own, name)
    return best[1] if best else None
