"""What a customer's record says beside its timeline: health with its reasons, and the acts on offer."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import get_language

from funnel.errors import NotYours
from funnel.health import BAND_WORDS, HEALTHY_FROM, LABELS, ONBOARDING_DAYS, Assessment, Factor
from funnel.models import Customer, HealthRecord, UsageReading
from funnel.sparkline import Sparkline, sparkline
from funnel.transitions.acting import Actor
from funnel.transitions.customers import USAGE_METRIC, assess
from funnel.views.customers.acts import ACTS, Subject
from funnel.words import Words

CHART_DAYS = 84
COMPARED_DAYS = timedelta(days=28)
FULL = Decimal(100)
TONES = {"healthy": "fine", "watch": "warn", "at_risk": "bad"}
UP, LEVEL, DOWN = "↑", "→", "↓"
MOVES: dict[str, Words] = {
    UP: Words("better than four weeks ago", "4週間前より改善"),
    LEVEL: Words("as four weeks ago", "4週間前と同じ"),
    DOWN: Words("worse than four weeks ago", "4週間前より悪化"),
}


class Contribution(NamedTuple):
    """One factor of the score, and how its points moved in four weeks; no arrow where that is not known."""

    factor: Factor
    arrow: str
    move: Words | None


class Health(NamedTuple):
    """A customer's health today: the judgement, its change in points, the reasons, and the drawings."""

    assessment: Assessment
    band: Words
    tone: str
    change: int | None
    contributions: list[Contribution]
    weakest: Factor | None
    unknown: list[Words]
    scores: Sparkline | None
    attention: int
    attention_at: float
    usage: Sparkline | None
    used: list[tuple[date, Decimal]]
    first: date
    today: date


class CustomerOffer(NamedTuple):
    """An act on a customer as the record offers it: its name and title, or the sentence that says who may."""

    name: str
    title: Any
    refusal: str


def health_of(customer: Customer, today: date) -> Health:
    """Judge a customer as of today, and draw the last twelve weeks; six statements."""
    found = assess(customer, day=today)
    first = today - timedelta(days=CHART_DAYS)
    records = list(
        HealthRecord.objects.filter(customer=customer, day__gt=first, day__lte=today).order_by("day")
    )
    then = next((r for r in reversed(records) if r.day <= today - COMPARED_DAYS), None)
    used = list(
        UsageReading.objects.filter(customer=customer, metric=USAGE_METRIC, day__gt=first, day__lte=today)
        .order_by("day")
        .values_list("day", "value")
    )
    scores = {r.day: Decimal(r.score) for r in records} | {today: Decimal(found.score)}
    drawn = sparkline(sorted(scores.items()), first, today, top=FULL)
    short = [f for f in found.factors if f.points < f.weight]
    return Health(
        assessment=found,
        band=BAND_WORDS[found.band],
        tone=TONES[found.band],
        change=None if then is None else found.score - then.score,
        contributions=[_contribution(factor, then) for factor in found.factors],
        weakest=max(short, key=lambda f: f.weight - f.points, default=None),
        unknown=[LABELS[key] for key in found.unknown],
        scores=drawn,
        attention=HEALTHY_FROM,
        attention_at=drawn.height_of(Decimal(HEALTHY_FROM)) if drawn else 0,
        usage=sparkline(used, first, today),
        used=used[::-1],
        first=first,
        today=today,
    )


def _contribution(factor: Factor, then: HealthRecord | None) -> Contribution:
    before = next((f for f in then.factors if f["key"] == factor.key), None) if then else None
    if before is None or not before["weight"]:
        return Contribution(factor, "", None)
    # Weights differ with what was known then: shares are compared, not points.
    gained = Decimal(factor.points) / factor.weight - Decimal(str(before["points"])) / before["weight"]
    arrow = LEVEL if abs(gained) < Decimal("0.05") else UP if gained > 0 else DOWN
    return Contribution(factor, arrow, MOVES[arrow])


def onboarding_of(customer: Customer, today: date) -> dict[str, Any]:
    """The day of onboarding, of how many planned, and whether it is past them."""
    day = max((today - customer.since).days, 0)
    percent = min(100, day * 100 // ONBOARDING_DAYS)
    return {"day": day, "of": ONBOARDING_DAYS, "percent": percent, "late": day > ONBOARDING_DAYS}


def offers_of(subject: Subject, by: Actor) -> list[CustomerOffer]:
    """The acts that the customer's standing allows; each with why not, where it is another department's."""
    return [
        CustomerOffer(name, act.form.title, _refusal(by, act.act))
        for name, act in ACTS.items()
        if act.offered(subject)
    ]


def _refusal(by: Actor, act: str) -> str:
    try:
        by.department_for(act)
    except NotYours as refusal:
        return refusal.say(get_language())
    return ""
