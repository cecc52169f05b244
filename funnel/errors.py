"""Refusals: each has a stable code and a sentence in both languages that says what to do."""

from __future__ import annotations

from funnel.words import Words

SENTENCES: dict[str, Words] = {
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
    "webhook_not_an_address": Words(
        "Enter the whole address of the webhook, beginning with https://.",
        "Webhookのアドレスを https:// から始まる形ですべて入力してください。",
    ),
    "webhook_not_https": Words(
        "A webhook needs an https address on the usual port. Plain or private hosts must be allowed by "
        "REVOPS_WEBHOOK_HOSTS.",
        "Webhookは標準ポートのhttpsアドレスにしてください。httpや社内のホストは、REVOPS_WEBHOOK_HOSTSで許可が必要です。",
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
    "absence_overlap": Words(
        "There is already an absence on some of these days. Remove that one first.",
        "その期間には登録済みの不在があります。先にその登録を取り消してください。",
    ),
    "absence_long": Words(
        "An absence can last three years at most. Check the year.",
        "不在の期間は3年以内で入力してください。年を確認してください。",
    ),
    "capacity_range": Words("Enter a number from 0 to {most}.", "0〜{most}の数を入力してください。"),
    "absence_past": Words(
        "The last day lies in the past. Enter days from today on.",
        "最終日が過去の日付です。今日以降の日付を入力してください。",
    ),
    "not_returned": Words(
        "This handoff was not returned; it cannot be sent again.",
        "差し戻されていない引き渡しは再送できません。",
    ),
    "not_missed": Words("Only a missed promise can be excused.", "遅延した引き渡しだけが対象です。"),
    "in_future": Words(
        "“{field}” lies in the future. Enter when it happened.",
        "「{field}」が未来の日時です。実際に行われた日時を入力してください。",
    ),
    "end_in_future": Words(
        "“{field}” lies in the future. Record the notice now, and the end on the day it comes.",
        "「{field}」が未来の日付です。いまは解約の申し出を記録し、終了はその日になってから記録してください。",
    ),
    "out_of_order": Words(
        "This would lie before “{neighbour}” ({at}). Correct the date, or correct the earlier event first.",
        "「{neighbour}」({at})より前の日時になります。日時を直すか、先に前の記録を訂正してください。",
    ),
    "signed_before_sql": Words(
        "The lead was certified SQL on {day}. Enter a signing day from then on, or correct when it was certified.",
        "SQL認定日({day})より前の契約日です。認定日以降の日付を入力するか、先にSQL認定の日時を訂正してください。",
    ),
    "reason_required": Words("Give a reason.", "理由を選択または入力してください。"),
    "unknown_reason": Words("Unknown reason “{value}”.", "理由「{value}」は登録されていません。"),
    "meeting_required": Words("Set the date of the meeting.", "商談日時を入力してください。"),
    "meeting_implausible": Words(
        "The meeting lies more than a year away. Check its year.",
        "商談日時が1年以上離れています。年を確認してください。",
    ),
    "bant_required": Words(
        "Confirm at least {needed} of budget, authority, need and timeline before handing over.",
        "引き渡す前に、予算・決裁権・ニーズ・導入時期のうち{needed}項目以上を確認してください。",
    ),
    "sheet_reason_required": Words(
        "The customer sheet is {percent} % complete ({threshold} % agreed). Fill it in, or say why it is handed over now.",
        "顧客情報シートの完成度は{percent}%です(基準{threshold}%)。補うか、今引き渡す理由を入力してください。",
    ),
    "spam": Words("Spam or a duplicate cannot become an MQL.", "迷惑・重複はMQLにできません。"),
    "person_required": Words(
        "Name the person or give an e-mail.", "氏名またはメールアドレスを入力してください。"
    ),
    "identity_required": Words(
        "Give at least one of company and name, e-mail, or external id.",
        "会社名と氏名、メールアドレス、外部IDのいずれかを入力してください。",
    ),
    "company_required": Words("Enter the name of the company.", "会社名を入力してください。"),
    "name_conflict": Words(
        "This external id already belongs to another person.", "この外部IDは別の方に登録されています。"
    ),
    "amount_required": Words("Enter the amount.", "金額を入力してください。"),
    "amount_blank": Words("Enter the amount.", "金額を入力してください。"),
    "amount_negative": Words("The amount cannot be negative.", "金額に負の数は入力できません。"),
    "amount_not_a_number": Words(
        "“{value}” is not an amount. Write digits only, for example 1200000.",
        "「{value}」は金額として読み取れません。1200000のように半角数字で入力してください。",
    ),
    "amount_fraction": Words("Yen amounts have no decimals.", "円の金額に小数は入力できません。"),
    "amount_too_large": Words("The amount is too large.", "金額が大きすぎます。"),
    "bad_date": Words(
        "“{value}” is not a date. Write 2026-05-01.",
        "「{value}」は日付ではありません。2026-05-01のように入力してください。",
    ),
    "bad_email": Words("“{value}” is not an e-mail address.", "「{value}」はメールアドレスではありません。"),
    "email_taken": Words(
        "Another person has this e-mail address. Merge the two instead.",
        "このメールアドレスは別の方に登録されています。名寄せ統合してください。",
    ),
    "bad_choice": Words(
        "“{value}” is not a choice for {field}. Use one of: {choices}.",
        "「{value}」は{field}に使えません。次から選んでください: {choices}",
    ),
    "next_step_required": Words(
        "Say what is to be done on that day, or leave the day out.",
        "その日に行うことを入力してください。未定なら日付を空にしてください。",
    ),
    "bad_dates": Words("The end lies before the start.", "終了日が開始日より前です。"),
    "too_old": Words(
        "{at} is more than 30 days ago. Import past data with --history.",
        "{at}は30日より前です。過去データは--historyで取り込んでください。",
    ),
    "kickoff_past": Words(
        "The kickoff cannot lie before the signing.", "キックオフは契約締結日以降の日時にしてください。"
    ),
    "kickoff_missing": Words("Set the kickoff first.", "先にキックオフ日時を設定してください。"),
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
    "membership_overlap": Words(
        "This person already belongs to that department in those dates.",
        "その期間にはすでに同じ部門に所属しています。",
    ),
    "setting_conflict": Words(
        "{who} changed this a moment ago. It is shown as it stands now, beside what you typed; check and save again.",
        "{who}さんが先に変更しました。現在の内容と入力内容を並べて表示しています。確認してから、もう一度保存してください。",
    ),
    "administers_or_looks": Words(
        "Somebody who only looks cannot administer. Choose one.",
        "閲覧のみと管理者は同時に選べません。どちらかを選んでください。",
    ),
    "member_left": Words(
        "This person has left. Let them come back first.", "この方は退任済みです。先に復帰させてください。"
    ),
    "service_member": Words(
        "This is a program, not a person. Make or revoke its token instead.",
        "これは連携プログラム用のメンバーです。APIトークンの画面で発行・失効してください。",
    ),
    "cover_itself": Words("Choose another department.", "別の部門を選んでください。"),
    "cover_unstaffed": Words(
        "A department that is covered itself cannot cover another. Choose one with people of its own.",
        "他部門に任せている部門は、ほかの部門を受け持てません。担当者のいる部門を選んでください。",
    ),
    "target_range": Words("Enter a whole number from 1 to {most}.", "1〜{most}の整数を入力してください。"),
    "warning_range": Words(
        "Enter at most {most} percentages between 1 and 99.", "1〜99の割合を{most}個まで入力してください。"
    ),
    "threshold_range": Words("Enter a percentage from 0 to 100.", "0〜100の割合を入力してください。"),
    "items_none": Words("Keep at least one item.", "項目を1つ以上残してください。"),
    "items_many": Words("A sheet has at most {most} items.", "項目は{most}個までです。"),
    "item_twice": Words("The same item stands there twice.", "同じ項目が2つあります。"),
    "item_unknown": Words(
        "This item is not known. Reload the page.", "不明な項目です。画面を更新してください。"
    ),
    "label_required": Words(
        "Give a name of at most {most} characters, in Japanese or English.",
        "名前を日本語か英語で、{most}文字以内で入力してください。",
    ),
    "weight_range": Words(
        "A weight is a whole number from 1 to {most}.", "重みは1〜{most}の整数で入力してください。"
    ),
    "range_long": Words(
        "At most {most} days at once. Check the year.",
        "一度に登録できるのは{most}日までです。年を確認してください。",
    ),
    "days_unread": Words(
        "Lines {lines} cannot be read. Write 2026-12-29 and a name.",
        "{lines}行目を読み取れません。「2026-12-29 年末休業」のように入力してください。",
    ),
    "not_a_demo": Words(
        "This installation holds a company’s own data and is not cleared.",
        "この環境には自社のデータが入っているため、初期化できません。",
    ),
    "zone_fixed": Words(
        "The time zone decides the day of every count, so it stays once leads have been recorded.",
        "タイムゾーンはすべての件数の日付を決めるため、リードを記録した後は変更できません。",
    ),
    "reasons_none": Words("Keep at least one reason in use.", "理由を1つ以上残してください。"),
    "reasons_many": Words("At most {most} reasons for one act.", "理由は1つの操作につき{most}個までです。"),
    "slug_taken": Words("Another channel has this code.", "このコードは別の流入経路で使われています。"),
    "token_name": Words("A name has 1 to 100 characters.", "名前は1〜100文字で入力してください。"),
    "invitation_gone": Words(
        "This invitation has been used or taken back. Ask an administrator for a new one.",
        "この招待はすでに使用済みか、取り消されています。管理者に再度の招待を依頼してください。",
    ),
    "invitation_expired": Words(
        "This invitation has expired. Ask an administrator for a new one.",
        "この招待は有効期限が切れています。管理者に再度の招待を依頼してください。",
    ),
    "already_member": Words(
        "This address already signs in here. Sign in instead.",
        "このメールアドレスは登録済みです。サインインしてください。",
    ),
    "last_administrator": Words(
        "The last administrator cannot leave or step down. Make somebody else administrator first.",
        "最後の管理者は外せません。先に別の方を管理者にしてください。",
    ),
    "wake_up_past": Words("Choose a date after today.", "明日以降の日付を選んでください。"),
    "other_account": Words("Choose a deal of the same company.", "同じ企業の別の商談を選んでください。"),
    "same_person": Words("Choose another person.", "別の方を選んでください。"),
    "score_range": Words("The score must lie between 0 and 10.", "評価は0〜10で入力してください。"),
}


class Refused(Exception):
    """An act the rules do not allow. Nothing was written.

    `code` is stable and part of the API; `field` names the input to change, if one can be named.
    """

    status = 409

    def __init__(self, code: str, *, field: str | None = None, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.params = params

    def say(self, language: str | None) -> str:
        """The sentence in `language`; parameters that are Words are said in it too."""
        filled = {k: v.say(language) if isinstance(v, Words) else v for k, v in self.params.items()}
        return SENTENCES[self.code].say(language, **{"field": self.field or "", **filled})


class MoveRefused(Refused):
    """It cannot be: the record is not where this act starts from."""


class NotYours(Refused):
    """You may not: the act belongs to another department or role."""

    status = 403


class BadValue(Refused):
    """An input that cannot be used as it stands."""

    status = 422
