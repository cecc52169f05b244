"""What cannot be used as it was typed: dates, amounts, choices. Pure."""

from __future__ import annotations

from funnel.words import Words

ENTERING: dict[str, Words] = {
    "erase_not_confirmed": Words(
        "This is not the name of the person. Type it as it stands above.",
        "お名前が一致しません。上に表示されているとおりに入力してください。",
    ),
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
    "person_required": Words(
        "Name the person or give an e-mail.", "氏名またはメールアドレスを入力してください。"
    ),
    "identity_required": Words(
        "Give at least one of company and name, e-mail, or external id.",
        "会社名と氏名、メールアドレス、外部IDのいずれかを入力してください。",
    ),
    "company_required": Words("Enter the name of the company.", "会社名を入力してください。"),
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
    "bad_choice": Words(
        "“{value}” is not a choice for {field}. Use one of: {choices}.",
        "「{value}」は{field}に使えません。次から選んでください: {choices}",
    ),
    "say_lesson": Words("Say what others can learn from it.", "ほかの部門に伝えたい学びを入力してください。"),
    "case_not_over": Words(
        "Only a deal that was won or lost, or a customer who left, can be shared.",
        "共有できるのは、受注・失注した商談と解約した顧客だけです。",
    ),
    "case_of_one": Words(
        "Name either the deal or the customer.", "商談か顧客のどちらか一方を指定してください。"
    ),
    "tags_many": Words("At most {most} tags.", "タグは{most}個までです。"),
    "week_over": Words(
        "Sentences are for this week and the last one.", "入力できるのは今週と先週の分だけです。"
    ),
    "helped_own": Words(
        "{name} belongs to this department. Name a department that is not his own.",
        "{name}さんはこの部門の所属です。所属とは別の部門を選んでください。",
    ),
    "say_what": Words("Say what is to be done.", "何をするかを入力してください。"),
    "due_past": Words(
        "This day has passed. Name one from today on.", "過ぎた日付です。今日以降の日付にしてください。"
    ),
    "due_far": Words("At most two years ahead.", "2年以内の日付にしてください。"),
    "unknown_kpi": Words("There is no KPI “{value}”.", "「{value}」というKPIはありません。"),
    "number_range": Words("A number from {least} to {most}.", "{least}〜{most}の数で入力してください。"),
    "weekday_missing": Words("Choose the weekday.", "曜日を選んでください。"),
    "wrap_up_last": Words(
        "The wrap-up is the last slide: that is where what was decided is read out.",
        "最後は「まとめ」にしてください。決定事項を確認する場です。",
    ),
    "unknown_member": Words("Choose active members only.", "有効なメンバーだけを選んでください。"),
    "unknown_owner": Words("Choose an active member as owner.", "担当者には有効なメンバーを選んでください。"),
    "text_too_long": Words("At most {most} characters.", "{most}文字以内で入力してください。"),
    "between_one_and": Words("Choose between 1 and {most}.", "1件以上{most}件以下で選んでください。"),
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
    "wake_up_past": Words("Choose a date after today.", "明日以降の日付を選んでください。"),
    "score_range": Words("The score must lie between 0 and 10.", "評価は0〜10で入力してください。"),
}
