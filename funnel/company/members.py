"""Members: their roles, the departments they belong to from a day to a day, leaving and coming back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q

from funnel.company.changing import changed, demand_administrator, demand_unchanged, differences, refusing
from funnel.errors import BadValue, MoveRefused
from funnel.models import Member, Membership, Organization
from funnel.stages import Department
from funnel.transitions.acting import Actor

ROLES = ("is_administrator", "is_viewer", "is_active")
# Never the name he signs in with: an update of a key waits for everybody who refers to it, in a circle at worst.
STANDING = (*ROLES, "leaves_on", "is_staff", "is_superuser")
LAST = {"member_last_administrator": "last_administrator"}


def of_today(member: Member, today: date) -> list[Membership]:
    """What a member belongs to on a day, in the order of the ring."""
    order = list(Department)
    current = [
        m
        for m in member.memberships.all()
        if m.valid_from <= today and (m.valid_to is None or m.valid_to > today)
    ]
    return sorted(current, key=lambda m: order.index(Department(m.department)))


def seen(member: Member) -> dict[str, Any]:
    """What a page shows of a member's standing, for the stamp."""
    rows = member.memberships.order_by("id").values_list("id", "department", "role", "valid_from", "valid_to")
    return {**{name: getattr(member, name) for name in (*ROLES, "name", "leaves_on")}, "in": list(rows)}


def lock(member_id: int) -> Member:
    """Lock a person's row; raises Member.DoesNotExist."""
    return Member.objects.select_for_update(of=("self",), no_key=True).get(pk=member_id)


@transaction.atomic
def set_roles(
    member_id: int,
    by: Actor,
    *,
    now: datetime,
    is_administrator: bool,
    is_viewer: bool,
    stamp: str | None = None,
) -> Member:
    """Make somebody administrator or viewer, or neither.

    Raises NotYours, MoveRefused("last_administrator", "setting_conflict"), BadValue("administers_or_looks").
    """
    demand_administrator(by)
    member = lock(member_id)
    demand_unchanged(stamp, seen(member), f"member.{member.pk}")
    if is_administrator and is_viewer:
        raise BadValue("administers_or_looks", field="is_viewer")
    if member.is_service:
        raise MoveRefused("service_member")
    new = {"is_administrator": is_administrator, "is_viewer": is_viewer}
    before, after = differences({name: getattr(member, name) for name in new}, new)
    if after:
        member.is_administrator, member.is_viewer = is_administrator, is_viewer
        with refusing(**LAST):
            member.save(update_fields=STANDING)
        changed(by, now=now, what=f"member.{member.pk}", old=before, new=after)
    return member


@transaction.atomic
def join(
    member_id: int,
    by: Actor,
    *,
    now: datetime,
    department: str,
    role: str = Membership.Role.MEMBER,
    valid_from: date | None = None,
    valid_to: date | None = None,
    stamp: str | None = None,
) -> Membership:
    """Let a member belong to a department from a day (today) to a day (exclusive; open).

    Raises NotYours, MoveRefused("membership_overlap", "setting_conflict", "member_left"), BadValue("bad_dates").
    """
    demand_administrator(by)
    member = lock(member_id)
    demand_unchanged(stamp, seen(member), f"member.{member.pk}")
    if not member.is_active:
        raise MoveRefused("member_left")
    if member.is_service:
        raise MoveRefused("service_member")
    begins = valid_from or today_of(now)
    if valid_to is not None and valid_to <= begins:
        raise BadValue("bad_dates", field="valid_to")
    with refusing(membership_no_overlap="membership_overlap"):
        made = Membership.objects.create(
            member=member, department=department, role=role, valid_from=begins, valid_to=valid_to
        )
    changed(by, now=now, what=_about(made), old=None, new=_said(made))
    return made


@transaction.atomic
def change_membership(
    membership_id: int,
    by: Actor,
    *,
    now: datetime,
    role: str,
    valid_to: date | None,
    stamp: str | None = None,
) -> Membership | None:
    """Change the role of a membership, or when it ends; one that would never have begun is taken away (None).

    A new role begins today: the days before keep the old one. Raises as `join`.
    """
    demand_administrator(by)
    known = Membership.objects.only("member_id").get(pk=membership_id)
    member = lock(known.member_id)
    demand_unchanged(stamp, seen(member), f"member.{member.pk}")
    membership = Membership.objects.get(pk=membership_id)
    today, old = today_of(now), _said(membership)
    if valid_to is not None and valid_to <= membership.valid_from:
        _never_begun(membership, today)
        membership.delete()
        changed(by, now=now, what=f"member.{member.pk}.membership.{membership_id}", old=old, new=None)
        return None
    with refusing(membership_no_overlap="membership_overlap"):
        if role != membership.role and membership.valid_from < today and not _over(valid_to, today):
            membership.valid_to = today
            membership.save()
            changed(by, now=now, what=_about(membership), old=old, new=_said(membership))
            membership = Membership.objects.create(
                member=member,
                department=membership.department,
                role=role,
                valid_from=today,
                valid_to=valid_to,
            )
            changed(by, now=now, what=_about(membership), old=None, new=_said(membership))
            return membership
        membership.role, membership.valid_to = role, valid_to
        membership.save()
    if _said(membership) != old:
        changed(by, now=now, what=_about(membership), old=old, new=_said(membership))
    return membership


