"""Random lives of leads at the first boundary, and what their ledger says by plain reading."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from funnel import moment
from funnel.errors import Refused
from funnel.models import Event, Lead
from funnel.transitions import corrections, leads
from funnel.transitions.acting import Actor
from handoffs import promises
from handoffs.models import Handoff
from tests.handoffs.conftest import Story

START = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)
DAY = timedelta(hours=24)


@dataclass
class Round:
    """One promise, as read from the ledger."""

    opened: datetime
    event_id: int
    kept: datetime | None = None
    recorded: datetime | None = None
    closed: datetime | None = None
    kept_by: int | None = None
    closed_by: int | None = None
    returned: bool = False

    def state(self, now: datetime) -> str:
        due = self.opened + DAY
        if self.kept is not None and self.recorded is not None:
            return "kept" if self.kept <= due and self.recorded <= due else "kept_late"
        if self.closed is not None:
            return "cancelled" if self.closed <= due else "missed"
        return "missed" if now > due else "open"


def live(story: Story, seed: int, *, steps: int = 120, count: int = 4, swept: bool = True) -> list[Lead]:
    """Let some leads live through random acts at random moments, some back-dated, some refused."""
    dice = random.Random(seed)
    now = START
    moment.simulate(now)
    lives = [story.lead() for _ in range(count)]
    for _ in range(steps):
        now += timedelta(minutes=dice.choice([1, 30, 240, 1441]), microseconds=dice.randrange(3))
        moment.simulate(now)
        try:
            _act(story, dice, dice.choice(lives), now)
        except Refused:
            continue
        if swept and dice.random() < 0.3:
            promises.sweep(batch=dice.choice([1, 500]))
    return lives


def _act(story: Story, dice: random.Random, lead: Lead, now: datetime) -> None:
    inside, marketing = story.people["inside_sales"], story.people["marketing"]
    past = now - timedelta(minutes=dice.choice([0, 0, 10, 300, 1500]))
    match dice.choice(
        ["certify"] * 4
        + ["call"] * 5
        + ["return"] * 2
        + ["undo call"] * 2
        + ["accept", "withdraw", "disqualify"]
    ):
        case "certify":
            leads.certify_mql(lead.pk, marketing, now=now, reason="inquiry", occurred_at=past)
        case "call":
            human = dice.random() < 0.8
            leads.log(lead.pk, inside, now=now, kind="call", occurred_at=past, is_human=human)
        case "return":
            leads.send_back(lead.pk, inside, now=now, boundary="mql", reason="no_budget")
        case "withdraw":
            corrections.withdraw(_last(lead, "mql_certified"), marketing, now=now, reason="誤り")
        case "accept" | "undo call" as act:
            _answer(act, lead, dice, inside, now)
        case "disqualify" if dice.random() < 0.2:
            leads.disqualify(lead.pk, inside, now=now, reason="spam")


def _answer(act: str, lead: Lead, dice: random.Random, inside: Actor, now: datetime) -> None:
    if act == "undo call":
        corrections.withdraw(_any(lead, "contact_attempted", dice), inside, now=now, reason="誤り")
        return
    for owed in Handoff.objects.pending().filter(lead=lead):
        promises.accept(owed.pk, inside, now=now)


def _last(lead: Lead, kind: str) -> int:
    event = Event.objects.filter(lead=lead, kind=kind).order_by("-id").first()
    if event is None:
        raise Refused("not_correctable")
    return event.pk


def _any(lead: Lead, kind: str, dice: random.Random) -> int:
    ids = list(Event.objects.filter(lead=lead, kind=kind).order_by("id").values_list("id", flat=True))
    if not ids:
        raise Refused("not_correctable")
    return dice.choice(ids)


def recount(lead: Lead) -> list[Round]:
    """The rounds of a lead, read event by event from the ledger; nothing else is looked at."""
    rounds: list[Round] = []
    seen: list[Event] = []
    for event in Event.objects.filter(lead=lead).order_by("id"):
        last = rounds[-1] if rounds and rounds[-1].closed is None else None
        if event.kind == "mql_certified" and event.binding and last is None:
            rounds.append(Round(event.occurred_at, event.pk))
            _called(rounds, rounds[-1], seen)
        elif event.data.get("withdrawn"):
            seen = [one for one in seen if one.pk != event.corrects_id]
            _uncalled(rounds, event, seen)
        if last is not None:
            _goes_on(rounds, last, event)
        if event.kind == "contact_attempted":
            seen.append(event)
    return rounds


def _goes_on(rounds: list[Round], last: Round, event: Event) -> None:
    """What an event is for the round that is live."""
    undone = last.event_id == event.corrects_id and event.data.get("withdrawn")
    if event.kind == "contact_attempted":
        _called(rounds, last, [event])
    elif event.kind in ("mql_returned", "lead_disqualified") or undone:
        last.closed, last.closed_by = event.recorded_at, event.pk
        last.returned = event.kind == "mql_returned"


def _uncalled(rounds: list[Round], event: Event, seen: list[Event]) -> None:
    """A call that never was: the round it kept is kept by the next one before its end, if there is one."""
    for one in rounds:
        if one.kept_by == event.corrects_id:
            one.kept = one.recorded = one.kept_by = None
            _called(rounds, one, [c for c in seen if one.closed_by is None or c.pk < one.closed_by])


def _called(rounds: list[Round], owed: Round, calls: list[Event]) -> None:
    """The first call since the opening keeps a round, unless it keeps another one."""
    used = {one.kept_by for one in rounds}
    for call in calls:
        if owed.kept is None and call.pk not in used and call.occurred_at >= owed.opened:
            owed.kept, owed.recorded, owed.kept_by = call.occurred_at, call.recorded_at, call.pk
