"""What somebody says of himself, and how his screen looks."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from funnel.company.changing import changed
from funnel.company.members import lock
from funnel.models import Member
from funnel.transitions.acting import Actor


@transaction.atomic
def edit(
    member_id: int,
    by: Actor,
    *,
    now: datetime,
    name: str,
    name_kana: str,
    language: str,
    theme: str,
    shortcuts_off: bool,
) -> Member:
    """Change one's own profile; the ledger keeps which parts changed, not what they say."""
    member = lock(member_id)
    new = {
        "name": name, "name_kana": name_kana, "language": language, "theme": theme, "shortcuts_off": shortcuts_off,
    }  # fmt: skip
    parts = [part for part, value in new.items() if getattr(member, part) != value]
    if parts:
        for part in parts:
            setattr(member, part, new[part])
        member.save(update_fields=parts)
        changed(by, now=now, what=f"member.{member.pk}.profile", old=None, new=parts)
    return member
