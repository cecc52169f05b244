"""Random lives of leads at the first boundary, and what their ledger says by plain reading."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from funnel import moment
from funnel.errors import Refused
from funnel.models import Event, Lead
from funnel.transitions import corrections, leads
from handoffs import promises
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
        ["certify"] * 4 + ["call"] * 5 + ["return"] * 2 + ["withdraw", "undo call", "disqualify"]
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
        case "undo call":
            corrections.withdraw(_last(lead, "contact_attempted"), inside, now=now, reason="誤り")
        case "disqualify" if dice.random() < 0.2:
            leads.disqualify(lead.pk, inside, now=now, reason="spam")


def _last(lead: Lead, kind: str) -> int:
    event = Event.objects.filter(lead=lead, kind=kind).order_by("-id").first()
    if event is None:
        raise Refused("not_correctable")
    return event.pk


def recount(lead: Lead) -> list[Round]:
    """The rounds of a lead, read event by event from the ledger; nothing else is looked at."""
    rounds: list[Round] = []
    events = list(Event.objects.filter(lead=lead).order_by("id"))
    for event in events:
        last = rounds[-1] if rounds and rounds[-1].closed is None else None
        if event.kind == "mql_certified" and event.binding and last is None:
            rounds.append(Round(event.occurred_at, event.pk))
            _called_meanwhile(rounds, events, event)
        elif event.kind == "contact_attempted" and last is not None:
            _called(last, event)
        elif event.kind in ("mql_returned", "lead_disqualified") and last is not None:
            last.closed, last.returned = event.recorded_at, event.kind == "mql_returned"
        elif last is not None and last.event_id == event.corrects_id and event.data.get("withdrawn"):
            last.closed = event.recorded_at
    return rounds


def _called(last: Round, call: Event) -> None:
    if last.kept is None and call.occurred_at >= last.opened:
        last.kept, last.recorded = call.occurred_at, call.recorded_at


def _called_meanwhile(rounds: list[Round], events: list[Event], opening: Event) -> None:
    """A call between a back-dated certification and its entry, unless it kept another round or was undone."""
    undone = {e.corrects_id for e in events if e.pk < opening.pk and e.data.get("withdrawn")}
    used = {(r.kept, r.recorded) for r in rounds}
    for call in events:
        if (
            call.kind == "contact_attempted"
            and call.pk < opening.pk
            and call.pk not in undone
            and call.occurred_at >= opening.occurred_at
            and (call.occurred_at, call.recorded_at) not in used
        ):
            rounds[-1].kept, rounds[-1].recorded = call.occurred_at, call.recorded_at
            return
