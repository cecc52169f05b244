"""The orders of a list: each in both directions, asked for by the heads of its columns as by the choice above them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from funnel.views.keyset import Order
from funnel.views.lists.asking import ListFilter

REVERSED = "-"


class Head(NamedTuple):
    """The head of a column that sorts: its label, the address that sorts by it, and how it runs now.

    `sort` is `ascending` or `descending`, blank where the list is in another order.
    """

    label: str
    address: str
    sort: str = ""


def offered(words: Mapping[str, str], *, turned: tuple[str, ...]) -> list[tuple[str, str]]:
    """Orders under their names as a choice: each as it is usually wanted, then those `turned` the other way round."""
    other = [(REVERSED + name, _("%(order)s, reversed") % {"order": words[name]}) for name in turned]
    return [*words.items(), *other]


def order_of(asked: ListFilter, orders: Mapping[str, Order]) -> Order:
    """The order that an address asks for."""
    name = asked.cleaned_data.get("order", "")
    if name.startswith(REVERSED):
        order = orders[name.removeprefix(REVERSED)]
        return order._replace(descending=not order.descending)
    return orders[name]


def heads(asked: ListFilter, orders: Mapping[str, Order], labels: Mapping[str, str]) -> dict[str, Head]:
    """The heads of the columns that sort, by the order each asks for; asked again, it turns round."""
    now = asked.cleaned_data.get("order", "")
    shared = {name: value for name, value in asked.cleaned_data.items() if value and name != "order"}
    found = {}
    for name, label in labels.items():
        is_now = now.removeprefix(REVERSED) == name
        wanted = REVERSED + name if now == name else name
        address = "?" + urlencode({**shared, **({"order": wanted} if wanted else {})})
        descending = order_of(asked, orders).descending
        found[name or "usual"] = Head(
            label, address, ("descending" if descending else "ascending") if is_now else ""
        )
    return found
