"""The list of deals: sorted by what the reader asks, paged by key, exported by those who may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import DateField, DecimalField, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from funnel.models import Deal, Reason
from funnel.models.deals import NEVER
from funnel.querysets import values_in_pieces, worth
from funnel.stages import DEAL_STATE_WORDS, DEAL_STEP_PERCENT, DEAL_STEP_WORDS, DealState
from funnel.views.access import PageRequest
from funnel.views.deals.asking import LIST, DealFilter, ask
from funnel.views.deals.board import BY_DAY, in_day_order, standing_of, totals
from funnel.views.keyset import Order, moment, page, word
from funnel.views.lists.asking import around
from funnel.views.lists.exporting import send
from funnel.views.lists.sorting import Head, heads, order_of
from funnel.words import Words

UNKNOWN = Decimal(-1)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not number.is_finite():
        raise ValueError(text)
    return number


ORDERS: dict[str, Order] = {
    "": BY_DAY,
    "amount": Order("amount_or_less", read=_number),
    "still": Order("moved_at", descending=False, read=moment),
    "closing": Order("closing_or_never", descending=False, read=date.fromisoformat),
    "owner": Order("owner_name", descending=False, read=word),
    "new": Order(),
}


def _orders(*, is_open: bool) -> dict[str, Order]:
    """A closed deal stands still for good: what counts is when it closed."""
    return ORDERS if is_open else {**ORDERS, "still": Order("closed_at", read=moment)}


def _heads(asked: DealFilter, *, is_open: bool) -> list[Head]:
    labels = {
        "amount": _("Amount"),
        "": _("What is next"),
        "still": _("Standing still") if is_open else _("Closed on"),
        "closing": _("Expected to close"),
        "owner": _("Owner"),
    }
    return list(heads(asked, _orders(is_open=is_open), labels).values())


def _sortable(rows: QuerySet[Deal]) -> QuerySet[Deal]:
    return in_day_order(rows).annotate(
        amount_or_less=Coalesce("amount", Value(UNKNOWN, DecimalField(max_digits=18, decimal_places=2))),
        closing_or_never=Coalesce("expected_close_on", Value(NEVER, DateField())),
        owner_name=Coalesce(NullIf("owner__name", Value("")), Value("~")),
    )


def listed(request: PageRequest) -> HttpResponse:
    """The list."""
    stand, asked = ask(request)
    rows = asked.narrow(Deal.objects.all())
    is_open = asked.asked_state() == DealState.OPEN
    found = page(request, _sortable(rows), order_of(asked, _orders(is_open=is_open)))
    worths = worth(rows, "step")
    context = {
        **around(request, LIST, stand, asked),
        **standing_of(request, asked),
        "page": found,
        "cards": found.rows,
        "totals": totals(worths),
        "count": sum(one.number for several in worths.values() for one in several),
        "is_open": is_open,
        "reasons": {} if is_open else _reasons(asked.asked_state()),
        "heads": _heads(asked, is_open=is_open),
        "ways": asked.ways(),
    }
    return render(request, "funnel/deals_list.html", context)


def _reasons(state: str) -> dict[str, str]:
    act = Reason.For.WIN if state == DealState.WON else Reason.For.LOSS
    language = get_language()
    return {reason.code: reason.label(language) for reason in Reason.objects.filter(act=act)}


def exported(request: PageRequest) -> Any:
    """Every deal of the same list as CSV; the ledger keeps that it was taken out, by whom and how many."""
    _stand, asked = ask(request)
    rows = asked.narrow(Deal.objects.all())
    return send(request, LIST, asked, rows, _cells(rows, asked, get_language()))


HEADINGS = (
    Words("ID", "ID"),
    Words("External ID", "外部ID"),
    Words("Company", "会社名"),
    Words("Deal", "商談名"),
    Words("State", "状態"),
    Words("Step", "商談段階"),
    Words("Amount", "金額"),
    Words("Currency", "通貨"),
    Words("Probability (%)", "確度(%)"),
    Words("Expected to close", "受注予定日"),
    Words("Next step", "次のステップ"),
    Words("Day of the next step", "次のステップの期日"),
    Words("Days standing still", "停滞日数"),
    Words("Owner", "担当者"),
    Words("Reason", "理由"),
)


COLUMNS = (
    "external_id", "account__name", "name", "state", "step", "amount", "currency", "expected_close_on",
    "next_step__text", "next_step_on", "owner__name", "reason",
)  # fmt: skip


def _cells(rows: QuerySet[Deal], asked: DealFilter, language: str | None) -> Iterator[Sequence[object]]:
    yield [heading.say(language) for heading in HEADINGS]
    is_open = asked.asked_state() == DealState.OPEN
    labels = {} if is_open else _reasons(asked.asked_state())
    now = asked.request.now
    # Only of an open deal is it asked when it last moved: that costs two look-ups a row.
    columns = (*COLUMNS, "moved_at") if is_open else COLUMNS
    for row in values_in_pieces(rows, *columns):
        pk, code, company, name, state, step, amount, currency, closing, text, day, owner, reason, *moved = (
            row
        )
        yield [
            pk,
            code,
            company,
            name,
            DEAL_STATE_WORDS[state].say(language),
            DEAL_STEP_WORDS[step].say(language),
            "" if amount is None else f"{amount.normalize():f}",
            currency,
            DEAL_STEP_PERCENT[step] if is_open else "",
            closing,
            text,
            day,
            (now - moved[0]).days if is_open else "",
            owner,
            labels.get(reason, reason),
        ]
