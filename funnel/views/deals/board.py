"""The board: a column a step, each with its sums, and where deals go when they end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import DateField, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render

from funnel.models import Deal
from funnel.models.deals import NEVER
from funnel.querysets import Worth, worth
from funnel.stages import DEAL_STEP_PERCENT, DealState, DealStep
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest
from funnel.views.deals.asking import LIST, DealFilter, ask
from funnel.views.keyset import Order, page
from funnel.views.lists.asking import around

CARDS = 20
BY_DAY = Order("due_or_never", descending=False, read=date.fromisoformat)
SHOWN = ("account", "owner", "next_step", "lead__person")


class Lane(NamedTuple):
    """One column: its step, how likely its deals are won (percent), what they are worth, the cards, and where more are."""

    step: str
    percent: int
    number: int
    worths: list[Worth]
    cards: list[Deal]
    more: str


def in_day_order(rows: QuerySet[Deal]) -> QuerySet[Deal]:
    """Annotate `due_or_never`, by which a next step without a day comes last."""
    never = Value(NEVER, DateField())
    return rows.annotate(due_or_never=Coalesce("next_step_on", never)).select_related(*SHOWN)


def board(request: PageRequest) -> HttpResponse:
    """The whole board; with `column`, what follows in one column, as a fragment where a script asks for it."""
    stand, asked = ask(request)
    rows = asked.narrow(Deal.objects.all())
    column = request.GET.get("column", "")
    steps = [step for step in DealStep if step == column] or [
        step for step in DealStep if asked.cleaned_data.get("step", "") in ("", step)
    ]
    worths = worth(rows, "step")
    lanes = [_lane(request, step, rows, worths) for step in steps]
    cards = [card for lane in lanes for card in lane.cards]
    context = {**standing_of(request, asked), "lanes": lanes, "cards": cards}
    if column and request.htmx:
        return render(request, "funnel/_deals_cards.html", {**context, "lane": lanes[0]})
    context |= {
        **around(request, LIST, stand, asked),
        "totals": totals(worths),
        "ended": worth(_ended(asked), "state"),
        "ends": (DealState.WON, DealState.LOST),
        "column": column,
        "percents": DEAL_STEP_PERCENT,
        "ways": asked.ways(),
    }
    if len(steps) == 1:
        # A move is answered with the heads that are on the page.
        context["query"] = urlencode({**request.GET.dict(), "step": steps[0]})
    return render(request, "funnel/deals_board.html", context)


def _ended(asked: DealFilter) -> QuerySet[Deal]:
    """What was won or lost this month, of the same owner and search."""
    states = (DealState.WON, DealState.LOST)
    return asked.whose(Deal.objects.filter(state__in=states, closed_at__gte=asked.month_began_at))


def _lane(
    request: PageRequest, step: DealStep, rows: QuerySet[Deal], worths: Mapping[str, list[Worth]]
) -> Lane:
    found = page(request, in_day_order(rows.filter(step=step)), BY_DAY, CARDS)
    more = found.next if not found.next or "column" in request.GET else f"{found.next}&column={step}"
    mine = worths.get(step, [])
    return Lane(step, DEAL_STEP_PERCENT[step], sum(one.number for one in mine), mine, found.rows, more)


def heads(asked: DealFilter, steps: Iterable[str]) -> dict[str, Any]:
    """The heads of some columns and the totals, as they stand after a move."""
    worths = worth(asked.narrow(Deal.objects.all()), "step")
    lanes = [
        Lane(
            step,
            DEAL_STEP_PERCENT[step],
            sum(w.number for w in worths.get(step, [])),
            worths.get(step, []),
            [],
            "",
        )
        for step in steps
    ]
    return {"lanes": lanes, "totals": totals(worths)}


def totals(worths: Mapping[str, list[Worth]]) -> list[Worth]:
    """What all columns together are worth, each currency by itself."""
    found: dict[str, Worth] = {}
    for one in (one for several in worths.values() for one in several):
        known = found.get(one.currency, Worth(one.currency))
        found[one.currency] = known.plus(one)
    return [found[currency] for currency in sorted(found)]


def standing_of(request: PageRequest, asked: DealFilter) -> dict[str, Any]:
    """What a card needs beside its deal: what the reader may do, and where he is."""
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    query = asked.query()
    return {
        "may_move": by.may("step_deal"),
        "may_edit": by.may("edit"),
        "steps": list(DealStep),
        "query": query,
        "here": f"/deals/?{query}" if query else "/deals/",
    }
