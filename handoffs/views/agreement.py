"""The page that writes the agreement between the departments down, to read and to print."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from funnel.models import DepartmentSetting
from funnel.views.access import PageRequest, reads
from handoffs import agreement, terms
from handoffs.lanes import LANES, Boundary
from handoffs.models import LaneTerms


@require_safe
@never_cache
@reads
def agreement_page(request: PageRequest) -> HttpResponse:
    """What is handed on, by when, how and by whom: as agreed now, or at the end of the day asked for."""
    language = get_language()
    today = request.now.astimezone(request.organization.tz).date()
    day = _day(request.GET.get("on", ""), today)
    until = request.organization.calendar().end_of_day(day)
    history = terms.history()
    agreed = {boundary: _in_force(versions, until) for boundary, versions in history.items()}
    clauses = agreement.clauses(agreed, DepartmentSetting.covers())
    changes = sorted(
        (v for versions in history.values() for v in versions), key=lambda v: (v.since, v.pk), reverse=True
    )
    context = {
        "clauses": [(c, c.says(language)) for c in clauses],
        "drawing": agreement.draw(clauses, language),
        "always": agreement.ALWAYS,
        "day": day,
        "is_today": day == today,
        "today": today,
        "changes": [(v, LANES[Boundary(v.boundary)], agreement.by_when(v, language)) for v in changes],
        "organization": request.organization,
        "may_administer": request.user.is_administrator,
        "section": "agreement",
    }
    return render(request, "handoffs/agreement.html", context)


def _day(text: str, today: date) -> date:
    """The day asked for; today for anything else, and for days to come."""
    try:
        asked = parse_date(text)
    except ValueError:
        asked = None
    return min(asked, today) if asked is not None and asked.year > 1 else today


def _in_force(versions: list[LaneTerms], until: datetime) -> LaneTerms:
    """The version in force before a moment; before the first one, the first."""
    agreed = [v for v in versions if v.since < until]
    return agreed[0] if agreed else versions[-1]
