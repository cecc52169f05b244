"""The reviews the demo company has held, and what it decided there and before: with the numbers of those days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from dashboards import cadence, improving
from dashboards.causes import Cause
from dashboards.deck import Kind
from dashboards.improving import Plan
from dashboards.meetings.agreeing import of_kind
from dashboards.meetings.recollecting import recollect
from dashboards.meetings.running import close, decide, show, start
from dashboards.models import Improvement, Meeting
from funnel import moment
from funnel.calendar import ONE_DAY, BusinessCalendar
from funnel.models import Member, Organization
from funnel.transitions.acting import Actor
from handoffs.lanes import Boundary

SOURCE = "demo"
WEEK = timedelta(weeks=1)
LOOKED_BACK = 12 * WEEK
BETWEEN = timedelta(minutes=18)
"""From the beginning of a meeting to its first decision, and on to the next."""
LONG = timedelta(minutes=56)
MORNING = timedelta(hours=10)
HELD: Sequence[tuple[Kind, int]] = ((Kind.WEEKLY, 6), (Kind.IMPROVEMENT, 1), (Kind.MONTHLY, 1))
"""How many of each kind were held lately."""


class Decided(NamedTuple):
    """One thing that was decided. `due` is how many days later; `done` after how many it was, null: still open.

    `dropped` says why it was given up, `done` days later; `result` what came of it.
    """

    handle: str
    text: str
    due: int
    done: int | None = None
    kpi: str = ""
    expected: str = ""
    hypothesis: str = ""
    result: str = ""
    dropped: str = ""
    boundary: str = ""
    cause: str = ""


EARLIER: Sequence[tuple[int, Decided]] = (
    (
        84,
        Decided(
            "inside.lead", "毎朝9時の朝礼で未対応のMQLを全員で確認する", 14, 11, "mql-compliance", "0.05",
            "期限超過の原因で最も多いのは「見落とし」。朝に全員で一覧を見れば、24時間以内の初回コンタクトが増える。",
            "翌週から朝礼の議題に入れ、当番制で続けている。", "", Boundary.MQL, Cause.OVERLOOKED,
        ),
    ),
    (
        70,
        Decided(
            "inside.lead", "休みの担当者のMQLは前日のうちに代理へ割り当てる", 21, 18, "mql-compliance", "0.03",
            "担当不在による期限超過は、前日の引き継ぎで防げる。",
            "不在予定の登録を前週金曜までとし、代理の割り当てを始めた。", "", Boundary.MQL, Cause.ABSENT,
        ),
    ),
    (
        63,
        Decided(
            "marketing.lead", "ホワイトペーパーの申込フォームに役職と導入予定時期を追加する", 21, 24, "sql-rate", "0.03",
            "検討時期の分からないリードが商談化率を下げている。申込時に聞けば、認定の精度が上がる。",
            "公開済み。申込数は大きく減っていない。",
        ),
    ),
    (
        56,
        Decided(
            "inside", "架電代行サービスを1か月試す", 28, 17, "response-time", "-2",
            "繁忙日の初回コンタクトを外部に任せれば、応答時間が短くなる。",
            dropped="見積もりが想定の2倍だったため見送り。朝礼での確認を優先する。",
        ),
    ),
)  # fmt: skip
"""How many days ago each was decided, apart from a review."""

DECIDED: dict[Kind, Sequence[Sequence[Decided]]] = {
    Kind.WEEKLY: (
        (
            Decided(
                "field.lead", "初回訪問の前に顧客情報シートを必ず読み合わせる", 7, 6, "win-rate-plan", "0.03",
                "課題を聞き直す訪問が多い。事前に読み合わせれば、初回から提案に入れる。", "運用を開始。",
            ),
            Decided("marketing", "展示会リードの名刺データ入力を翌営業日までに終える", 7, 5, result="入力担当を2名にした。"),
        ),
        (
            Decided(
                "success.lead", "キックオフの候補日を受注連絡と同時に3つ提示する", 10, 9, "won-compliance", "0.1",
                "日程調整の往復に時間がかかっている。候補を先に出せば3営業日以内に決まる。",
                "案内メールのひな形に候補日の欄を設けた。", "", Boundary.WON,
            ),
        ),
        (
            Decided("inside2", "電話がつながらないMQLには当日中にメールも送る", 5, 4, "mql-compliance", "0.02"),
            Decided("marketing.lead", "広告の除外キーワードを見直す", 10, 12, "visitor-lead-rate", "0.002"),
        ),
        (
            Decided(
                "field", "失注理由「競合に決定」の比較資料を作り直す", 10, None, "win-rate-plan", "0.05",
                "競合との違いを説明しきれていない。比較表があれば受注率が上がる。",
            ),
        ),
        (
            Decided("success", "利用が止まっている顧客に電話で状況を伺う", 7, 6, result="全社に連絡済み。2社は再開予定。"),
            Decided("field.lead", "見積もり提出後3日以内に必ず連絡する", 6, 5, "win-rate"),
        ),
        (
            Decided(
                "inside.lead", "月曜午前の対応集中に備え、金曜夕方に割り当てを均す", 14, None, "mql-compliance", "0.03",
                "月曜の午前に期限超過が集まっている。", "", "", Boundary.MQL, Cause.OVERLOAD,
            ),
        ),
    ),
    Kind.IMPROVEMENT: (
        (
            Decided(
                "marketing.lead", "MQLの認定基準をインサイドセールスと読み合わせ、境界の事例を3つ残す", 28, None,
                "mql-acceptance", "0.05", "「基準の不一致」による差し戻しは、事例を共有すれば減る。",
                "", "", Boundary.MQL, Cause.DISPUTED,
            ),
        ),
    ),
    Kind.MONTHLY: (
        (
            Decided(
                "success.lead", "導入完了までの標準手順を1枚にまとめ、キックオフで渡す", 30, None, "days-to-onboarded", "-5",
                "進め方が担当者ごとに違い、導入完了までの日数がばらついている。",
            ),
        ),
    ),
}  # fmt: skip
"""What each of the reviews decided, the oldest first."""


class _Act(NamedTuple):
    """A meeting of a kind held at a moment of the past, or none, and what was decided then."""

    at: datetime
    kind: Kind | None
    decided: Sequence[Decided]


@transaction.atomic
def furnish(now: datetime) -> int:
    """Hold them, each on the simulated clock at its own moment; returns how many meetings there are then.

    None where somebody has met or decided already, or elsewhere than in a demo; nothing before anything was recorded.
    """
    organization = Organization.current()
    if not organization.is_demo or Meeting.objects.exists() or Improvement.objects.exists():
        return 0
    people = {member.username.partition("@")[0]: member for member in Member.objects.filter(is_service=False)}
    chair = people["inside.lead"]
    calendar = organization.calendar()
    for act in sorted(_acts(organization, calendar, now), key=lambda act: act.at):
        _hold(act, chair, people, calendar, now)
    moment.simulate(None)
    return Meeting.objects.count()


def _acts(organization: Organization, calendar: BusinessCalendar, now: datetime) -> Iterator[_Act]:
    """All there is to be done: meetings with what they decide, and what was decided apart from them."""
    today = calendar.local_date(now)
    for kind, count in HELD:
        rhythm = of_kind(kind).rhythm
        if rhythm is None:
            continue
        days = _days(rhythm, organization, calendar, today)[-count:]
        for day, decided in zip(days, DECIDED[kind][-len(days) :], strict=True):
            yield _Act(cadence.begins(rhythm, day, calendar), kind, decided)
    for ago, one in EARLIER:
        day = _open(calendar, today - timedelta(days=ago))
        yield _Act(calendar.start_of_day(day) + MORNING, None, (one,))


def _days(
    rhythm: cadence.Rhythm, organization: Organization, calendar: BusinessCalendar, today: date
) -> list[date]:
    """The days of a rhythm in the last weeks, today not among them."""
    found: list[date] = []
    day = today - LOOKED_BACK
    while True:
        (day,) = cadence.upcoming(rhythm, day, calendar, organization.fiscal_year_start)
        if day >= today:
            return found
        found.append(day)
        day += ONE_DAY


def _open(calendar: BusinessCalendar, day: date) -> date:
    while not calendar.is_business_day(day):
        day += ONE_DAY
    return day


def _hold(
    act: _Act, chair: Member, people: dict[str, Member], calendar: BusinessCalendar, now: datetime
) -> None:
    moment.simulate(act.at)
    by = Actor.of(chair, SOURCE, now=act.at)
    meeting = start(act.kind, by, now=act.at, read=recollect)[0] if act.kind else None
    for n, one in enumerate(act.decided, 1):
        at = act.at + n * BETWEEN
        moment.simulate(at)
        plan = _plan(
            one, people[one.handle], _open(calendar, calendar.local_date(at) + timedelta(days=one.due))
        )
        made = decide(meeting.pk, plan, by, now=at) if meeting else improving.decide(plan, by, now=at)
        _follow_up(made, one, people[one.handle], at, calendar, now)
    if meeting:
        moment.simulate(act.at + LONG)
        show(meeting.pk, len(meeting.terms.deck) - 1, by)
        close(meeting.pk, by, now=act.at + LONG)


def _plan(one: Decided, owner: Member, due: date) -> Plan:
    return Plan(
        one.text, owner.pk, due, one.kpi, one.boundary, one.cause, one.hypothesis,
        Decimal(one.expected) if one.expected else None,
    )  # fmt: skip


def _follow_up(
    made: Improvement,
    one: Decided,
    owner: Member,
    decided_at: datetime,
    calendar: BusinessCalendar,
    now: datetime,
) -> None:
    """What became of it, on the first open day from so many days later; nothing where that is still to come."""
    if one.done is None:
        return
    day = _open(calendar, calendar.local_date(decided_at) + timedelta(days=one.done))
    at = calendar.start_of_day(day) + MORNING
    if at >= now:
        return
    moment.simulate(at)
    by = Actor.of(owner, SOURCE, now=at)
    if one.dropped:
        improving.drop(made.pk, one.dropped, by, now=at)
    else:
        improving.finish(made.pk, by, now=at, result=one.result)
