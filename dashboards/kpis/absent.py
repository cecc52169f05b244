"""Numbers that are asked for and that the facts cannot carry: named with the reason, never guessed."""

from typing import NamedTuple

from funnel.words import Words


class Absent(NamedTuple):
    """A number that is not in the catalogue, why not, and what stands in its place."""

    names: Words
    reason: Words


ABSENT: tuple[Absent, ...] = (
    Absent(
        Words("Revenue (recognised)", "売上(計上ベース)"),
        Words(
            "When revenue is recognised is an accounting rule that the product does not know. Bookings and monthly "
            "recurring revenue stand in its place.",
            "売上の計上基準は会計上のルールであり、本製品は保持していません。受注金額とMRRで代替します。",
        ),
    ),
    Absent(
        Words("Lifetime value after margin", "顧客生涯価値(粗利ベース)"),
        Words(
            "The gross margin is not recorded. The lifetime revenue of a customer is shown before any margin.",
            "粗利率を保持していないため、粗利を掛けない売上ベースの推計を表示します。",
        ),
    ),
    Absent(
        Words("CAC payback", "CAC回収期間"),
        Words(
            "The cost of sales is not recorded, only the spend of marketing. Cost per win shows that part.",
            "営業費用を保持しておらず、集客費用のみを記録しています。受注獲得単価がその部分を示します。",
        ),
    ),
    Absent(
        Words("Response rate of surveys", "アンケート回答率"),
        Words(
            "Who was asked is not recorded, only who answered. NPS shows the number of answers and its margin.",
            "回答のみを記録し、送付先は記録していません。NPSには回答数と誤差を併記します。",
        ),
    ),
    Absent(
        Words("Receiver's rating of what was handed over", "受領側の評価(1〜5)"),
        Words(
            "The receiver accepts or returns with a reason, and gives no marks. Acceptance stands in its place.",
            "受領側は受領または理由付きの差し戻しを行い、点数は付けません。受領率で代替します。",
        ),
    ),
)
