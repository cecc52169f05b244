"""The queue: what a member's departments owe, what waits for an answer, what came back, what sleeps."""

from __future__ import annotations

import unicodedata
import uuid
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from funnel import phrasing
from funnel.models import Organization
from funnel.stages import Department
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, reads
from funnel.views.pills import Pill, up_to
from handoffs import desk
from handoffs.models import Handoff
from handoffs.views.inbox import inbox_of
from handoffs.views.loads import loads_of
from handoffs.views.rows import grouped, rows_of
from handoffs.views.strips import unfold

LONGEST_SEARCH = 100
DEPARTMENT_ORDER = tuple(Department)


@require_safe
@never_cache
@reads
def queue(request: PageRequest) -> HttpResponse:
    """Show one page of one tab of the member's desk."""
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    return render(request, "handoffs/queue.html", queue_context(request, by))


@require_safe
@never_cache
@reads
def strip(request: PageRequest, kind: str, pk: int) -> HttpResponse:
    """What one row shows while it is selected; what is known of it is read now."""
    item = desk.find(kind, pk) if pk < 2**63 else None
    if item is None:
        raise Http404
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    tab = tab_of(request.GET)
    (row,) = rows_of(request, [item], tab, by)
    unfold(request, row, item, tab)
    return render(
        request,
        "handoffs/_strip.html",
        {"row": row, "tab": tab, "back": _back(request), "may_write": by.may("edit")},
    )


@require_safe
@never_cache
@reads
def changes(request: PageRequest) -> JsonResponse:
    """The rows of the same page as they are now, by name, and the counts: so that a page can say what is new."""
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    wanted = desk_of(request.GET, by, request)
    after = desk.Cursor.parse(request.GET.get("after", ""))
    return JsonResponse(
        {
            "rows": desk.names(tab_of(request.GET), wanted, after),
            "counts": desk.counts(wanted, request.now),
            "count_to": desk.COUNT_TO,
        }
    )


def _back(request: PageRequest) -> str:
    return (request.htmx and request.htmx.current_url_abs_path) or "/"


def tab_of(query: QueryDict) -> str:
    """The tab an address asks for."""
    tab = query.get("tab", "")
    return tab if tab in desk.TABS else desk.TABS[0]


def queue_context(request: PageRequest, by: Actor) -> dict[str, Any]:
    """Everything the queue shows; the address says which tab, whose rows, and which words."""
    tab = tab_of(request.GET)
    wanted = desk_of(request.GET, by, request)
    after = desk.Cursor.parse(request.GET.get("after", ""))
    page = desk.page(tab, wanted, after)
    rows = rows_of(request, page.items, tab, by)
    chosen = request.GET.get("row", "")
    at = next((n for n, row in enumerate(rows) if row.dom == chosen), 0)
    if rows:
        unfold(request, rows[at], page.items[at], tab)
    kept = {"tab": tab, **_kept(wanted)}
    return {
        "tab": tab,
        "groups": grouped(rows),
        "search": wanted.search,
        "mine": wanted.owner is not None,
        "unassigned": wanted.unassigned,
        "loads": loads_of(request, by),
        "departments": [d for d in DEPARTMENT_ORDER if d in by.departments],
        "may_write": by.may_write,
        "may_pick": any(row.may_pick for row in rows),
        "back": request.get_full_path(),
        "once": uuid.uuid4(),
        "next_due": "" if rows else _next_due(request, wanted),
        "next_page": _address(kept, after=str(page.next)) if page.next else "",
        "first_page": _address(kept) if "after" in request.GET else "",
        "inbox": inbox_of(request, wanted) if by.departments else None,
        **tabs_context(wanted, tab, request),
    }


def desk_of(query: QueryDict, by: Actor, request: PageRequest) -> desk.Desk:
    """The desk an address asks for."""
    search = " ".join(unicodedata.normalize("NFKC", query.get("q", "")).replace("\x00", "").split())
    owner = request.user.pk if query.get("mine") else None
    today, tonight = day_of(request.organization, request.now)
    unassigned = bool(query.get("unassigned"))
    return desk.Desk(by.departments, search[:LONGEST_SEARCH], owner, today, tonight, unassigned)


def _kept(wanted: desk.Desk) -> dict[str, str]:
    """What the address keeps of a desk."""
    return {
        "q": wanted.search,
        "mine": "1" if wanted.owner else "",
        "unassigned": "1" if wanted.unassigned else "",
    }


def day_of(organization: Organization, now: datetime) -> tuple[Any, datetime]:
    """The organisation's date, and the moment it ends."""
    today = now.astimezone(organization.tz).date()
    return today, datetime.combine(today + timedelta(days=1), time(), organization.tz)


def _next_due(request: PageRequest, wanted: desk.Desk) -> str:
    """When the next promise of these departments falls due, whoever owns it; empty when none is open."""
    owed = Handoff.objects.owed().for_departments(wanted.departments).filter(due_at__gte=request.now)
    due = owed.order_by("due_at").values_list("due_at", flat=True).first()
    if due is None:
        return ""
    return phrasing.until(due, now=request.now, zone=request.organization.tz, language=request.LANGUAGE_CODE)


def tabs_context(wanted: desk.Desk, tab: str, request: PageRequest) -> dict[str, Any]:
    """The tabs with their counts, and the number of overdue promises for the bar."""
    counted = desk.counts(wanted, request.now)
    kept = _kept(wanted)
    words = {
        "do": _("To do"),
        "waiting": _("Handoffs waiting"),
        "returned": _("Returned"),
        "nurture": _("In nurture"),
    }
    tabs = [
        Pill(_address({**kept, "tab": key}), words[key], key == tab, up_to(counted[key], desk.COUNT_TO), key)
        for key in desk.TABS
    ]
    return {"tabs": tabs, "overdue_count": counted["overdue"]}


def _address(kept: dict[str, str], **more: str) -> str:
    pairs = {k: v for k, v in {**kept, **more}.items() if v and (k, v) != ("tab", desk.TABS[0])}
    return f"?{urlencode(pairs)}" if pairs else "/"
