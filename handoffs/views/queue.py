"""The queue: what a member's departments owe, what waits for an answer, what came back, what sleeps."""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from funnel.stages import Department
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads
from handoffs import desk
from handoffs.views.rows import grouped, rows_of

LONGEST_SEARCH = 100
DEPARTMENT_ORDER = tuple(Department)


@require_safe
@never_cache
@reads
def queue(request: PageRequest) -> HttpResponse:
    """Show one page of one tab of the member's desk."""
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    return render(request, "handoffs/queue.html", queue_context(request, by))


def queue_context(request: PageRequest, by: Actor) -> dict[str, Any]:
    """Everything the queue shows; the address says which tab, whose rows, and which words."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in desk.TABS else desk.TABS[0]
    wanted = desk_of(request.GET, by, request.user.pk)
    after = desk.Cursor.parse(request.GET.get("after", ""))
    page = desk.page(tab, wanted, after)
    kept = {"tab": tab, "q": wanted.search, "mine": "1" if wanted.owner else ""}
    return {
        "tab": tab,
        "groups": grouped(rows_of(request, page.items, tab, by)),
        "search": wanted.search,
        "mine": wanted.owner is not None,
        "departments": [d for d in DEPARTMENT_ORDER if d in by.departments],
        "may_write": by.may_write,
        "next_page": _address(kept, after=str(page.next)) if page.next else "",
        "first_page": _address(kept) if "after" in request.GET else "",
        **tabs_context(wanted, tab, request),
    }


def desk_of(query: QueryDict, by: Actor, member: int) -> desk.Desk:
    """The desk an address asks for."""
    search = " ".join(unicodedata.normalize("NFKC", query.get("q", "")).replace("\x00", "").split())
    owner = member if query.get("mine") else None
    return desk.Desk(by.departments, search[:LONGEST_SEARCH], owner)


def tabs_context(wanted: desk.Desk, tab: str, request: PageRequest) -> dict[str, Any]:
    """The tabs with their counts, and the number of overdue promises for the bar."""
    counted = desk.counts(wanted, request.now)
    kept = {"q": wanted.search, "mine": "1" if wanted.owner else ""}
    tabs = [
        {"key": key, "url": _address({**kept, "tab": key}), "count": counted[key], "current": key == tab}
        for key in desk.TABS
    ]
    return {"tabs": tabs, "overdue_count": counted["overdue"], "count_to": desk.COUNT_TO}


def _address(kept: dict[str, str], **more: str) -> str:
    pairs = {k: v for k, v in {**kept, **more}.items() if v and (k, v) != ("tab", desk.TABS[0])}
    return f"?{urlencode(pairs)}" if pairs else "/"
