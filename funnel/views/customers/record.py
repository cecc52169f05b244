"""The page of one customer: its health with the reasons, its contracts, and what can be done."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from funnel.errors import NotYours
from funnel.forms import ActForm
from funnel.health import BAND_WORDS, LABELS, ONBOARDING_DAYS, Assessment
from funnel.models import Customer, HealthRecord, UsageReading
from funnel.sparkline import sparkline
from funnel.transitions.acting import Actor
from funnel.transitions.customers import USAGE_METRIC, assess
from funnel.views.access import PageRequest, reads
from funnel.views.customers.acts import ACTS, Subject, form_of

CHART_DAYS = 84
EVENTS_SHOWN = 20
FULL = Decimal(100)


class Offer(NamedTuple):
    """An act as the page offers it: its form, or the sentence that says who may."""

    name: str
    form: ActForm
    refusal: str
    is_open: bool


@require_GET
@reads
def customer(request: PageRequest, customer_id: int) -> HttpResponse:
    """The page."""
    found = get_object_or_404(
        Customer.objects.select_related("account", "owner", "origin_lead__person"), pk=customer_id
    )
    return show(request, found)


def show(
    request: PageRequest, customer: Customer, refused: tuple[str, ActForm] | None = None
) -> HttpResponse:
    """Render the page; with a refused act, its form stands open and says why (status 422)."""
    today = request.now.astimezone(request.organization.tz).date()
    subject = Subject.of(customer)
    health = assess(customer, day=today)
    context = {
        "customer": customer,
        "subject": subject,
        "contracts": customer.contracts.select_related("deal"),
        "people": customer.account.people.filter(merged_into=None, erased_at=None).order_by("pk")[:10],
        "health": health,
        "band": BAND_WORDS[health.band],
        "unknown": [LABELS[key] for key in health.unknown],
        "change": _change(customer, today, health),
        "onboarding": _onboarding(customer, today),
        "events": customer.events.select_related("actor").order_by("-occurred_at", "-pk")[:EVENTS_SHOWN],
        "answers": customer.surveys.order_by("-answered_on", "-pk")[:4],
        "offers": _offers(request, subject, refused),
        **_charts(customer, today),
    }
    return render(request, "funnel/customer.html", context, status=422 if refused else 200)


def _onboarding(customer: Customer, today: date) -> dict[str, Any]:
    day = max((today - customer.since).days, 0)
    percent = min(100, day * 100 // ONBOARDING_DAYS)
    return {"day": day, "of": ONBOARDING_DAYS, "percent": percent, "late": day > ONBOARDING_DAYS}


def _change(customer: Customer, today: date, health: Assessment) -> int | None:
    """Points gained or lost since four weeks ago; None where nothing was recorded then."""
    then = (
        HealthRecord.objects.filter(customer=customer, day__lte=today - timedelta(days=28))
        .order_by("-day")
        .first()
    )
    return None if then is None else health.score - then.score


def _charts(customer: Customer, today: date) -> dict[str, Any]:
    first = today - timedelta(days=CHART_DAYS)
    used = list(
        UsageReading.objects.filter(customer=customer, metric=USAGE_METRIC, day__gt=first, day__lte=today)
        .order_by("day")
        .values_list("day", "value")
    )
    scores = [
        (day, Decimal(score))
        for day, score in HealthRecord.objects.filter(customer=customer, day__gt=first, day__lte=today)
        .order_by("day")
        .values_list("day", "score")
    ]
    return {
        "usage": sparkline(used, first, today),
        "used": used[::-1],
        "scores": sparkline(scores, first, today, top=FULL),
        "first": first,
        "today": today,
    }


def _offers(request: PageRequest, subject: Subject, refused: tuple[str, ActForm] | None) -> list[Offer]:
    by = Actor.of(request.user, "html", now=request.now)
    offers = []
    for name, act in ACTS.items():
        if refused and refused[0] == name:
            offers.append(Offer(name, refused[1], "", True))
        elif act.offered(subject):
            offers.append(Offer(name, form_of(name, subject, request), _refusal(by, act.act), False))
    return offers


def _refusal(by: Actor, act: str) -> str:
    try:
        by.department_for(act)
    except NotYours as refusal:
        return refusal.say(get_language())
    return ""
