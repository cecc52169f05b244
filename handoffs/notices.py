"""THE ONLY WRITER of notices (the outbox): write, claim, send, give up."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import Q, QuerySet

from funnel.moment import RevopsNow
from handoffs import letters
from handoffs.models import Handoff, Notice

OPENED, WARNING, MISSED, RETURNED = "opened", "warning", "missed", "returned"
BY_MAIL = (WARNING, MISSED, RETURNED)
NO_MAIL = ("django.core.mail.backends.console.EmailBackend", "django.core.mail.backends.dummy.EmailBackend")
ATTEMPTS = 12
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=2)
# A worker that was killed while sending held its claim; after this long another may send.
CLAIM = timedelta(minutes=5)
CLAIMED_AT_ONCE = 20
MAIL_TIMEOUT = 10


class Delivered(NamedTuple):
    """What a delivery did: notices shown or sent, failed for now, given up."""

    delivered: int
    failed: int
    given_up: int


def key(kind: str, handoff_id: int | None) -> str:
    """The stable key by which a repeated message is recognised."""
    return f"{kind}:{handoff_id}"


def write(told: Iterable[tuple[str, Handoff]]) -> None:
    """Put one notice per (kind, handoff) into the outbox, in the caller's transaction; a second is ignored.

    A return is told to the sender, everything else to whoever has to act.
    """
    Notice.objects.bulk_create(
        [
            Notice(
                key=key(kind, handoff.pk),
                kind=kind,
                handoff_id=handoff.pk,
                department=handoff.from_department if kind == RETURNED else handoff.done_by_department,
                member_id=handoff.sender_id if kind == RETURNED else handoff.owner_id,
            )
            for kind, handoff in told
        ],
        ignore_conflicts=True,
    )


def recent(departments: Iterable[str], member_id: int | None) -> QuerySet[Notice]:
    """What pages show: delivered notices of these departments, and those to the member, newest first."""
    mine = Q(department__in=list(departments)) | Q(member_id=member_id, member__isnull=False)
    return Notice.objects.filter(mine, delivered_at__isnull=False).select_related("handoff").order_by("-id")


def sends_mail() -> bool:
    """True when the installation has a mail server; without one, notices are shown on pages only."""
    return settings.EMAIL_BACKEND not in NO_MAIL


def deliver(*, limit: int = 500) -> Delivered:
    """Deliver what is due: on pages at once, and by mail where that is configured; at least once each.

    A failed mail is tried again after a growing, uneven pause, and given up visibly after twelve attempts.
    """
    shown = _show()
    if not sends_mail():
        return Delivered(shown, 0, 0)
    sent = failed = given_up = 0
    wire = get_connection(timeout=MAIL_TIMEOUT)
    try:
        while sent + failed < limit and (claimed := _claim(CLAIMED_AT_ONCE)):
            for notice in claimed:
                if _send(notice, wire):
                    sent += 1
                else:
                    failed += 1
                    given_up += notice.attempts >= ATTEMPTS
    finally:
        wire.close()
    return Delivered(shown + sent, failed, given_up)


SHOW = """
UPDATE handoffs_notice SET delivered_at = revops_now(), attempts = attempts + 1
WHERE id IN (SELECT id FROM handoffs_notice
             WHERE delivered_at IS NULL AND given_up_at IS NULL AND next_try_at <= revops_now()
               AND kind <> ALL(%s)
             ORDER BY next_try_at FOR UPDATE SKIP LOCKED)
"""


def _show() -> int:
    with connection.cursor() as cursor:
        cursor.execute(SHOW, [list(BY_MAIL) if sends_mail() else []])
        return cursor.rowcount


def show_all() -> int:
    """Count every waiting notice as shown on pages, without mail: a past told at once is news to nobody."""
    return Notice.objects.filter(delivered_at=None, given_up_at=None).update(delivered_at=RevopsNow())


CLAIM_SOME = """
UPDATE handoffs_notice SET attempts = attempts + 1, next_try_at = revops_now() + %s
WHERE id IN (SELECT id FROM handoffs_notice
             WHERE delivered_at IS NULL AND given_up_at IS NULL AND next_try_at <= revops_now()
             ORDER BY next_try_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING *
"""


def _claim(count: int) -> list[Notice]:
    """Take some notices for this process: others leave them alone until the claim runs out."""
    return list(Notice.objects.raw(CLAIM_SOME, [CLAIM, count]))


def _send(notice: Notice, wire: BaseEmailBackend) -> bool:
    mine = Notice.objects.filter(pk=notice.pk, delivered_at=None)
    try:
        wire.send_messages(letters.of(notice))
    except OSError as error:
        # smtplib's errors are OSErrors; a broken connection must not fail the next message too.
        wire.close()
        if notice.attempts >= ATTEMPTS:
            mine.update(failure=type(error).__name__, given_up_at=RevopsNow())
        else:
            mine.update(failure=type(error).__name__, next_try_at=RevopsNow() + _pause(notice.attempts))
        return False
    mine.update(delivered_at=RevopsNow(), failure="")
    return True


def _pause(attempts: int) -> timedelta:
    """Doubling, at most two hours, spread by a quarter so that retries do not arrive together."""
    grown = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    return grown * random.uniform(0.75, 1.25)  # noqa: S311
