"""What cannot be done: by this person, or with a lead, deal, handoff or customer as it stands. Pure."""

from __future__ import annotations

from funnel.words import Words

DOING: dict[str, Words] = {
    "not_yours": Words(
        "This is done by {departments}. Ask someone there, or have a membership added.",
        "この操作は{departments}が行います。担当者に依頼するか、所属の追加を管理者に依頼してください。",
    ),
    "read_only": Words(
        "You can look, but not write. Ask an administrator for a membership.",
        "閲覧のみの権限です。書き込みには管理者に所属の追加を依頼してください。",
    ),
    "leads_only": Words(
        "Done by the lead of a department or an administrator. Ask one of them.",
        "部門のリーダーまたは管理者が行う操作です。リーダーか管理者に依頼してください。",
    ),
    "erase_the_kept_one": Words(
        "This record was merged into another one. Erase the person there.",
        "この記録は別の記録に統合されています。統合先の人物を消去してください。",
    ),
    "undo_not_now": Words(
        "This file is not in a state to be undone. Reload to see where it stands.",
        "このファイルは現在取り消せません。画面を更新して状態を確認してください。",
    ),
    "undo_nothing": Words(
        "This file changed nothing that could be undone.", "このファイルには取り消せる変更がありません。"
    ),
    "undo_too_late": Words(
        "A file can be undone for 24 hours. Correct single records instead.",
        "取り消せるのは取り込みから24時間以内です。個別の記録を訂正してください。",
    ),
    "move_not_allowed": Words(
        "A lead at “{stage}” cannot do this. Reload to see where it stands now.",
        "「{stage}」のリードにはこの操作はできません。画面を更新して現在の段階を確認してください。",
    ),
    "lead_closed": Words(
        "This lead is already closed ({outcome}). Start a new pass for the person instead.",
        "このリードはすでに終了しています({outcome})。必要な場合は新しいリードとして登録してください。",
    ),
    "lead_open": Words(
        "This person already has an open lead. Continue with that one.",
        "この方には対応中のリードがすでにあります。そちらを続けてください。",
    ),
    "deal_not_open": Words(
        "This deal is “{state}” and cannot be changed this way. Reload to see where it stands.",
        "この商談は「{state}」のため変更できません。画面を更新して確認してください。",
    ),
    "deal_not_won": Words("This needs a won deal.", "受注済みの商談が必要です。"),
    "administrators_only": Words(
        "This is done by administrators. Ask one of them.",
        "この操作は管理者が行います。管理者に依頼してください。",
    ),
    "not_pending": Words(
        "Somebody else has already {decision} this handoff. Reload to see who.",
        "この引き渡しはすでに{decision}されています。画面を更新して確認してください。",
    ),
    "already_taken": Words(
        "{name} was quicker and has taken this handoff. A lead can assign it anew.",
        "先に{name}さんが引き受けました。担当を変えるには部門のリーダーに依頼してください。",
    ),
    "handoff_over": Words(
        "This handoff is over; it needs no owner any more.",
        "この引き渡しは終了しているため、担当の割り当ては不要です。",
    ),
    "not_returned": Words(
        "This handoff was not returned; it cannot be sent again.",
        "差し戻されていない引き渡しは再送できません。",
    ),
    "not_missed": Words("Only a missed promise can be excused.", "遅延した引き渡しだけが対象です。"),
    "bant_required": Words(
        "Confirm at least {needed} of budget, authority, need and timeline before handing over.",
        "引き渡す前に、予算・決裁権・ニーズ・導入時期のうち{needed}項目以上を確認してください。",
    ),
    "sheet_reason_required": Words(
        "The customer sheet is {percent} % complete ({threshold} % agreed). Fill it in, or say why it is handed over now.",
        "顧客情報シートの完成度は{percent}%です(基準{threshold}%)。補うか、今引き渡す理由を入力してください。",
    ),
    "spam": Words("Spam or a duplicate cannot become an MQL.", "迷惑・重複はMQLにできません。"),
    "name_conflict": Words(
        "This external id already belongs to another person.", "この外部IDは別の方に登録されています。"
    ),
    "email_taken": Words(
        "Another person has this e-mail address. Merge the two instead.",
        "このメールアドレスは別の方に登録されています。名寄せ統合してください。",
    ),
    "two_customers": Words(
        "Both companies have contracts. They cannot be merged: their usage and revenue would mix.",
        "両社とも契約のある顧客のため統合できません。利用状況や売上が混ざってしまいます。",
    ),
    "person_known": Words(
        "Somebody of this name is known there already. Add what is missing to that person.",
        "同じ氏名の方がこの会社に登録済みです。その方の情報に追記してください。",
    ),
    "kickoff_missing": Words("Set the kickoff first.", "先にキックオフ日時を設定してください。"),
    "no_lead": Words(
        "This customer came without a lead, so no deal can be added. Add a lead first.",
        "この顧客にはリードの記録がないため、商談を追加できません。先にリードを追加してください。",
    ),
    "no_contract": Words("This customer has no running contract.", "有効な契約がありません。"),
    "contract_started": Words(
        "The contract has started; end it instead.",
        "契約が開始しているため、契約終了として記録してください。",
    ),
    "reopen_too_late": Words(
        "A deal can be reopened within 90 days. Open a new one.",
        "再開できるのは90日以内です。新しい商談を登録してください。",
    ),
    "already_done": Words("This has already been recorded.", "すでに記録されています。"),
    "conflict": Words(
        "Somebody else changed this a moment ago. Reload and try again.",
        "他の人が先に変更しました。画面を更新してもう一度お試しください。",
    ),
    "not_correctable": Words("This event cannot be corrected.", "この記録は訂正できません。"),
    "other_account": Words("Choose a deal of the same company.", "同じ企業の別の商談を選んでください。"),
    "meeting_closed": Words(
        "This meeting is over. Open it again to go on.",
        "この会議は終了しています。続けるには再開してください。",
    ),
    "improvement_over": Words(
        "It is done or dropped already. Open it again first.",
        "すでに完了または中止されています。先に再開してください。",
    ),
    "changed_meanwhile": Words(
        "Somebody has changed it since you opened it. Look at it again; what you typed is still here.",
        "開いている間にほかの方が変更しました。最新の内容を確認してください。入力した内容は残っています。",
    ),
    "written_meanwhile": Words(
        "Somebody else has written “{value}” meanwhile. Yours was not saved.",
        "ほかの方が先に「{value}」と書き換えました。入力した内容は保存されていません。",
    ),
    "same_person": Words("Choose another person.", "別の方を選んでください。"),
    "same_company": Words("Choose another company.", "別の会社を選んでください。"),
}
