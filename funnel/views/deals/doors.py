"""The addresses of the deals' pages, and who may open them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from funnel.views.access import PageRequest, leads_only, reads, writes
from funnel.views.deals import board, listing, moving


@require_GET
@reads
def deals_page(request: PageRequest) -> HttpResponse:
    """The deals, as a board unless a list is asked for."""
    return listing.listed(request) if request.GET.get("view") == "list" else board.board(request)


@require_POST
@leads_only
def export_deals(request: PageRequest) -> Any:
    """The list as a file."""
    return listing.exported(request)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@writes("step_deal")
def move_deal(request: PageRequest, pk: int) -> HttpResponse:
    """One move."""
    return moving.move(request, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@writes("edit")
def plan_deal(request: PageRequest, pk: int) -> HttpResponse:
    """What is next with one deal."""
    return moving.next_step(request, pk)


PATHS: list[URLPattern] = [
    path("deals/", deals_page, name="deals"),
    path("deals/export/", export_deals, name="deals-export"),
    path("deals/<int:pk>/move/", move_deal, name="deal-move"),
    path("deals/<int:pk>/next/", plan_deal, name="deal-next"),
]
