"""What waits, carried out of the house: claimed, sent, marked; at least once, under a stable key."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple, Protocol

from django.db.models import F, Q, QuerySet

from funnel import moment
from funnel.models import Organization
from funnel.moment import RevopsNow
from handoffs.kinds import OF_WHAT_IS_OWED, Way
from handoffs.models import Delivery, NoticeChoice, Outlet
from handoffs.notices import outlets, wording
from handoffs.notices.answers import Answer
from handoffs.notices.bundling import bundle
from handoffs.notices.letters import Postman
from handoffs.notices.posts import Crier
from handoffs.notices.spreading import quiet_hours, sends_mail, spread

ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=2)
# A worker that was killed while sending held its claim; after this long another may send.
CLAIM = timedelta(minutes=5)
CLAIMED_AT_ONCE = 20
# Less than a task may take: what is left waits for the next tick.
SECONDS = 150


class Delivered(NamedTuple):
    """What a delivery did: notices spread, then letters and posts sent, failed for now, given up."""

    spread: int = 0
    sent: int = 0
    failed: int = 0
    given_up: int = 0


class Carrier(Protocol):
    """Carries parcels through one outlet."""

    def carry(self, head: Delivery, parcel: Sequence[Delivery]) -> Answer: ...

    def close(self) -> None: ...


def deliver(*, limit: int = 10_000) -> Delivered:
    """Deliver what is due: into inboxes at once, by mail and to chat rooms where those are set; at least once.

    A refused letter is tried again after a growing, uneven pause and given up visibly after twelve attempts. An
    outlet that does not work is left alone for a growing time; its letters wait for it and are never given up.
    """
    spread_now = spread()
    bundle()
    sent = failed = given_up = 0
    until = time.monotonic() + SECONDS
    for outlet in outlets.open_now().select_related("set_by"):
        if outlet.way == Way.MAIL and not sends_mail():
            continue
        run = _Run(outlet, limit, until)
        run.empty()
        sent, failed, given_up = sent + run.sent, failed + run.failed, given_up + run.given_up
    return Delivered(spread_now, sent, failed, given_up)


class _Run:
    """One outlet, emptied as far as it lets itself be emptied."""

    def __init__(self, outlet: Outlet, limit: int, until: float) -> None:
        self.outlet, self.limit, self.until = outlet, limit, until
        self.organization, self.now = Organization.current(), moment.now()
        self.sent = self.failed = self.given_up = 0

    def empty(self) -> None:
        carrier: Carrier = (
            Postman(self.organization, self.now)
            if self.outlet.way == Way.MAIL
            else Crier(self.outlet, self.organization, self.now)
        )
        try:
            while self.sent + self.failed < self.limit and time.monotonic() < self.until:
                # One letter is enough to see whether a dead outlet is alive again.
                claimed = claim(self.outlet, 1 if outlets.is_down(self.outlet) else CLAIMED_AT_ONCE)
                if not claimed or not self._carry_all(claimed, carrier):
                    break
        finally:
            carrier.close()
            if self.sent:
                Outlet.objects.filter(pk=self.outlet.pk).update(worked_at=RevopsNow())

    def _carry_all(self, claimed: list[Delivery], carrier: Carrier) -> bool:
        """Carry what was claimed; False when the outlet has to rest, and the rest of the claim is given back."""
        others = _within(claimed)
        begun = time.monotonic()
        for position, first in enumerate(claimed):
            # A claim that is half over is given back: nobody else may send the same letter meanwhile.
            is_late = time.monotonic() - begun > CLAIM.total_seconds() / 2
            if is_late or not self._carry(first, others.get(first.pk, []), carrier):
                for rest in claimed[position + (not is_late) :]:
                    give_back(rest)
                return is_late
        return True

    def _carry(self, first: Delivery, others: list[Delivery], carrier: Carrier) -> bool:
        if self._is_unwanted(first) or self._is_too_early(first):
            return True
        parcel = self._unsettled([first, *others])
        if not parcel:
            return True
        answer = carrier.carry(first, parcel)
        if answer.ok:
            outlets.worked(self.outlet)
            _all_of(first).update(delivered_at=RevopsNow(), failure="")
            self.sent += 1
            return True
        self.failed += 1
        if answer.is_outlets:
            outlets.broke(self.outlet, answer.failure, answer.wait)
            give_back(first, answer.failure)
            return False
        if not answer.is_recipients:
            outlets.refused(self.outlet, answer.failure)
        return self._refused(first, answer)

    def _refused(self, first: Delivery, answer: Answer) -> bool:
        """Note a refused letter. While the outlet refuses all of them, none is given up for it."""
        is_down = outlets.is_down(self.outlet)
        pause = outlets.grown(FIRST_PAUSE, LONGEST_PAUSE, first.attempts - 1)
        if is_down and not answer.is_recipients:
            _waiting(first).update(
                failure=answer.failure[:80], attempts=F("attempts") - 1, next_try_at=RevopsNow() + pause
            )
            return False
        if first.attempts >= ATTEMPTS:
            _all_of(first).update(failure=answer.failure[:80], given_up_at=RevopsNow())
            self.given_up += 1
        else:
            _waiting(first).update(failure=answer.failure[:80], next_try_at=RevopsNow() + pause)
        return True

    def _is_unwanted(self, first: Delivery) -> bool:
        """Who left, or has said since that he wants no such letter, gets none."""
        member = first.member
        if member is None:
            return False
        choice = _choice(first)
        is_left = not member.is_active or not member.email
        if not is_left and (choice is None or first.kind in choice.by_mail):
            return False
        failure = outlets.LEFT if is_left else outlets.UNWANTED
        _all_of(first).update(given_up_at=RevopsNow(), failure=failure)
        return True

    def _unsettled(self, parcel: list[Delivery]) -> list[Delivery]:
        """What is still news: a letter that waited does not ask for what was done meanwhile.

        A digest goes out under the name of its first, whatever became of that one.
        """
        news = [d for d in parcel if not _is_settled(d)]
        over = [d.pk for d in parcel if _is_settled(d) and (not news or d is not parcel[0])]
        if over:
            ended = Delivery.objects.filter(pk__in=over, delivered_at=None, given_up_at=None)
            ended.update(given_up_at=RevopsNow(), failure=outlets.SETTLED)
        return news

    def _is_too_early(self, first: Delivery) -> bool:
        """Quiet hours hold for letters that were refused before, and for hours chosen since."""
        quiet = quiet_hours(_choice(first)) if first.member_id else None
        if quiet is None or not quiet.covers(self.now, self.organization.tz):
            return False
        _waiting(first).update(
            attempts=F("attempts") - 1, next_try_at=quiet.release(self.now, self.organization.tz)
        )
        return True


def _is_settled(delivery: Delivery) -> bool:
    """True when the promise was kept, or ended, after the notice of it was written."""
    handoff = delivery.notice.handoff
    if handoff is None or delivery.kind not in OF_WHAT_IS_OWED:
        return False
    done = [at for at in (handoff.kept_recorded_at, handoff.closed_at) if at is not None]
    return any(at > delivery.notice.created_at for at in done)


CLAIM_SOME = """
UPDATE handoffs_delivery SET attempts = attempts + 1, next_try_at = revops_now() + %s
WHERE id IN (SELECT id FROM handoffs_delivery
             WHERE outlet_id = %s AND within_id IS NULL AND delivered_at IS NULL AND given_up_at IS NULL
               AND next_try_at <= revops_now()
             ORDER BY next_try_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id
"""


def claim(outlet: Outlet, count: int) -> list[Delivery]:
    """Take some for this process: others leave them alone until the claim runs out."""
    ids = [row.pk for row in Delivery.objects.raw(CLAIM_SOME, [CLAIM, outlet.pk, count])]
    return list(_readable(Q(pk__in=ids)))


def give_back(first: Delivery, failure: str = "") -> None:
    """End a claim that came to nothing, as if it had not been made."""
    _waiting(first).update(attempts=F("attempts") - 1, next_try_at=RevopsNow(), failure=failure[:80])


def _readable(which: Q) -> QuerySet[Delivery]:
    rows = wording.with_records(Delivery.objects.filter(which))
    return rows.select_related("member__notice_choice", "notice__member__notice_choice").order_by("id")


def _waiting(first: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=first.pk, delivered_at=None, given_up_at=None)


def _all_of(first: Delivery) -> QuerySet[Delivery]:
    """The delivery, and those that go with it."""
    which = Q(pk=first.pk) | Q(within=first.pk) if first.is_digest else Q(pk=first.pk)
    return Delivery.objects.filter(which, delivered_at=None, given_up_at=None)


def _choice(first: Delivery) -> NoticeChoice | None:
    return getattr(first.member, "notice_choice", None)


def _within(claimed: Sequence[Delivery]) -> dict[int, list[Delivery]]:
    """Those that go in the claimed digests, in order."""
    digests = [d.pk for d in claimed if d.is_digest]
    found: dict[int, list[Delivery]] = {pk: [] for pk in digests}
    if digests:
        for delivery in _readable(Q(within__in=digests, delivered_at=None, given_up_at=None)):
            found[delivery.within_id or 0].append(delivery)
    return found
