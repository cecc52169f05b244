"""Pages of a list by key: stable while rows are added, and as dear on page 1,000 as on page 1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

M = TypeVar("M", bound=Model)
SIZE = 50
MOST_COUNTED = 1000
CURSOR = "after"
BACK = "before"
LARGEST_ID = 2**63 - 1


def moment(text: str) -> datetime:
    """Read a moment from a cursor; raises ValueError where it says no zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at


def word(text: str) -> str:
    """Read a text from a cursor; raises ValueError for what no text of ours has."""
    if "\x00" in text:
        raise ValueError(text)
    return text


class Order(NamedTuple):
    """An order of rows: by `key` (never null; a column or annotation) and then by id, both in one direction.

    `read` turns the text of a cursor back into a value of `key`, or raises ValueError.
    """

    key: str = "pk"
    descending: bool = True
    read: Callable[[str], Any] = int

    def apply(self, rows: QuerySet[M]) -> QuerySet[M]:
        """The rows in this order."""
        sign = "-" if self.descending else ""
        return rows.order_by(f"{sign}{self.key}", f"{sign}pk")


class Page(NamedTuple, Generic[M]):
    """One page: its rows, and the addresses of the following, the preceding and the first one (blank: none)."""

    rows: list[M]
    next: str
    first: str
    previous: str = ""


def page(request: HttpRequest, rows: QuerySet[M], order: Order, size: int = SIZE) -> Page[M]:
    """Return the page that the request's cursor asks for; a cursor that is none begins at the start."""
    back = BACK in request.GET
    cursor = _cursor(request.GET.get(BACK if back else CURSOR, ""), order)
    back = back and cursor is not None
    if cursor is not None:
        rows = rows.filter(_beyond(order, *cursor, back=back))
    found = list(_ordered(rows, order, back=back)[: size + 1])
    more, shown = len(found) > size, found[:size]
    if back:
        shown.reverse()
    first = _address(request) if cursor is not None else ""
    # Whoever goes back came from rows that follow; whoever goes on, from rows that precede.
    following = _address(request, CURSOR, _said(shown[-1], order)) if shown and (more or back) else ""
    before = cursor is not None and (more if back else True)
    preceding = _address(request, BACK, _said(shown[0], order)) if shown and before else ""
    return Page(shown, following, first, preceding)


def counted(rows: QuerySet[M]) -> tuple[int, bool]:
    """Return how many rows there are, and whether counting stopped at the bound."""
    count = rows.order_by()[: MOST_COUNTED + 1].count()
    return min(count, MOST_COUNTED), count > MOST_COUNTED


def _ordered(rows: QuerySet[M], order: Order, *, back: bool) -> QuerySet[M]:
    sign = "-" if order.descending != back else ""
    return (
        rows.order_by(f"{sign}{order.key}", f"{sign}pk") if order.key != "pk" else rows.order_by(f"{sign}pk")
    )


def _cursor(text: str, order: Order) -> tuple[Any, int] | None:
    value, _, pk = text.rpartition("~")
    try:
        last = int(pk) if pk.isascii() and pk.isdecimal() else 0
        if not 0 < last <= LARGEST_ID:
            return None
        return (order.read(value) if value else last), last
    except ValueError:
        return None


def _beyond(order: Order, value: Any, pk: int, *, back: bool) -> Q:
    than = "lt" if order.descending != back else "gt"
    if order.key == "pk":
        return Q(**{f"pk__{than}": pk})
    beyond = Q(**{f"{order.key}__{than}": value}) | Q(**{order.key: value, f"pk__{than}": pk})
    # Said twice: by the bound alone an index begins where the page does.
    return Q(**{f"{order.key}__{than}e": value}) & beyond


def _said(row: Model, order: Order) -> str:
    return str(row.pk) if order.key == "pk" else f"{getattr(row, order.key)}~{row.pk}"


def _address(request: HttpRequest, name: str = "", cursor: str = "") -> str:
    query = request.GET.copy()
    query.pop(CURSOR, None)
    query.pop(BACK, None)
    if name:
        query[name] = cursor
    return f"?{query.urlencode()}" if query else request.path