@transaction.atomic
def leave(
    member_id: int, by: Actor, *, now: datetime, on: date | None = None, stamp: str | None = None
) -> Member:
    """Let a member leave: `on` is the first day without him (today). His memberships end; who is not active
    is signed in nowhere.

    On a day to come he stays until then. What he still owed is given to others as the leaving is recorded
    (`handoffs` hears of it). Raises NotYours, MoveRefused("last_administrator", "setting_conflict").
    """
    demand_administrator(by)
    member = lock(member_id)
    demand_unchanged(stamp, seen(member), f"member.{member.pk}")
    today = today_of(now)
    day = max(on or today, today)
    if not member.is_active:
        raise MoveRefused("member_left")
    if day > today:
        _demand_another_administrator(member)
    _end_memberships(member, day)
    member.leaves_on = day
    if day <= today:
        member.is_active = False
    with refusing(**LAST):
        member.save(update_fields=STANDING)
    changed(
        by, now=now, what=f"member.{member.pk}", old={"is_active": True}, new={"leaves_on": day.isoformat()}
    )
    return member


@transaction.atomic
def come_back(member_id: int, by: Actor, *, now: datetime, stamp: str | None = None) -> Member:
    """Let somebody who left, or is to leave, stay; departments are given to him anew. Raises NotYours."""
    demand_administrator(by)
    member = lock(member_id)
    demand_unchanged(stamp, seen(member), f"member.{member.pk}")
    old = {"is_active": member.is_active, "leaves_on": str(member.leaves_on) if member.leaves_on else None}
    if member.is_active and member.leaves_on is None:
        raise MoveRefused("already_done")
    member.is_active, member.leaves_on = True, None
    member.save(update_fields=STANDING)
    changed(by, now=now, what=f"member.{member.pk}", old=old, new={"is_active": True, "leaves_on": None})
    return member


@transaction.atomic
def set_password(member_id: int, by: Actor, *, now: datetime, password: str) -> Member:
    """Give a member a new password, which ends his sessions. The caller has checked its strength.

    The ledger says that it changed and who did it. Raises NotYours, MoveRefused("service_member").
    """
    member = lock(member_id)
    if by.member is None or by.member.pk != member.pk:
        demand_administrator(by)
    if member.is_service:
        raise MoveRefused("service_member")
    member.password = make_password(password)
    member.save(update_fields=["password"])
    changed(by, now=now, what=f"member.{member.pk}.password", old=None, new="set")
    return member


def carry_out_leavings(*, by: Actor, now: datetime) -> list[int]:
    """Shut out those whose last day has passed; return their ids. Safe to repeat.

    Somebody who has become the last administrator meanwhile stays, and is asked about again the next time.
    """
    today, gone = today_of(now), []
    due = Member.objects.filter(is_active=True, leaves_on__lte=today).order_by("pk")
    for member_id in list(due.values_list("pk", flat=True)):
        try:
            leave(member_id, by, now=now)
        except MoveRefused:
            continue
        gone.append(member_id)
    return gone


def today_of(now: datetime) -> date:
    """The organisation's date at a moment."""
    return now.astimezone(Organization.current().tz).date()


def _demand_another_administrator(member: Member) -> None:
    others = Member.objects.filter(is_administrator=True, is_active=True, leaves_on=None).exclude(
        pk=member.pk
    )
    if member.is_administrator and not others.exists():
        raise MoveRefused("last_administrator")


def _end_memberships(member: Member, day: date) -> None:
    member.memberships.filter(valid_from__gte=day).delete()
    member.memberships.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day)).update(valid_to=day)


def _never_begun(membership: Membership, today: date) -> None:
    if membership.valid_from < today:
        raise BadValue("bad_dates", field="valid_to")


def _over(valid_to: date | None, today: date) -> bool:
    return valid_to is not None and valid_to <= today


def _about(membership: Membership) -> str:
    return f"member.{membership.member_id}.membership.{membership.pk}"


def _said(membership: Membership) -> dict[str, Any]:
    return {
        "department": membership.department,
        "role": str(membership.role),
        "from": str(membership.valid_from),
        "to": str(membership.valid_to) if membership.valid_to else None,
    }
