"""The demo company's past: told once into an empty installation, and taken up again where it was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from funnel import moment
from funnel.demo import laying, script
from funnel.demo.acts import Act
from funnel.models import Customer, Event, Lead, Organization
from funnel.stages import EventKind
from funnel.transitions import customers
from funnel.transitions.acting import SYSTEM
from funnel.transitions.ledger import setting_changed
from handoffs import notices, promises
from handoffs.demo import company, desks, facts
from handoffs.demo.player import NUMBER, SOURCE, Player
from handoffs.models import Handoff

SETTING = "demo"
READY = "ready"
BEFORE, SPREAD = 14, 12
"""Days since the judgement that later ones are compared with, and the days over which changes were noticed."""
NOTICED_AT = time(5, 40)
EARLIER_HEALTH = (70, 63, 56, 49, 42, 35, 28, 21, 7)
BY_HAND = timedelta(days=3)
LOCK = 0x44454D4F  # Any constant: the advisory lock of whoever tells the story.

Progress = Callable[[date, int], None]


class State(StrEnum):
    """What an installation holds."""

    EMPTY = "empty"
    UNFINISHED = "unfinished"
    READY = "ready"
    OWN = "own"


class Busy(Exception):
    """Somebody else is telling the story into this database just now."""


def state() -> State:
    """Say whether there is room for the demo company, or it is there, whole or in part."""
    started, ended = _markers()
    if ended:
        return State.READY
    if started:
        return State.UNFINISHED
    return State.OWN if Lead.objects.exists() else State.EMPTY


def leads() -> int:
    """How many passes there are."""
    return Lead.objects.count()


def handoffs() -> int:
    """How many promises were made."""
    return Handoff.objects.count()


def tell(
    *,
    seed: int,
    now: datetime,
    months: int = script.MONTHS,
    size: float = 1,
    progress: Progress | None = None,
) -> Player:
    """Tell the story up to `now` through the writers; an interrupted one goes on from its last whole day.

    Each day is one transaction on the simulated clock. The caller has looked at `state`. Raises Busy.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise Busy
    try:
        return _tell(
            now, {"seed": seed, "months": months, "size": size}, progress or (lambda day, acts: None)
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _tell(now: datetime, shape: dict[str, Any], progress: Progress) -> Player:
    started = _markers()[0]
    if started is None:
        story, started = _begin(now, shape)
    else:
        shape = dict(started.data["new"])
        begun = datetime.fromisoformat(shape.pop("now"))
        story = script.write(now=begun, calendar=Organization.current().calendar(), **shape)
    player = Player()
    player.recall()
    later = Event.objects.filter(source=SOURCE, pk__gt=started.pk)
    last = later.order_by("-id").values_list("recorded_at", flat=True).first()
    done = last.astimezone(Organization.current().tz).date() if last else date.min
    _, rest = laying.early(story.acts, story.now - BY_HAND)
    for day, acts in _days(rest):
        if day > done:
            with transaction.atomic():
                progress(day, player.play(acts))
    _finish(player, now)
    return player


def _begin(now: datetime, shape: dict[str, Any]) -> tuple[script.Script, Event]:
    """Found the company, lay down what is simple of its past, and mark the database as a demo being made."""
    zone = Organization.current().tz
    since = script.first_day(now.astimezone(zone).date(), shape["months"])
    with transaction.atomic():
        company.found(since, now.astimezone(zone).date())
        story = script.write(now=now, calendar=Organization.current().calendar(), **shape)
        company.record_market(story.traffic, story.spend)
        player = Player()
        first, _ = laying.early(story.acts, story.now - BY_HAND)
        laying.lay_down(first, lambda handle: player.actor(handle, now), player.member, NUMBER)
        promises.reconcile()
        opening = datetime.combine(since, datetime.min.time(), zone)
        moment.simulate(opening)
        begun = {**shape, "now": now.isoformat()}
        return story, setting_changed(SYSTEM, now=opening, what=SETTING, old=None, new=begun)


def _finish(player: Player, now: datetime) -> None:
    """Judge what fell due, assess every customer, furnish the desks, and mark the demo as whole."""
    promises.sweep()
    notices.wake()
    notices.settle_the_past()
    today = now.astimezone(Organization.current().tz).date()
    with transaction.atomic():
        _judge(today)
        for customer in Customer.objects.order_by("id"):
            customers.recall_health(customer, days=[today - timedelta(days=n) for n in EARLIER_HEALTH])
        facts.describe(today)
        desks.furnish(player, now=now)
        customers.note_renewals(day=today)
        setting_changed(SYSTEM, now=moment.now(), what=SETTING, old=None, new=READY)


def _judge(today: date) -> None:
    """Judge every customer two weeks ago, on one of the days since, and today: what changed was noticed day by day."""
    since = dict(Customer.objects.order_by("id").values_list("pk", "since"))
    days = [(BEFORE, pk) for pk in since] + [(1 + n * 5 % SPREAD, pk) for n, pk in enumerate(since)]
    zone = Organization.current().tz
    for ago, customer_id in sorted(days, key=lambda one: (-one[0], one[1])):
        day = today - timedelta(days=ago)
        noticed = datetime.combine(day, NOTICED_AT, zone)
        if day < since[customer_id]:
            continue
        moment.simulate(noticed)
        customers.refresh_health(customer_id, day=day, now=noticed, by=SYSTEM)
    moment.simulate(None)
    for customer_id in since:
        customers.refresh_health(customer_id, day=today, now=moment.now(), by=SYSTEM)


def _days(acts: list[Act]) -> Iterator[tuple[date, list[Act]]]:
    for day, those in groupby(acts, key=lambda act: act.at.date()):
        yield day, list(those)


def _markers() -> tuple[Event | None, Event | None]:
    found = Event.objects.filter(kind=EventKind.SETTING_CHANGED, data__what=SETTING).order_by("id")
    markers = list(found)
    ended = [one for one in markers if one.data["new"] == READY]
    return (markers[0] if markers else None), (ended[0] if ended else None)
