"""API tokens: made once, shown once, kept as a hash, revoked; each belongs to a service member."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from knox.models import get_token_model

from funnel.company.changing import changed, demand_administrator
from funnel.errors import BadValue, MoveRefused
from funnel.models import Member, TokenUse
from funnel.transitions.acting import Actor

NAME = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
SCOPES = ("read", "write")
# A use is written down at most this often: every call would otherwise be a write.
NOTED_EVERY = timedelta(minutes=10)


class Listed(NamedTuple):
    """A token as a page shows it: whose, what it may, since and until when, and when it was last used."""

    key: str
    name: str
    scope: str
    member: Member
    created: datetime
    expiry: datetime | None
    last_used_at: datetime | None


@transaction.atomic
def issue(name: str, scope: str, by: Actor, *, now: datetime) -> str:
    """Make a token for the service member of this name and scope (made when new); return it, this once.

    Raises NotYours, BadValue("token_name", "bad_choice").
    """
    demand_administrator(by)
    if not NAME.fullmatch(name.strip()):
        raise BadValue("token_name", field="name")
    if scope not in SCOPES:
        raise BadValue("bad_choice", field="scope", value=scope, choices=", ".join(SCOPES))
    member, is_new = Member.objects.get_or_create(
        username=f"service:{scope}:{name.strip()}",
        defaults={"name": name.strip(), "is_service": True, "is_viewer": scope == "read"},
    )
    if is_new:
        member.set_unusable_password()
        member.save(update_fields=["password"])
    kept, token = get_token_model().objects.create(user=member)
    changed(
        by, now=now, what="api_token", old=None,
        new={"member": member.pk, "scope": scope, "key": kept.token_key},
    )  # fmt: skip
    return str(token)


@transaction.atomic
def revoke(key: str, by: Actor, *, now: datetime) -> None:
    """Close a token, by its first letters as listed. Raises NotYours, MoveRefused("already_done")."""
    demand_administrator(by)
    found = get_token_model().objects.select_for_update(of=("self",)).filter(token_key=key).first()
    if found is None:
        raise MoveRefused("already_done")
    member = found.user_id
    TokenUse.objects.filter(digest=found.digest).delete()
    found.delete()
    changed(by, now=now, what="api_token", old={"member": member, "key": key}, new=None)


def listed() -> list[Listed]:
    """Every token there is, the newest first."""
    rows = list(get_token_model().objects.select_related("user").order_by("-created"))
    used = {u.digest: u.last_used_at for u in TokenUse.objects.filter(digest__in=[r.digest for r in rows])}
    return [
        Listed(
            row.token_key, row.user.name, "read" if row.user.is_viewer else "write", row.user, row.created,
            row.expiry, used.get(row.digest),
        )
        for row in rows
    ]  # fmt: skip


_noted: dict[str, datetime] = {}


def note_use(digest: str, *, now: datetime) -> None:
    """Write down that a token opened the door, unless this process did so a moment ago."""
    last = _noted.get(digest)
    if last is not None and now - last < NOTED_EVERY:
        return
    _noted[digest] = now
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [digest, now])


NOTE: Any = """
INSERT INTO funnel_tokenuse (digest, last_used_at) VALUES (%s, %s)
ON CONFLICT (digest) DO UPDATE SET last_used_at = greatest(funnel_tokenuse.last_used_at, EXCLUDED.last_used_at)
"""
