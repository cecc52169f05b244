"""The pages of the explorers: their index, each with its chart and table, and the table as a file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboards.kpis import Frame
from dashboards.scope import Scope
from dashboards.views.asking import Asked, address, asked, channels, owners, period_links
from dashboards.views.explore import EXPLORERS, Drawn, Explorer, Refused
from dashboards.views.numbers import campaigns, segments
from funnel import spreadsheet
from funnel.calendar import add_months, month_end, month_start
from funnel.views.access import PageRequest, reads
from funnel.views.pills import Pill


class Answer(NamedTuple):
    """What an explorer answers to an address; `refusals` say what of the address could not be followed."""

    scope: Scope
    drawn: Drawn
    refusals: list[str]


@require_GET
@reads
def index(request: PageRequest) -> HttpResponse:
    """All explorers with their questions."""
    listed = [(one, reverse(f"explore-{name}")) for name, one in EXPLORERS.items()]
    return render(request, "dashboards/explore_index.html", {"explorers": listed})


@require_GET
@reads
def page(request: PageRequest, name: str) -> HttpResponse:
    """One explorer for the scope in the address."""
    scope, drawn, refusals = _answer(request, EXPLORERS[name])
    more = {menu.key: choice.value for menu in drawn.menus for choice in menu.choices if choice.chosen}
    more |= {field.key: field.text for field in drawn.fields if field.text}
    context: dict[str, Any] = {
        "name": name,
        "explorer": EXPLORERS[name],
        "explorers": [
            Pill(address(scope, reverse(f"explore-{key}")), one.names.say(get_language()), key == name)
            for key, one in EXPLORERS.items()
        ],
        "scope": scope,
        "refusals": refusals,
        "is_narrowed": bool(
            drawn.fields or scope.channel or scope.owner is not None or scope.campaign or scope.segment
        ),
        "drawn": drawn,
        "file": address(scope, reverse(f"explore-{name}-csv"), **more),
        "table": [[{"text": text, "right": n > 0} for n, text in enumerate(row)] for row in drawn.cells],
        "heads": [{"label": label, "right": n > 0} for n, label in enumerate(drawn.heads)],
        "period": period_links(request, scope),
        "channels": channels(scope, _("All channels"), _("No channel")),
        "owners": owners(scope, _("Everybody")),
        "campaigns": campaigns(scope),
        "segments": segments(scope),
    }
    return render(request, "dashboards/explore.html", context, status=400 if refusals else 200)


@require_GET
@reads
def table(request: PageRequest, name: str) -> HttpResponse:
    """The table of an explorer as CSV: plain numbers, shares as shares, under names that stay."""
    scope, drawn, refusals = _answer(request, EXPLORERS[name])
    if refusals:
        return HttpResponse(" ".join(refusals), status=400, content_type="text/plain; charset=utf-8")
    lines = spreadsheet.lines([["" if cell is None else cell for cell in row] for row in drawn.rows])
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    file = f"{name}-{scope.start:%Y%m%d}-{scope.end:%Y%m%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def _answer(request: PageRequest, explorer: Explorer) -> Answer:
    scope, refusal = _scope(request, explorer)
    refusals = [refusal, _("The latest months are shown instead.")] if refusal else []
    at = Frame.of_scope(scope, request.organization, request.now)
    try:
        drawn = explorer.read(at, request.GET.dict())
    except Refused as error:
        refusals.append(str(error))
        drawn = explorer.read(at, {})
    return Answer(scope, drawn, [*refusals, *drawn.refusals])


def _scope(request: PageRequest, explorer: Explorer) -> Asked:
    """The scope of the address; without dates, the explorer's own number of months up to the current one."""
    found = asked(request)
    if not found.refusal and any(request.GET.get(key) for key in ("from", "to", "period")):
        return found
    today = request.now.astimezone(request.organization.tz).date()
    start = add_months(month_start(today), 1 - explorer.months)
    return Asked(replace(found.scope, start=start, end=month_end(today)), found.refusal)
