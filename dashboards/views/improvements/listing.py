"""What was decided: late ones first, each with what its number did; filters are in the address."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboards import effects, improving, kpis
from dashboards.improving import OPEN
from dashboards.models import Improvement
from dashboards.views.improvements import saying
from funnel.models import Member
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads
from funnel.views.pills import Pill

SHOWN = 50
MEASURED = 20
STATES: dict[str, tuple[Any, Q]] = {
    "open": (gettext_lazy("To do"), OPEN),
    "done": (gettext_lazy("Done"), Q(done_on__isnull=False)),
    "dropped": (gettext_lazy("Dropped"), Q(dropped_at__isnull=False)),
}


@require_GET
@never_cache
@reads
def listing(request: PageRequest) -> HttpResponse:
    """What was decided: late ones first, each with what its number did; filters are in the address."""
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    asked = request.GET.get("state", "open")
    state = asked if asked in STATES else "open"
    rows = Improvement.objects.filter(STATES[state][1]).select_related("owner", "meeting")
    owner, kpi = request.GET.get("owner", ""), request.GET.get("kpi", "")
    if owner.isdecimal() and len(owner) < 19:
        rows = rows.filter(owner=int(owner))
    if kpi in improving.SLUGS:
        rows = rows.filter(kpi=kpi)
    page = (
        int(request.GET["page"])
        if request.GET.get("page", "").isdecimal() and len(request.GET["page"]) < 5
        else 1
    )
    start = (max(1, page) - 1) * SHOWN
    order = ("due_on", "id") if state == "open" else ("-done_on", "-id")
    found = list(rows.order_by(*order)[start : start + SHOWN + 1])
    today = request.now.astimezone(request.organization.tz).date()
    counted = dict(zip(STATES, improving.counts(), strict=True))
    language, named = get_language(), improving.named()
    context = {
        "rows": _rows(request, found[:SHOWN], state, today),
        "states": [
            Pill(f"?state={key}", str(words), key == state, str(counted[key]))
            for key, (words, _q) in STATES.items()
        ],
        "state": state,
        "owners": Member.objects.filter(improvements__isnull=False).distinct().order_by("name"),
        "owner": owner,
        "kpis": sorted((each.slug, each.names.say(language)) for each in kpis.ALL if each.slug in named),
        "kpi": kpi,
        "next": f"?state={state}&owner={owner}&kpi={kpi}&page={max(1, page) + 1}"
        if len(found) > SHOWN
        else "",
        "may_write": by.may_write,
    }
    return render(request, "dashboards/improvements.html", context)


def _rows(request: PageRequest, found: list[Improvement], state: str, today: date) -> list[dict[str, Any]]:
    language = get_language()
    measured = effects.of_all(found[:MEASURED], request.organization, request.now) if state == "done" else []
    said = {each.pk: saying.effect_said(effect) for each, effect in measured}
    return [
        {
            "improvement": each,
            "kpi": kpis.get(each.kpi).names.say(language) if each.kpi in improving.SLUGS else "",
            "effect": said.get(each.pk, ""),
            **saying.standing(each, today),
        }
        for each in found
    ]
