"""THE ONLY WRITER of improvements: decide, change, done, open again, drop."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from dashboards import kpis
from dashboards.decisions import Line, Someone, read
from dashboards.models import Improvement, Meeting
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Member, Organization, Reason
from funnel.transitions.acting import Actor
from funnel.words import Words

TEXT, WHY, HYPOTHESIS = 200, 200, 500
FURTHEST = timedelta(days=2 * 366)
OPEN = Q(done_on__isnull=True, dropped_at__isnull=True)
SLUGS = frozenset(kpi.slug for kpi in kpis.ALL)


class Plan(NamedTuple):
    """What an improvement is to be: see `Improvement`. `due` is a local day, `expected` in the unit of the KPI."""

    text: str
    owner: int
    due: date
    kpi: str = ""
    boundary: str = ""
    cause: str = ""
    hypothesis: str = ""
    expected: Decimal | None = None
    breach: int | None = None


PROBLEMS: dict[str, Words] = {
    "owner_missing": Words("Name who does it: @name.", "担当者を「@名前」で指定してください。"),
    "owner_unknown": Words(
        "Nobody here is called “{name}”. Write @ and a name or a sign-in handle.",
        "「{name}」に当てはまるメンバーがいません。@のあとに名前を入力してください。",
    ),
    "owner_ambiguous": Words("“{name}” can be several: {names}.", "「{name}」は複数います: {names}"),
    "date_missing": Words(
        "Say by when at the end: 11/27, next Friday, end of month.",
        "最後に期限を入力してください(例: 11/27、来週金曜、月末)。",
    ),
    "date_unreadable": Words("There is no such day: {date}.", "存在しない日付です: {date}"),
    "date_past": Words(
        "{date} has passed. Name a day from today on.", "{date}は過ぎています。今日以降の日付にしてください。"
    ),
    "text_missing": Words("Say what is to be done.", "決定事項の内容を入力してください。"),
    "text_long": Words("At most {most} characters.", "{most}文字以内で入力してください。"),
}
"""What is wrong with a line that was typed (`dashboards.decisions`)."""


def people() -> list[Someone]:
    """Everybody who can be named as owner: active members who are no machines."""
    rows = Member.objects.filter(is_active=True, is_service=False).values_list("pk", "name", "username")
    return [Someone(pk, name, username.partition("@")[0]) for pk, name, username in rows]


def read_line(line: str, today: date) -> Line:
    """Read a decision typed in one line; its problems say what is wrong with it."""
    return read(line, today, people())


def called(member: int) -> str:
    """The name of a member."""
    return str(Member.objects.values_list("name", flat=True).get(pk=member))


@transaction.atomic
def decide(plan: Plan, by: Actor, *, now: datetime, meeting: Meeting | None = None) -> Improvement:
    """Put down what somebody will do. Raises NotYours for whoever only looks, BadValue for what cannot be so."""
    if not by.may_write or by.member is None:
        raise NotYours("read_only")
    _demand(plan, now)
    return Improvement.objects.create(
        **_fields(plan), meeting=meeting, breach_id=plan.breach, decided_by=by.member, decided_at=now
    )


@transaction.atomic
def change(pk: int, plan: Plan, seen: int, by: Actor, *, now: datetime) -> Improvement:
    """Change what it is to be. Raises MoveRefused("changed_meanwhile") where another changed it since `seen`."""
    found = _open(pk, by)
    if found.version != seen:
        raise MoveRefused("changed_meanwhile")
    _demand(plan, now, due_before=found.due_on)
    for name, value in _fields(plan).items():
        setattr(found, name, value)
    return _saved(found)


@transaction.atomic
def finish(pk: int, by: Actor, *, now: datetime, on: date | None = None, result: str = "") -> Improvement:
    """Say it was done, on a day up to today; what the numbers did then is measured from that day on."""
    found = _open(pk, by)
    today = _today(now)
    day = on or today
    if day > today:
        raise BadValue("in_future", field="done_on")
    if len(result) > HYPOTHESIS:
        raise BadValue("text_too_long", field="result", most=HYPOTHESIS)
    found.done_on, found.done_by, found.result = day, by.member, result.strip()
    return _saved(found)


@transaction.atomic
def drop(pk: int, why: str, by: Actor, *, now: datetime) -> Improvement:
    """Say it is not done after all, and why."""
    found = _open(pk, by)
    why = " ".join(why.split())
    if not why:
        raise BadValue("reason_required", field="why")
    if len(why) > WHY:
        raise BadValue("text_too_long", field="why", most=WHY)
    found.dropped_at, found.dropped_by, found.dropped_why = now, by.member, why
    return _saved(found)


@transaction.atomic
def reopen(pk: int, by: Actor) -> Improvement:
    """Take back that it was done, or dropped."""
    found = _locked(pk, by)
    found.done_on = found.done_by = found.dropped_at = found.dropped_by = None
    found.dropped_why = found.result = ""
    return _saved(found)


def homework(before: Meeting | None, limit: int) -> QuerySet[Improvement]:
    """What is open, and what the meeting before decided that was done since; late ones first."""
    wanted = OPEN if before is None else OPEN | Q(meeting=before)
    rows = Improvement.objects.filter(wanted, dropped_at__isnull=True).select_related("owner")
    return rows.order_by(F("done_on").asc(nulls_first=True), "due_on", "id")[:limit]


def homework_then(before: Meeting | None, limit: int, until: datetime) -> list[Improvement]:
    """The same as it stood at a moment that is past: what was done or dropped later is open in it."""
    day = _today(until)
    was_open = (Q(done_on__isnull=True) | Q(done_on__gt=day)) & (
        Q(dropped_at__isnull=True) | Q(dropped_at__gt=until)
    )
    wanted = was_open if before is None else was_open | Q(meeting=before, done_on__isnull=False)
    rows = Improvement.objects.filter(wanted, decided_at__lte=until).select_related("owner")
    found = list(rows.order_by("due_on", "id"))
    for each in found:
        if each.done_on is not None and each.done_on > day:
            each.done_on = None
        if each.dropped_at is not None and each.dropped_at > until:
            each.dropped_at = None
    return sorted(found, key=lambda each: (each.done_on is not None, each.due_on, each.pk))[:limit]


def mine(member: Member) -> QuerySet[Improvement]:
    """What a member still has to do, the earliest due first."""
    return Improvement.objects.filter(OPEN, owner=member).order_by("due_on", "id")


def _demand(plan: Plan, now: datetime, due_before: date | None = None) -> None:
    _demand_words(plan)
    today = _today(now)
    if plan.due != due_before and plan.due < today:
        raise BadValue("due_past", field="due_on")
    if plan.due > today + FURTHEST:
        raise BadValue("due_far", field="due_on")
    if plan.kpi and plan.kpi not in SLUGS:
        raise BadValue("unknown_kpi", field="kpi", value=plan.kpi)
    if not Member.objects.filter(pk=plan.owner, is_active=True, is_service=False).exists():
        raise BadValue("unknown_owner", field="owner")
    if plan.cause and not Reason.objects.filter(act=Reason.For.BREACH, code=plan.cause).exists():
        raise BadValue("unknown_reason", field="cause", value=plan.cause)


def _demand_words(plan: Plan) -> None:
    if not plan.text.strip():
        raise BadValue("say_what", field="text")
    for field, text, most in (("text", plan.text, TEXT), ("hypothesis", plan.hypothesis, HYPOTHESIS)):
        if len(text) > most:
            raise BadValue("text_too_long", field=field, most=most)


def _fields(plan: Plan) -> dict[str, object]:
    return {
        "text": " ".join(plan.text.split()),
        "owner_id": plan.owner,
        "due_on": plan.due,
        "kpi": plan.kpi,
        "boundary": plan.boundary,
        "cause": plan.cause,
        "hypothesis": plan.hypothesis.strip(),
        "expected": plan.expected,
    }


def _today(now: datetime) -> date:
    return now.astimezone(Organization.current().tz).date()


def _locked(pk: int, by: Actor) -> Improvement:
    if not by.may_write or by.member is None:
        raise NotYours("read_only")
    return Improvement.objects.select_for_update(of=("self",)).get(pk=pk)


def _open(pk: int, by: Actor) -> Improvement:
    found = _locked(pk, by)
    if not found.is_open:
        raise MoveRefused("improvement_over")
    return found


def _saved(found: Improvement) -> Improvement:
    found.version += 1
    found.save()
    return found


def counts() -> tuple[int, int, int]:
    """How many are open, done and dropped; one statement."""
    found = Improvement.objects.aggregate(
        open=Count("pk", filter=OPEN),
        done=Count("pk", filter=Q(done_on__isnull=False)),
        dropped=Count("pk", filter=Q(dropped_at__isnull=False)),
    )
    return found["open"], found["done"], found["dropped"]


def named() -> frozenset[str]:
    """The slugs of the KPIs that some improvement is about."""
    return frozenset(Improvement.objects.exclude(kpi="").values_list("kpi", flat=True).distinct())


def under_way() -> dict[str, int]:
    """How many improvements are open about each KPI that has any; one statement."""
    rows = Improvement.objects.filter(OPEN).exclude(kpi="").order_by()
    return dict(rows.values_list("kpi").annotate(n=Count("pk")))
