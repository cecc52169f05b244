"""What the demo company knows beside what happened: trade, size and place of its customers, and who decides there."""

from __future__ import annotations

from typing import Any

from funnel.demo.dice import Dice
from funnel.demo.names import TRADES
from funnel.models import Account, Customer, Person
from funnel.stages import DealState, PersonRole
from funnel.transitions import people

SIZES = {"中小": (12, 90), "中堅": (110, 480), "大手": (900, 6200)}
REGIONS = {
    "03": ("東京都", "東京都千代田区", "神奈川県横浜市"), "06": ("大阪府", "大阪府大阪市", "兵庫県神戸市"),
    "052": ("愛知県名古屋市", "愛知県"), "092": ("福岡県福岡市", "福岡県"),
}  # fmt: skip
# The first word of a title that fits says the part its bearer plays.
ROLES = (
    (("代表", "取締役", "部長", "室長"), PersonRole.DECIDES),
    (("課長", "主任", "マネージャー"), PersonRole.CHAMPION),
    (("担当", "統括"), PersonRole.USES),
)
REQUIREMENTS = (
    "拠点3か所。会計システムへCSV連携。", "承認経路は2段階。部門は8つ。", "既存データ2年分を移行する。",
    "利用開始は期初から。管理者は2名。", "シングルサインオンで利用する。",
)  # fmt: skip
PROMISED = (
    "月末締めまでに現場が使える状態にする。",
    "初月は週次で打ち合わせる。",
    "操作説明会を2回行う。",
    "",
)
CAUTIONS = ("工場は紙の運用が残る。鍵は工場長。", "情報システム部は連携に慎重。", "繁忙期は月末の3日間。", "")
SMALL_PLAN = 20
GROWTH = ("名古屋拠点 20ID", "工場部門への展開 35ID", "グループ会社での利用", "経費精算の追加", "")
NOTES = ("", "", "月次の定例は第3火曜の午前。", "締め日前の連絡は避ける。", "窓口は総務課が取りまとめ。")


def passed_with(subject: str) -> dict[str, str]:
    """What field sales writes down when it hands a won deal over."""
    dice = Dice(f"passed {subject}")
    return {
        "requirements": dice.one_of(REQUIREMENTS),
        "promised": dice.one_of(PROMISED),
        "cautions": dice.one_of(CAUTIONS),
    }


def describe(seed: object) -> None:
    """Fill in side facts of every customer and of every company with an open deal, by their one writer."""
    dice = Dice(f"facts {seed}")
    known = Account.objects.filter(customer__isnull=False) | Account.objects.filter(
        deals__state=DealState.OPEN
    )
    for account in known.distinct().order_by("id").prefetch_related("people"):
        people.rewrite_account(account, _of_account(account, dice))
        for person in account.people.all():
            if role := _role(person):
                people.rewrite(person, {"role": role})
    for customer in Customer.objects.order_by("id").prefetch_related("contracts"):
        people.rewrite_customer(customer, _of_customer(customer, dice))


def _of_account(account: Account, dice: Dice) -> dict[str, Any]:
    trade = next((t for t in TRADES if t[0] in account.name), None)
    if trade is None:
        return {}
    person = next(iter(account.people.all()), None)
    area = (person.phone.partition("-")[0] if person else "") or "03"
    low, high = SIZES[trade[3]]
    domain = person.email.partition("@")[2] if person else ""
    return {
        "industry": trade[2],
        "employees": dice.whole(low, high) // 10 * 10,
        "region": dice.one_of(REGIONS.get(area, REGIONS["03"])),
        "website": f"https://{domain}" if domain else "",
    }


def _role(person: Person) -> str:
    return next((role for words, role in ROLES if any(word in person.title for word in words)), "")


def _of_customer(customer: Customer, dice: Dice) -> dict[str, Any]:
    seats = max((contract.seats or 0 for contract in customer.contracts.all()), default=0)
    return {
        "plan": "スタンダード" if seats < SMALL_PLAN else "ビジネス",
        "growth": dice.one_of(GROWTH),
        "note": dice.one_of(NOTES),
    }
