"""What lies about in an office: plans for open deals, who is away, how much each takes a day, views people saved."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from funnel.calendar import BusinessCalendar
from funnel.company import presence
from funnel.demo import staff
from funnel.demo.dice import Dice
from funnel.models import Absence, Deal, Membership, Organization, SavedView
from funnel.stages import DealState, Department
from funnel.transitions import deals
from handoffs.demo.player import Player
from handoffs.lanes import Boundary
from handoffs.models import Handoff

ONE_DAY = timedelta(days=1)
# Business days from today: some deals wait for their step since days, some have it today, most ahead; some have none.
LATE, TODAY, AHEAD = (-3, -1), (0,), (1, 2, 3, 4, 6, 8)
SHARES = (0.14, 0.16, 0.55)
STEPS: dict[str, tuple[str, ...]] = {
    "first_meeting": ("初回訪問の日程を確定する", "課題と現行運用を伺う", "決裁者の同席を依頼する"),
    "proposal": ("見積書を送付する", "提案書の構成を先方と確認する", "デモ環境の招待を送る"),
    "negotiation": ("値引き条件を社内で確認する", "比較表を送付する", "法務からの質問に回答する"),
    "contracting": ("契約書の押印状況を確認する", "発注書の到着を確認する", "利用開始日を合意する"),
}
AWAY = (("english", 0, 1), ("inside2", 7, 9), ("success", 10, 14), ("marketing", 3, 3))
"""Who is away, from and until how many days after today."""
LIMITS = {"field.lead": 5, "field": 8, "english": 6, "twohats": 4}
"""Handoffs a day each takes in field sales."""
VIEWS: tuple[tuple[str, str, str, str, str], ...] = (
    ("marketing.lead", "leads", "ウェビナーの未認定リード", "stage=lead&outcome=open&channel=webinar", "marketing"),
    ("inside.lead", "leads", "再アプローチ予定", "outcome=recycled&order=wake", "inside_sales"),
    ("success.lead", "customers", "要注意の顧客", "band=at_risk", "customer_success"),
    ("success", "customers", "更新が近い順", "order=renewal", ""),
    ("field", "customers", "更新時期の顧客", "phase=renewal_window&order=renewal", ""),
)  # fmt: skip


def furnish(player: Player, *, now: datetime) -> None:
    """Put it there, through the writers that people use; done once, in the caller's transaction."""
    calendar = Organization.current().calendar()
    today = calendar.local_date(now)
    _plan(player, Dice(f"plans {today}"), calendar, today, now)
    _limit(player, now)
    _send_away(player, today, now)
    for handle, of, name, query, department in VIEWS:
        owner = player.members[staff.BY_HANDLE[handle].email]
        SavedView.objects.create(owner=owner, list=of, name=name, query=query, department=department)


def _plan(player: Player, dice: Dice, calendar: BusinessCalendar, today: date, now: datetime) -> None:
    """What is to be done next with the deals that field sales has taken over."""
    waiting = Handoff.objects.pending().filter(boundary=Boundary.SQL).values("deal")
    owned = Deal.objects.filter(state=DealState.OPEN, owner__isnull=False).exclude(pk__in=waiting)
    handles = {member.pk: email.partition("@")[0] for email, member in player.members.items()}
    for deal in owned.order_by("id"):
        throw = dice.between(0, 1)
        if throw > sum(SHARES) or deal.owner_id not in handles:
            continue
        days = LATE if throw < SHARES[0] else TODAY if throw < SHARES[0] + SHARES[1] else AHEAD
        deals.plan(
            deal.pk, player.actor(handles[deal.owner_id], now), now=now,
            next_step=dice.one_of(STEPS[deal.step]), next_step_on=_in_days(calendar, today, dice.one_of(days)),
        )  # fmt: skip


def _in_days(calendar: BusinessCalendar, today: date, days: int) -> date:
    """So many business days on or back; 0 is today, whatever day it is."""
    if days >= 0:
        return calendar.add_business_days(today, days)
    day = today
    while days:
        day -= ONE_DAY
        days += calendar.is_business_day(day)
    return day


def _limit(player: Player, now: datetime) -> None:
    boss = player.actor("field.lead", now)
    for handle, limit in LIMITS.items():
        membership = Membership.objects.get(member=player.member(handle), department=Department.FIELD_SALES)
        presence.set_capacity(membership.pk, boss, now=now, capacity=limit)


def _send_away(player: Player, today: date, now: datetime) -> None:
    for handle, first, last in AWAY:
        member = player.member(handle)
        # Everybody enters his own.
        if member is not None and not Absence.objects.filter(member=member).exists():
            presence.add_absence(
                member.pk, player.actor(handle, now), now=now,
                first_on=today + first * ONE_DAY, last_on=today + last * ONE_DAY,
            )  # fmt: skip
