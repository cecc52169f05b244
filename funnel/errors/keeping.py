"""What the company’s own settings, members and absences do not allow. Pure."""

from __future__ import annotations

from funnel.words import Words

KEEPING: dict[str, Words] = {
    "webhook_not_an_address": Words(
        "Enter the whole address of the webhook, beginning with https://.",
        "Webhookのアドレスを https:// から始まる形ですべて入力してください。",
    ),
    "webhook_not_https": Words(
        "A webhook needs an https address on the usual port. Plain or private hosts must be allowed by "
        "REVOPS_WEBHOOK_HOSTS.",
        "Webhookは標準ポートのhttpsアドレスにしてください。httpや社内のホストは、REVOPS_WEBHOOK_HOSTSで許可が必要です。",
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
}
