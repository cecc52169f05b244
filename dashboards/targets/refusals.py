"""What cannot be a target, in both languages."""

from __future__ import annotations

from funnel.errors import BadValue
from funnel.words import Words

SENTENCES: dict[str, Words] = {
    "target_unknown_kpi": Words(
        "There is no KPI “{value}”. Choose one from the list.",
        "「{value}」というKPIはありません。一覧から選んでください。",
    ),
    "target_for_whom": Words(
        "“{value}” is nobody a target can be for. Choose the company, a department or a member.",
        "「{value}」は目標の対象にできません。全社・部門・メンバーから選んでください。",
    ),
    "target_not_a_number": Words(
        "“{value}” is not a number. Write 340, 10,000,000, 1,000万 or 20%.",
        "「{value}」は数値として読み取れません。340、10,000,000、1,000万、20%のように入力してください。",
    ),
    "target_negative": Words("A target cannot be negative.", "目標に負の数は設定できません。"),
    "target_out_of_range": Words(
        "Enter a number from {low} to {high}.", "{low}から{high}までの数値を入力してください。"
    ),
    "target_zero": Words(
        "A target of 0 is reached by doing nothing. Enter a number above 0, or leave the field empty for no target.",
        "0の目標は何もしなくても達成になります。0より大きい値を入力するか、目標を設定しない場合は空欄にしてください。",
    ),
    "target_over_one": Words(
        "A rate is at most 100%. Enter a share such as 20% (0.2 in the API).",
        "率は100%以下で入力してください(例: 20%、APIでは0.2)。",
    ),
    "target_not_whole": Words(
        "Enter a whole number: this is counted in pieces.", "件数のため、整数で入力してください。"
    ),
    "target_too_large": Words("The number is too large.", "数値が大きすぎます。"),
    "target_bad_kind": Words(
        "“{value}” is no kind of period. Use month or quarter.",
        "「{value}」は期間の種類として使えません。month(月)かquarter(四半期)を指定してください。",
    ),
    "target_not_first": Words(
        "A month or quarter is named by its first day, such as 2026-11-01.",
        "月・四半期は初日(例: 2026-11-01)で指定してください。",
    ),
    "target_not_quarter": Words(
        "No fiscal quarter begins in that month. Quarters begin in the months {months}.",
        "その月から始まる四半期はありません。四半期の開始月は{months}です。",
    ),
    "target_too_far": Words(
        "Choose a period within {years} years of today.", "今日から{years}年以内の期間を指定してください。"
    ),
    "target_unknown_member": Words(
        "Nobody with this number works here.", "この番号のメンバーは在籍していません。"
    ),
    "target_twice": Words(
        "The same target is given twice. Send it once.", "同じ目標が2回指定されています。1つにしてください。"
    ),
    "target_many": Words(
        "At most {most} targets at a time. Send the rest afterwards.",
        "一度に設定できる目標は{most}件までです。残りは分けて送信してください。",
    ),
}


class TargetError(BadValue):
    """An input that cannot be a target; `code` is one of SENTENCES."""

    def say(self, language: str | None) -> str:
        """The sentence in `language`."""
        return SENTENCES[self.code].say(language, **self.params)
