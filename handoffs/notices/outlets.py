"""Whether a way out works: left alone for a growing time while it does not, and shown until it does."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from funnel import moment
from funnel.moment import RevopsNow
from handoffs.kinds import Way
from handoffs.models import Delivery, Outlet
from handoffs.notices.wording import failure

# So many refusals without a success between them: it is not the letters.
DOWN_AFTER = 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=15)
# A hiccup is nobody's concern.
SHOWN_AFTER = timedelta(minutes=1)
WAITING = Q(delivered_at__isnull=True, given_up_at__isnull=True)
# Ends that are nobody's failure: the recipient left, does not want it, the room was taken away, or it was done meanwhile.
LEFT, UNWANTED, STOPPED, SETTLED = "left", "unwanted", "stopped", "settled"
MEANT = (LEFT, UNWANTED, STOPPED, SETTLED)


class Standing(NamedTuple):
    """How an outlet stands: what waits for it, what was given up, and whether people should know."""

    outlet: Outlet
    waiting: int
    given_up: int
    is_failing: bool

    @property
    def failure(self) -> str:
        """Why it fails, in the reader's words."""
        return failure(self.outlet.failure)


def open_now() -> QuerySet[Outlet]:
    """The outlets that may be tried now."""
    return Outlet.objects.filter(is_active=True, next_try_at__lte=RevopsNow())


def is_down(outlet: Outlet) -> bool:
    """True when its refusals say nothing about the single letter any more."""
    return outlet.failures >= DOWN_AFTER


def worked(outlet: Outlet) -> None:
    """Note a success: the outlet is whole again."""
    if outlet.failures:
        Outlet.objects.filter(pk=outlet.pk).update(
            failures=0, failing_since=None, failure="", next_try_at=RevopsNow(), worked_at=RevopsNow()
        )
        outlet.failures = 0


def refused(outlet: Outlet, code: str) -> None:
    """Note that it refused a letter; from `DOWN_AFTER` on it rests."""
    _fail(outlet, code, F("failures") + 1)
    if is_down(outlet):
        _rest(outlet, None)


def broke(outlet: Outlet, code: str, wait: timedelta | None = None) -> None:
    """Note that it does not work at all; it rests, as long as it asked for or for a growing time."""
    _fail(outlet, code, Greatest(F("failures") + 1, DOWN_AFTER))
    _rest(outlet, wait)


def _fail(outlet: Outlet, code: str, failures: object) -> None:
    Outlet.objects.filter(pk=outlet.pk).update(
        failures=failures, failure=code[:80], failing_since=Coalesce("failing_since", RevopsNow())
    )
    outlet.refresh_from_db(fields=["failures"])


def _rest(outlet: Outlet, wait: timedelta | None) -> None:
    pause = grown(FIRST_PAUSE, LONGEST_PAUSE, outlet.failures - DOWN_AFTER) if wait is None else wait
    Outlet.objects.filter(pk=outlet.pk).update(next_try_at=RevopsNow() + pause)


def grown(first: timedelta, longest: timedelta, doublings: int) -> timedelta:
    """A pause that doubles up to the longest, spread by a quarter so that retries do not arrive together."""
    pause = min(first * 2 ** min(max(doublings, 0), 30), longest)
    return pause * random.uniform(0.75, 1.25)  # noqa: S311


def standings(now: datetime | None = None) -> list[Standing]:
    """How every outlet in use stands; four statements."""
    now = now or moment.now()
    waiting: Counter[int] = Counter()
    for is_within in (False, True):
        rows = Delivery.objects.filter(WAITING, outlet__isnull=False, within__isnull=not is_within)
        waiting.update(dict(rows.order_by().values_list("outlet").annotate(Count("id"))))
    lost = Delivery.objects.filter(given_up_at__isnull=False, outlet__isnull=False).exclude(failure__in=MEANT)
    given_up = dict(lost.order_by().values_list("outlet").annotate(Count("id")))
    return [
        Standing(
            outlet,
            waiting[outlet.pk],
            given_up.get(outlet.pk, 0),
            outlet.failing_since is not None and outlet.failing_since <= now - SHOWN_AFTER,
        )
        for outlet in Outlet.objects.filter(is_active=True).select_related("set_by")
    ]


def try_again(outlet: Outlet) -> int:
    """Try an outlet and everything that was given up there anew, at once; return how many those are."""
    lost = Delivery.objects.filter(outlet=outlet, given_up_at__isnull=False).exclude(failure__in=MEANT)
    revived = lost.update(given_up_at=None, attempts=0, failure="", next_try_at=RevopsNow())
    waiting = Delivery.objects.filter(WAITING, outlet=outlet, within__isnull=True, attempts__gt=0)
    waiting.update(next_try_at=RevopsNow())
    Outlet.objects.filter(pk=outlet.pk).update(next_try_at=RevopsNow())
    return revived


def stop(outlet: Outlet) -> None:
    """Let nothing more go out there: what waits is told in the inboxes alone."""
    Delivery.objects.filter(WAITING, outlet=outlet).update(given_up_at=RevopsNow(), failure=STOPPED)
    Outlet.objects.filter(pk=outlet.pk, way=Way.CHAT).update(
        is_active=False, url="", failures=0, failing_since=None, failure=""
    )
