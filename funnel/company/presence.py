"""Who is away when, and how many handoffs a day somebody takes; each change is in the ledger, the cause is not."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from funnel.company.changing import changed, refusing
from funnel.errors import BadValue, NotYours
from funnel.models import Absence, Member, Membership, Organization
from funnel.transitions.acting import Actor

MOST_A_DAY = 1000
LONGEST = timedelta(days=3 * 366)


@transaction.atomic
def add_absence(member_id: int, by: Actor, *, now: datetime, first_on: date, last_on: date) -> Absence:
    """Note that a member is away on these days of the organisation, both included.

    His own, or by a lead of a department he belongs to, or an administrator. Raises NotYours,
    BadValue("bad_dates", "absence_past", "absence_long"), MoveRefused("absence_overlap").
    """
    today = _today(now)
    member = Member.objects.get(pk=member_id)
    _demand_right(by, member, today)
    if last_on < first_on:
        raise BadValue("bad_dates", field="last_on")
    if last_on < today:
        raise BadValue("absence_past", field="last_on")
    if last_on - first_on > LONGEST:
        raise BadValue("absence_long", field="last_on")
    with refusing(absence_no_overlap="absence_overlap"):
        absence = Absence.objects.create(
            member=member, first_on=first_on, last_on=last_on, entered_by=by.member
        )
    changed(by, now=now, what=f"absence.{member.pk}", old=None, new=_dates(absence))
    return absence


@transaction.atomic
def remove_absence(absence_id: int, by: Actor, *, now: datetime) -> None:
    """Take an absence back: from today on the member is there again. Days that are over stay as they were.

    Raises NotYours, Absence.DoesNotExist.
    """
    today = _today(now)
    absence = Absence.objects.select_for_update(of=("self",)).select_related("member").get(pk=absence_id)
    _demand_right(by, absence.member, today)
    old = _dates(absence)
    if absence.last_on < today:
        return
    if absence.first_on < today:
        absence.last_on = today - timedelta(days=1)
        absence.save(update_fields=["last_on"])
        changed(by, now=now, what=f"absence.{absence.member_id}", old=old, new=_dates(absence))
        return
    absence.delete()
    changed(by, now=now, what=f"absence.{absence.member_id}", old=old, new=None)


@transaction.atomic
def set_capacity(membership_id: int, by: Actor, *, now: datetime, capacity: int | None) -> Membership:
    """Set how many handoffs a day rotation gives somebody in a department at most; None is no limit.

    By a lead of that department or an administrator. Raises NotYours, BadValue("capacity_range").
    """
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership_id)
    if membership.department not in by.led and not by.is_administrator:
        raise NotYours("leads_only")
    if capacity is not None and not 0 <= capacity <= MOST_A_DAY:
        raise BadValue("capacity_range", field="capacity", most=MOST_A_DAY)
    old, membership.daily_capacity = membership.daily_capacity, capacity
    if old != capacity:
        membership.save(update_fields=["daily_capacity"])
        changed(by, now=now, what=f"capacity.{membership.pk}", old=old, new=capacity)
    return membership


def memberships_for(by: Actor, today: date) -> QuerySet[Membership]:
    """Memberships of today whose absences and limits are his to enter: of the departments he leads, or all."""
    current = Membership.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today),
        valid_from__lte=today,
        member__is_active=True,
        member__is_viewer=False,
        member__is_service=False,
    )
    rows = current if by.is_administrator else current.filter(department__in=by.led)
    return rows.select_related("member").order_by("department", "member__name", "pk")


def absences_of(members: set[int], today: date) -> QuerySet[Absence]:
    """Absences of these members that are not over yet, the nearest first."""
    return Absence.objects.filter(member__in=members, last_on__gte=today).order_by("first_on", "pk")


def _today(now: datetime) -> date:
    return Organization.current().calendar().local_date(now)


def _demand_right(by: Actor, member: Member, today: date) -> None:
    if by.member is not None and by.member.pk == member.pk:
        return
    if not by.is_administrator and not memberships_for(by, today).filter(member=member).exists():
        raise NotYours("leads_only")


def _dates(absence: Absence) -> dict[str, str]:
    return {"first_on": absence.first_on.isoformat(), "last_on": absence.last_on.isoformat()}
