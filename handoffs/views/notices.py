"""A member's inbox: what he was told, what he has read, and whether the ways out work."""

from __future__ import annotations

import random
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from funnel.views import keyset
from funnel.views.access import PageRequest, keeps_own, public, reads
from funnel.views.pills import Pill
from handoffs import notices
from handoffs.kinds import KIND_WORDS, TONES
from handoffs.models import Delivery
from handoffs.notices import inbox, wording

# Each viewer asks on his own, and not all in the same second.
ASK_AGAIN_SECONDS = (30, 60)


@require_safe
@never_cache
@reads
def notice_list(request: PageRequest) -> HttpResponse:
    """Show a page of the inbox: unread first of all, or everything."""
    is_unread = request.GET.get("show") != "all"
    rows = notices.of_member(request.user, is_unread=is_unread)
    page = keyset.page(request, rows, keyset.Order())
    unread, address = notices.unread(request.user), reverse("notices")
    counted = f"{inbox.COUNT_TO}+" if unread > inbox.COUNT_TO else str(unread)
    context = {
        "shown": [
            Pill(address, _("Unread"), is_unread, counted),
            Pill(f"{address}?show=all", _("All"), not is_unread),
        ],
        "page": page,
        "items": [_item(request, delivery) for delivery in page.rows],
        "is_unread": is_unread,
        "unread": unread,
        "newest": page.rows[0].pk if page.rows else 0,
        "failing": [s for s in notices.standings(request.now) if s.is_failing],
        "here": request.get_full_path(),
    }
    return render(request, "handoffs/notices.html", context)


def _item(request: PageRequest, delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery": delivery,
        "words": wording.words(delivery.notice, request.organization, request.now),
        "kind": KIND_WORDS[delivery.kind],
        "tone": TONES.get(delivery.kind, ""),
    }


@require_safe
@never_cache
@public
def notice_count(request: PageRequest) -> HttpResponse:
    """The number of the member's unread notices, which says itself when to ask again.

    Whose session has ended gets nothing: a bell must not lead away from a page on which he is typing.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    context = {
        "unread": notices.unread(request.user),
        "newest": inbox.newest_of(request.user),
        "count_to": inbox.COUNT_TO,
        "seconds": random.randint(*ASK_AGAIN_SECONDS),  # noqa: S311
    }
    return render(request, "handoffs/_bell.html", context)


@require_POST
@keeps_own
def read_notice(request: PageRequest, pk: int) -> HttpResponse:
    """Mark one of the member's own notices as read, or as unread again."""
    is_read = request.POST.get("read", "1") == "1"
    if not notices.mark_read(request.user, pk, is_read=is_read):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return _back(request)


@require_POST
@keeps_own
def read_all_notices(request: PageRequest) -> HttpResponse:
    """Mark all of the member's notices as read, up to the newest that the page showed."""
    newest = request.POST.get("up_to", "")
    if newest.isascii() and newest.isdecimal() and len(newest) < len(str(keyset.LARGEST_ID)):
        notices.mark_all_read(request.user, int(newest))
    return _back(request)


def _back(request: PageRequest) -> HttpResponse:
    there = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(there, {request.get_host()}, request.is_secure())
    return redirect(there if is_ours else reverse("notices"))
