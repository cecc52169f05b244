"""One page of a desk by keyset, and how many rows each tab holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import CharField, Q, QuerySet, Value

from handoffs.desk.narrowing import Desk
from handoffs.desk.promised import overdue
from handoffs.desk.readers import READERS
from handoffs.desk.sources import SOURCES, Source

PAGE = 50
TABS = ("do", "waiting", "returned", "nurture")
COUNT_TO = 100
START = datetime(1, 1, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Cursor(NamedTuple):
    """Where a page begins: a source, and the last row before it."""

    source: int = 0
    moment: datetime = START
    pk: int = 0

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Read a cursor from an address; anything that is none means the beginning."""
        try:
            source, seconds, pk = text.split("_")
            return cls(abs(int(source)), EPOCH + int(seconds) * MICROSECOND, abs(int(pk)))
        except (ValueError, OverflowError):
            return cls()

    def __str__(self) -> str:
        return f"{self.source}_{(self.moment - EPOCH) // MICROSECOND}_{self.pk}"


class Item(NamedTuple):
    """One row: the record it stands for, by kind."""

    kind: str
    record: Any


class Page(NamedTuple):
    """Rows in order, and where the next page begins (None at the end)."""

    items: list[Item]
    next: Cursor | None


def page(tab: str, desk: Desk, after: Cursor, size: int = PAGE) -> Page:
    """Return one page of a tab; at most two statements for each kind of row, whatever their number.

    First the ids in order, then what is shown of them, kinds that are read alike together: joining a dozen tables
    before narrowing is dear.
    """
    parts = list(_ids(tab, desk, after, size))
    wanted: dict[Callable[[], QuerySet[Any]], list[int]] = {}
    for _index, source, ids in parts:
        wanted.setdefault(READERS[source.kind], []).extend(ids)
    records = {reader: reader().in_bulk(ids) if ids else {} for reader, ids in wanted.items()}
    found = [
        (index, Item(source.kind, records[READERS[source.kind]][pk]))
        for index, source, ids in parts
        for pk in ids
        if pk in records[READERS[source.kind]]
    ]
    items = [item for _index, item in found[:size]]
    if len(found) <= size:
        return Page(items, None)
    index, last = found[size - 1]
    return Page(items, _cursor(SOURCES[tab][index], index, last))


def names(tab: str, desk: Desk, after: Cursor, size: int = PAGE) -> list[str]:
    """The rows of the same page by name (`promise-12`): enough to tell what came and what went."""
    found = [f"{source.kind}-{pk}" for _index, source, ids in _ids(tab, desk, after, size) for pk in ids]
    return found[:size]


def _ids(tab: str, desk: Desk, after: Cursor, size: int) -> Iterator[tuple[int, Source, list[int]]]:
    """The ids of each source in turn, until there is one more than the page holds."""
    wanted = size + 1
    for index, source in enumerate(SOURCES[tab]):
        if wanted <= 0:
            return
        if index < after.source:
            continue
        start = after if index == after.source else Cursor(index)
        ids = list(_part(source, desk, start).values_list("pk", flat=True)[:wanted])
        wanted -= len(ids)
        yield index, source, ids


def _cursor(source: Source, index: int, last: Item) -> Cursor:
    moment = getattr(last.record, source.ascending) if source.ascending else START
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return Cursor(index, moment, last.record.pk)


def _part(source: Source, desk: Desk, after: Cursor) -> QuerySet[Any]:
    rows = source.rows(desk)
    if not source.ascending:
        return rows.filter(pk__lt=after.pk).order_by("-pk") if after.pk else rows.order_by("-pk")
    at = source.ascending
    if after.pk:
        rows = rows.filter(Q(**{f"{at}__gt": after.moment}) | Q(**{at: after.moment, "pk__gt": after.pk}))
    return rows.order_by(at, "pk")


def counts(desk: Desk, now: datetime) -> dict[str, int]:
    """How many rows each tab holds, and how many promises are `overdue`, up to 100 each; one statement."""
    wanted = [(tab, source.rows(desk)) for tab, sources in SOURCES.items() for source in sources]
    wanted.append(("overdue", overdue(desk, now)))
    parts = [
        rows.order_by().annotate(part=Value(name, CharField())).values_list("part", flat=True)[:COUNT_TO]
        for name, rows in wanted
    ]
    found = Counter(parts[0].union(*parts[1:], all=True))
    return {name: min(COUNT_TO, found[name]) for name, _rows in wanted}


def find(kind: str, pk: int) -> Item | None:
    """The row of one record, with all that it shows; None when there is none."""
    record = READERS[kind]().filter(pk=pk).first() if kind in READERS else None
    return Item(kind, record) if record else None
