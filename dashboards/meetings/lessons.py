"""What the demo company's departments said of their weeks, whom they thanked, and what they learnt from deals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from dashboards import sharing, weekly
from dashboards.models import CaseKind, SharedCase, WeekWord
from funnel.models import Member, Organization
from funnel.stages import Department
from funnel.transitions.acting import Actor

SOURCE = "demo"
LEADS: Mapping[str, str] = {
    Department.MARKETING: "marketing.lead",
    Department.INSIDE_SALES: "inside.lead",
    Department.FIELD_SALES: "field.lead",
    Department.CUSTOMER_SUCCESS: "success.lead",
}
SAID: Sequence[Mapping[str, str]] = (
    {
        Department.MARKETING: "展示会の来場者は、デモより先に価格と導入期間を聞いてくる。",
        Department.INSIDE_SALES: "午前中の架電は情報システム部門につながりやすく、夕方は会議で不在が多い。",
        Department.FIELD_SALES: "競合の値引きが増えた。導入支援の話をすると流れが変わる。",
        Department.CUSTOMER_SUCCESS: "管理者が交代した顧客で利用が落ちている。引き継ぎの説明会を求められる。",
    },
    {
        Department.MARKETING: "ウェビナーの参加者は、事例の数字についての質問が最も多かった。",
        Department.INSIDE_SALES: "資料請求から1時間以内の電話は、ほぼ歓迎される。",
        Department.FIELD_SALES: "年度内に使い切る予算の相談が始まった。",
        Department.CUSTOMER_SUCCESS: "オンボーディングは、最初の週に目的を確認した顧客ほど早く終わる。",
    },
)
"""The sentences of the last two weeks, this one's first."""
HELPED: Sequence[tuple[str, str, str]] = (
    ("success.lead", Department.FIELD_SALES, "更新商談に同席し、活用の実績を説明した"),
    ("inside.lead", Department.MARKETING, "ウェビナーの質疑応答を一緒に担当した"),
)
LEARNT: Mapping[str, Sequence[tuple[str, str]]] = {
    CaseKind.WON: (
        (
            "決裁者が初回商談に同席したのが決め手。インサイドセールスの段階で同席を打診しておく。",
            "決裁者, 初回商談",
        ),
        ("無償トライアル中の支援担当を決めておくと、比較検討が短くなった。", "トライアル"),
    ),
    CaseKind.LOST: (
        ("価格だけの比較になった。課題の金額換算を初回に済ませておくべきだった。", "価格, 競合"),
        ("予算の時期を聞けておらず、翌期に流れた。時期は必ずBANTで確認する。", "予算, 時期"),
    ),
}
CHURNED = (
    "導入を進めた方の異動後に利用が止まった。後任への引き継ぎ説明を標準の手順にする。",
    "引き継ぎ, 利用低下",
)


@transaction.atomic
def furnish(now: datetime) -> int:
    """Say, thank and share it as those leads; returns how many cases there are then.

    Nothing where somebody has said or shared something already, or elsewhere than in a demo.
    """
    organization = Organization.current()
    if not organization.is_demo or WeekWord.objects.exists() or SharedCase.objects.exists():
        return 0
    people = {member.username.partition("@")[0]: member for member in Member.objects.filter(is_service=False)}
    for sentences, week in zip(SAID, weekly.open_weeks(now.astimezone(organization.tz).date()), strict=True):
        for department, text in sentences.items():
            by = Actor.of(people[LEADS[department]], SOURCE, now=now)
            weekly.say(department, week, text, 0, by, now=now)
    (week, _before) = weekly.open_weeks(now.astimezone(organization.tz).date())
    for handle, department, text in HELPED:
        by = Actor.of(people[LEADS[department]], SOURCE, now=now)
        weekly.thank(people[handle].pk, department, week, text, by, now=now)
    by = Actor.of(people[LEADS[Department.FIELD_SALES]], SOURCE, now=now)
    for kind, lessons in LEARNT.items():
        deals = list(sharing.deals_unshared(now).filter(state=kind)[: len(lessons)])
        for deal, (lesson, tags) in zip(deals, lessons, strict=False):
            sharing.share_deal(deal.pk, lesson, [tags], by, now=now)
    by = Actor.of(people[LEADS[Department.CUSTOMER_SUCCESS]], SOURCE, now=now)
    for customer in sharing.customers_unshared()[:1]:
        sharing.share_customer(customer.pk, CHURNED[0], [CHURNED[1]], by, now=now)
    return SharedCase.objects.count()
