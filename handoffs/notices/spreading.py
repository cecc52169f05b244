"""Who hears of a notice, over which ways, and from when: one delivery for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.functional import cached_property

from funnel import moment
from funnel.models import Member, Membership, Organization
from handoffs.kinds import ALWAYS_MAILED, MAILED, Kind, Way
from handoffs.models import Delivery, Notice, NoticeChoice, Outlet
from handoffs.quiet import QuietHours

AT_ONCE = 500
NO_MAIL = ("django.core.mail.backends.console.EmailBackend", "django.core.mail.backends.dummy.EmailBackend")
TOLD_TO_LEADS = (Kind.MISSED, Kind.ESCALATION)


class Listener(NamedTuple):
    """Somebody who can hear: his address, how he wants to, and the departments he leads or belongs to."""

    member_id: int
    address: str
    by_mail: frozenset[str]
    quiet: QuietHours | None


def sends_mail() -> bool:
    """True when the installation has a mail server; without one, notices lie in the inboxes only."""
    return settings.EMAIL_BACKEND not in NO_MAIL


def mail_outlet() -> Outlet:
    """The mail server's row."""
    return Outlet.objects.get_or_create(way=Way.MAIL)[0]


def quiet_hours(choice: NoticeChoice | None) -> QuietHours | None:
    """The quiet hours a member has chosen, if any."""
    if choice is None or choice.quiet_from is None or choice.quiet_to is None:
        return None
    return QuietHours(choice.quiet_from, choice.quiet_to)


class Company:
    """Everybody who can hear, and every chat room; each read once, whatever the number of notices."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.zone = Organization.current().tz
        self.members: dict[str, set[int]] = defaultdict(set)
        self.leads: dict[str, set[int]] = defaultdict(set)
        today = now.astimezone(self.zone).date()
        current = Membership.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=today), valid_from__lte=today, member__is_viewer=False
        )
        for department, member_id, role in current.values_list("department", "member_id", "role"):
            self.members[department].add(member_id)
            if role == Membership.Role.LEAD:
                self.leads[department].add(member_id)

    @cached_property
    def listeners(self) -> dict[int, Listener]:
        rows = Member.objects.filter(is_active=True, is_service=False).select_related("notice_choice")
        return {
            m.pk: Listener(m.pk, m.email, _mailed(choice), quiet_hours(choice))
            for m in rows
            for choice in [getattr(m, "notice_choice", None)]
        }

    @cached_property
    def administrators(self) -> set[int]:
        rows = Member.objects.filter(is_administrator=True)
        return set(rows.values_list("pk", flat=True)) & self.listeners.keys()

    @cached_property
    def mail(self) -> Outlet | None:
        return mail_outlet() if sends_mail() else None

    @cached_property
    def rooms(self) -> dict[str, Outlet]:
        return {room.department: room for room in Outlet.objects.filter(way=Way.CHAT, is_active=True)}

    def present(self, members: Iterable[int]) -> set[int]:
        """Those who still work here."""
        return self.listeners.keys() & set(members)

    def hearing(self, notice: Notice) -> set[int]:
        """The member a notice is for, else his department; of a miss its leads too.

        An escalation is for the leads, and where nobody leads for the administrators; the leads of the department
        that handed it over hear of it too: it is their customer who waits.
        """
        leads = self.present(self.leads[notice.department])
        if notice.kind == Kind.ESCALATION:
            sender = notice.handoff.from_department if notice.handoff else notice.department
            return (leads or self.administrators) | self.present(self.leads[sender])
        found = self.present([notice.member_id] if notice.member_id else [])
        found = found or self.present(self.members[notice.department])
        return found | leads if notice.kind in TOLD_TO_LEADS else found

    def room(self, notice: Notice) -> Outlet | None:
        """The chat room that posts it: the department's own, else the organisation's."""
        room = self.rooms.get(notice.department) or self.rooms.get("")
        return room if room is not None and notice.kind in room.kinds else None


def _mailed(choice: NoticeChoice | None) -> frozenset[str]:
    return frozenset(MAILED if choice is None else choice.by_mail)


def spread(*, at_once: int = AT_ONCE) -> int:
    """Make the deliveries of every new notice; return how many notices. The inboxes have theirs at once.

    A letter waits for the end of its recipient's quiet hours. Each part is one transaction of a constant
    number of statements; any number of processes may spread at once.
    """
    done = 0
    while True:
        with transaction.atomic():
            fresh = Notice.objects.filter(spread_at=None).select_for_update(skip_locked=True, of=("self",))
            notices = list(fresh.select_related("handoff").order_by("id")[:at_once])
            if notices:
                now = moment.now()
                company = Company(now)
                Delivery.objects.bulk_create(
                    [d for notice in notices for d in _deliveries(notice, company)], ignore_conflicts=True
                )
                Notice.objects.filter(pk__in=[n.pk for n in notices]).update(spread_at=now)
        done += len(notices)
        if len(notices) < at_once:
            return done


def _deliveries(notice: Notice, company: Company) -> Iterator[Delivery]:
    now = company.now
    for member_id in sorted(company.hearing(notice)):
        listener = company.listeners[member_id]
        yield Delivery(
            notice=notice,
            kind=notice.kind,
            way=Way.APP,
            member_id=member_id,
            delivered_at=now,
            next_try_at=now,
        )
        if (
            company.mail is not None
            and listener.address
            and notice.kind in {*listener.by_mail, *ALWAYS_MAILED}
        ):
            yield Delivery(
                notice=notice, kind=notice.kind, way=Way.MAIL, member_id=member_id, outlet=company.mail,
                next_try_at=listener.quiet.release(now, company.zone) if listener.quiet else now,
            )  # fmt: skip
    room = company.room(notice)
    if room is not None:
        yield Delivery(notice=notice, kind=notice.kind, way=Way.CHAT, outlet=room, next_try_at=now)
