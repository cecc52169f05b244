"""What people choose: each his ways and quiet hours, leads and administrators the chat rooms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from django.db import transaction

from funnel.errors import BadValue, NotYours
from funnel.models import Member
from funnel.stages import DEPARTMENT_WORDS
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import setting_changed
from handoffs.kinds import CHOSEN, Way
from handoffs.models import Delivery, NoticeChoice, Outlet
from handoffs.notices import outlets, wire
from handoffs.notices.spreading import mail_outlet


@transaction.atomic
def choose(
    member: Member,
    *,
    by_mail: Iterable[str],
    by_chat: Iterable[str],
    chat_id: str = "",
    quiet_from: time | None = None,
    quiet_to: time | None = None,
) -> NoticeChoice:
    """Keep how the member wants to hear. What waits for him is judged anew: at once, unless it is quiet now."""
    chosen = {
        "by_mail": [k.value for k in CHOSEN if k in set(by_mail)],
        "by_chat": [k.value for k in CHOSEN if k in set(by_chat)],
        "chat_id": chat_id,
        "quiet_from": quiet_from,
        "quiet_to": quiet_to,
    }
    kept, _ = NoticeChoice.objects.update_or_create(member=member, defaults=chosen)
    waiting = Delivery.objects.filter(
        outlets.WAITING, outlet=mail_outlet(), member=member, within=None, attempts=0
    )
    waiting.update(next_try_at=outlets.RevopsNow())
    return kept


@transaction.atomic
def set_room(by: Actor, department: str, *, url: str, kinds: Iterable[str], now: datetime) -> Outlet:
    """Let a chat room post notices: a department's by its lead, the organisation's ("") by an administrator.

    A blank `url` keeps the address. A new one is tried at once. Raises NotYours, BadValue("webhook_…").
    The ledger learns that it was set, never the address.
    """
    _demand_right(by, department)
    room = Outlet.objects.select_for_update(of=("self",)).filter(way=Way.CHAT, department=department).first()
    if not url and (room is None or not room.url):
        raise BadValue("webhook_not_an_address", field="url")
    if url:
        try:
            wire.checked(url)
        except wire.NotAllowed as error:
            raise BadValue(f"webhook_{error.code}", field="url") from error
    known = room or Outlet(way=Way.CHAT, department=department)
    old = {"is_active": bool(room and room.is_active), "kinds": list(known.kinds) if room else []}
    known.kinds = [k.value for k in CHOSEN if k in set(kinds)]
    known.is_active, known.set_at, known.set_by = True, now, by.member
    if url and url != known.url:
        known.url, known.failures, known.failing_since, known.failure = url, 0, None, ""
        known.next_try_at = now
    known.save()
    new = {"is_active": True, "kinds": known.kinds, "is_new_address": bool(url)}
    setting_changed(by, now=now, what=f"chat_room:{department}", old=old, new=new)
    return known


@transaction.atomic
def stop_room(by: Actor, department: str, *, now: datetime) -> None:
    """Let a chat room post nothing more, and forget its address; what waits for it is not sent. Raises NotYours."""
    _demand_right(by, department)
    for room in Outlet.objects.select_for_update(of=("self",)).filter(
        way=Way.CHAT, department=department, is_active=True
    ):
        outlets.stop(room)
        old = {"is_active": True, "kinds": list(room.kinds)}
        setting_changed(by, now=now, what=f"chat_room:{department}", old=old, new={"is_active": False})


def _demand_right(by: Actor, department: str) -> None:
    """Raises NotYours unless `by` administers, or leads the department."""
    if by.member is not None and by.member.is_administrator:
        return
    if not department or department not in by.led:
        words = DEPARTMENT_WORDS.get(department)
        raise NotYours("not_yours", departments=words) if words else NotYours("administrators_only")
