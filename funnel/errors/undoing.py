"""What cannot be undone, and what to do instead. Pure."""

from __future__ import annotations

from funnel.words import Words

UNDOING: dict[str, Words] = {
    "already_undone": Words("This has already been undone.", "すでに取り消されています。"),
    "undo_since": Words(
        "“{what}” has been recorded since. Undo that first.",
        "この後に「{what}」が記録されています。先にそちらを取り消してください。",
    ),
    "undo_in_use": Words(
        "Usage or answers of this customer are recorded already. Record the end of the contract instead.",
        "このお客様の利用状況やアンケートがすでに記録されています。契約終了として記録してください。",
    ),
    "undo_a_capture": Words(
        "A lead is not undone. Close it as not a fit, or merge it with the one it doubles.",
        "リードの登録は取り消せません。対象外として終了するか、重複先と統合してください。",
    ),
    "undo_the_win": Words(
        "A contract is undone with its win. Undo “Won” instead.",
        "契約締結だけの取り消しはできません。「受注」を取り消してください。",
    ),
    "undo_the_sql": Words(
        "This deal was opened by its handover. Undo “Certified SQL” instead.",
        "この商談は引き渡しによって開始されました。「SQL認定」を取り消してください。",
    ),
    "undo_no_owner": Words(
        "{name} no longer works in this department, so it cannot be given back. Assign it to somebody else.",
        "{name}さんはすでにこの部門に所属していないため、担当を戻せません。別の担当者に割り当ててください。",
    ),
    "undo_an_undo": Words(
        "An undo is not undone. Record what happened anew.",
        "取り消しの取り消しはできません。あらためて記録してください。",
    ),
    "undo_not_this": Words(
        "“{what}” cannot be undone. Record how it really is; both stay in the history.",
        "「{what}」は取り消せません。正しい内容をあらためて記録してください(履歴には両方が残ります)。",
    ),
}
