"""THE ONLY WRITER of what departments say of their weeks, and of who helped another one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from dashboards.models import Help, WeekWord
from dashboards.models.weekly import LONGEST
from funnel.calendar import ONE_DAY
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Member, Membership, Organization
from funnel.stages import DEPARTMENT_WORDS, Department
from funnel.transitions.acting import Actor

ONE_WEEK = timedelta(weeks=1)


def monday(day: date) -> date:
    """The first day of a day's week."""
    return day - day.weekday() * ONE_DAY


def open_weeks(today: date) -> tuple[date, date]:
    """The weeks that can be spoken of: this one and the last, by their Mondays."""
    return monday(today), monday(today) - ONE_WEEK


@transaction.atomic
def say(department: str, week: date, text: str, seen: int, by: Actor, *, now: datetime) -> WeekWord:
    """Say a department's sentence of a week, or another one; "" takes it back. `seen` is the version before.

    Said as it stands already it changes nothing. Raises NotYours for another department's, BadValue for what cannot
    be so, MoveRefused("written_meanwhile") where somebody said another since `seen`.
    """
    member = _member(by)
    _demand_department(department)
    if department not in by.departments and not by.everywhere:
        raise NotYours("not_yours", departments=DEPARTMENT_WORDS[Department(department)])
    _demand_week(week, now)
    text = _line(text)
    last = WeekWord.objects.filter(week=week, department=department).first()
    version = last.version if last else 0
    if last is not None and last.text == text:
        return last
    if version != seen:
        raise MoveRefused("written_meanwhile", value=last.text if last else "")
    if last is None and not text:
        raise BadValue("say_what", field="text")
    made, is_new = WeekWord.objects.get_or_create(
        week=week,
        department=department,
        version=version + 1,
        defaults={"text": text, "by": member, "said_at": now},
    )
    if not is_new and made.text != text:
        raise MoveRefused("written_meanwhile", value=made.text)
    return made


@transaction.atomic
def thank(helper: int, department: str, week: date, text: str, by: Actor, *, now: datetime) -> Help:
    """Name somebody who helped a department that is not his own. Raises NotYours, BadValue."""
    member = _member(by)
    _demand_department(department)
    _demand_week(week, now)
    text = _line(text)
    if not text:
        raise BadValue("say_what", field="text")
    found = Member.objects.filter(pk=helper, is_active=True, is_service=False).first()
    if found is None:
        raise BadValue("unknown_owner", field="helper")
    today = _today(now)
    own = set(
        Membership.objects.filter(member=found, valid_from__lte=today)
        .exclude(valid_to__lte=today)
        .values_list("department", flat=True)
    )
    if own == {department}:
        raise BadValue("helped_own", field="department", name=found.name)
    return Help.objects.create(
        week=week, helper=found, department=department, text=text, by=member, said_at=now
    )


@transaction.atomic
def withdraw(pk: int, by: Actor, *, now: datetime) -> Help:
    """Take back that somebody helped; raises Help.DoesNotExist. Taken back already it changes nothing."""
    member = _member(by)
    found = Help.objects.select_for_update().get(pk=pk)
    if found.withdrawn_at is None:
        found.withdrawn_at, found.withdrawn_by = now, member
        found.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return found


def words(weeks: tuple[date, date], until: datetime) -> Mapping[str, WeekWord]:
    """Each department's newest sentence of the weeks from one Monday to another, as said until a moment; one statement."""
    rows = (
        WeekWord.objects.filter(week__range=weeks, said_at__lte=until)
        .order_by("department", "-week", "-version")
        .distinct("department", "week")
        .select_related("by")
    )
    found: dict[str, WeekWord] = {}
    for row in rows:
        if row.text:
            found.setdefault(row.department, row)
    return {str(each): found[each] for each in Department if each in found}


def versions(week: date) -> dict[str, int]:
    """The version of each department's sentence of a week, also of one taken back; one statement."""
    rows = WeekWord.objects.filter(week=week).order_by("department", "-version").distinct("department")
    return {row.department: row.version for row in rows}


def helps(weeks: tuple[date, date], until: datetime) -> QuerySet[Help]:
    """Who helped whom in the weeks from one Monday to another, as it stood at a moment."""
    stood = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=until)
    rows = Help.objects.filter(stood, week__range=weeks, said_at__lte=until)
    return rows.select_related("helper").order_by("week", "id")


def unsaid(by: Actor, today: date) -> list[str]:
    """The departments of a member that have not said their sentence of this week; one statement."""
    said = set(
        WeekWord.objects.filter(week=monday(today)).exclude(text="").values_list("department", flat=True)
    )
    return [str(each) for each in Department if each in by.departments and each not in said]


def _member(by: Actor) -> Member:
    if not by.may_write or by.member is None:
        raise NotYours("read_only")
    return by.member


def _demand_department(department: str) -> None:
    if department not in set(Department):
        choices = ", ".join(Department)
        raise BadValue("bad_choice", field="department", value=department, choices=choices)


def _demand_week(week: date, now: datetime) -> None:
    if week not in open_weeks(_today(now)):
        raise BadValue("week_over", field="week")


def _line(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > LONGEST:
        raise BadValue("text_too_long", field="text", most=LONGEST)
    return text


def _today(now: datetime) -> date:
    return now.astimezone(Organization.current().tz).date()
