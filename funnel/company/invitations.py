"""Inviting people: a link that opens once, for one address, until it expires."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet

from funnel.addresses import Pasted
from funnel.company.changing import changed, demand_administrator, refusing
from funnel.company.members import join, today_of
from funnel.errors import MoveRefused
from funnel.models import Invitation, Member, Membership
from funnel.transitions.acting import SYSTEM, Actor

LASTS = timedelta(days=7)
TOKEN_BYTES = 32


class Answer(NamedTuple):
    """What became of one pasted piece: invited, member, left, or the problem of the piece itself.

    `token` stands in the link; it is known here only, and once.
    """

    pasted: Pasted
    outcome: str
    token: str = ""
    name: str = ""


@transaction.atomic
def invite(
    pasted: Sequence[Pasted],
    by: Actor,
    *,
    now: datetime,
    departments: Iterable[str],
    role: str = Membership.Role.MEMBER,
    language: str = "ja",
) -> list[Answer]:
    """Open a door for every address that is no member's yet; one answer a piece. Raises NotYours.

    An earlier open invitation of an address is taken back: the newest link is the one that works.
    """
    demand_administrator(by)
    assert by.member is not None, "somebody invites"
    wanted = {one.email for one in pasted if one.email}
    known = {
        m.username.lower(): m for m in Member.objects.filter(is_service=False) if m.username.lower() in wanted
    }
    _take_back(Invitation.objects.filter(email__in=wanted), now)
    answers, made = [], []
    for one in pasted:
        member = known.get(one.email)
        if not one.email or member is not None:
            answers.append(_answer(one, member))
            continue
        token = secrets.token_urlsafe(TOKEN_BYTES)
        made.append(
            Invitation(
                email=one.email,
                name=one.name,
                departments=sorted(departments),
                role=role,
                language=language,
                token_hash=hashed(token),
                created_by=by.member,
                expires_at=now + LASTS,
                created_at=now,
            )  # fmt: skip
        )
        answers.append(Answer(one, "invited", token))
    with refusing(invitation_one_open="conflict"):
        saved = Invitation.objects.bulk_create(made)
    if saved:
        new = {"ids": [i.pk for i in saved], "departments": sorted(departments), "role": str(role)}
        changed(by, now=now, what="invitation", old=None, new=new)
    return answers


@transaction.atomic
def take_back(invitation_id: int, by: Actor, *, now: datetime) -> None:
    """Close an open door. Raises NotYours, MoveRefused("invitation_gone")."""
    demand_administrator(by)
    if not _take_back(Invitation.objects.filter(pk=invitation_id), now):
        raise MoveRefused("invitation_gone")
    changed(by, now=now, what=f"invitation.{invitation_id}", old="open", new="revoked")


def behind(token: str, *, now: datetime) -> Invitation:
    """The invitation a link opens. Raises MoveRefused: unknown, used or taken back, or expired."""
    found = Invitation.objects.filter(token_hash=hashed(token)).first()
    if found is None or found.used_at is not None or found.revoked_at is not None:
        raise MoveRefused("invitation_gone")
    if found.expires_at <= now:
        raise MoveRefused("invitation_expired")
    return found


@transaction.atomic
def accept(token: str, *, now: datetime, name: str, password: str) -> Member:
    """Make the member an invitation was for, and use it up. The caller has checked the password's strength.

    Of two who open the same link one comes in. Raises MoveRefused("invitation_gone", "invitation_expired",
    "already_member").
    """
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=behind(token, now=now).pk)
    if invitation.used_at is not None or invitation.revoked_at is not None:
        raise MoveRefused("invitation_gone")
    if Member.objects.filter(username__iexact=invitation.email).exists():
        raise MoveRefused("already_member")
    member = Member(
        username=invitation.email, email=invitation.email, name=name, language=invitation.language,
        password=make_password(password),
    )  # fmt: skip
    with refusing(funnel_member_username_key="already_member"):
        member.save()
    for department in invitation.departments:
        join(
            member.pk, SYSTEM, now=now, department=department, role=invitation.role, valid_from=today_of(now)
        )
    invitation.used_at, invitation.member = now, member
    invitation.save(update_fields=["used_at", "member"])
    changed(
        Actor(member, "html"),
        now=now,
        what=f"member.{member.pk}",
        old=None,
        new={"invitation": invitation.pk},
    )
    return member


def hashed(token: str) -> str:
    """What is kept of a link's token. It is random and long: a plain digest cannot be guessed backwards."""
    return hashlib.sha256(token.encode()).hexdigest()


def _answer(one: Pasted, member: Member | None) -> Answer:
    if member is None:
        return Answer(one, one.problem)
    return Answer(one, "member" if member.is_active else "left", name=member.name)


def _take_back(rows: QuerySet[Invitation], now: datetime) -> int:
    return rows.filter(used_at=None, revoked_at=None).update(revoked_at=now)
