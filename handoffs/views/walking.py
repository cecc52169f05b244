"""Walking a list from record to record: where one came from, which place this is, what comes before and after."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from django.db.models import Model
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from funnel.models import Contract, Customer, Deal, Lead
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest
from funnel.views.customers.listing import listed as customers_listed
from funnel.views.lists.leads import listed as leads_listed
from handoffs.desk import PAGE, Cursor
from handoffs.desk.sources import SOURCES
from handoffs.views.queue import desk_of, tab_of
from handoffs.views.thread import Thread

AT_ONCE, MOST = 500, 10_000
"""Rows that are looked at first, and at most: who walks on, or came from deep in the list, makes it read further."""
QUEUE, LEADS, CUSTOMERS = "/", "/c/", "/customers/"
FROM, AT = "from", "at"


class Stop(NamedTuple):
    """One row of the list: its name there, the record it leads to, and where a page after it would begin."""

    name: str
    lead: int | None
    customer: int | None
    after: str = ""

    @property
    def url(self) -> str:
        """The record of the row: the customer's where there is one."""
        if self.customer is not None:
            return reverse("customer", args=[self.customer])
        return reverse("record", args=[self.lead])


class Walk(NamedTuple):
    """What the head of a record shows of the list; `kept` belongs into every address that leads back here."""

    label: str
    back: str
    position: str
    previous: str
    next: str
    kept: dict[str, str]


def walk_of(request: PageRequest, thread: Thread, by: Actor) -> Walk | None:
    """The walk a record is part of; None for who came from elsewhere.

    The list is named by the address (`from`), or by the page one comes from. A row that has left the list,
    because it is done, keeps its place (`at`): after it comes what came after it.
    """
    came = _came_from(request)
    if came is None:
        return None
    path, query = came
    name, _dot, place = request.GET.get(AT, "").rpartition(".")
    stops, index, is_all = _found(path, request, query, by, thread, name, place)
    if index is not None:
        before, after = index, index + 1
    elif place.isdecimal() and len(place) <= len(str(MOST)):
        before = after = min(int(place), len(stops))
    else:
        return Walk(_label(path), _address(path, query), "", "", "", _kept(path, query, ""))
    at = f"{stops[index].name}.{index}" if index is not None else f"{name}.{before}"
    there = _address(path, query)

    def to(stop: int) -> str:
        if not 0 <= stop < len(stops):
            return ""
        return f"{stops[stop].url}?{urlencode({FROM: there, AT: f'{stops[stop].name}.{stop}'})}"

    return Walk(
        _label(path),
        _back(path, query, stops, index if index is not None else before),
        _position(index, len(stops), is_all=is_all),
        to(before - 1),
        to(after),
        _kept(path, query, at),
    )


def _came_from(request: PageRequest) -> tuple[str, QueryDict] | None:
    wanted = request.GET.get(FROM) or _referer(request)
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    if not ours:
        return None
    there = urlsplit(wanted)
    if there.path not in (QUEUE, LEADS, CUSTOMERS):
        return None
    query = QueryDict(there.query, mutable=True)
    for name in ("after", "row"):  # The walk has its own place.
        query.pop(name, None)
    return there.path, query


def _referer(request: PageRequest) -> str:
    """The page one comes from, where it is one of this site."""
    sent = request.headers.get("Referer", "")
    host = request.get_host()
    there = urlsplit(sent)
    return sent.partition(host)[2] if there.netloc == host else ""


def _label(path: str) -> str:
    return {QUEUE: gettext("My queue"), LEADS: gettext("Leads"), CUSTOMERS: gettext("Under contract")}[path]


def _address(path: str, query: QueryDict) -> str:
    return f"{path}?{query.urlencode()}" if query else path


def _kept(path: str, query: QueryDict, at: str) -> dict[str, str]:
    return {FROM: _address(path, query), **({AT: at} if at else {})}


def _back(path: str, query: QueryDict, stops: list[Stop], place: int) -> str:
    """The list at the page and the row that one has walked to."""
    there = query.copy()
    if path != QUEUE:
        return _address(path, there)
    begins = place // PAGE * PAGE
    if begins:
        there["after"] = stops[begins - 1].after
    if place >= len(stops):
        return _address(path, there)
    there["row"] = stops[place].name
    return f"{_address(path, there)}#row-{stops[place].name}"


def _found(
    path: str, request: PageRequest, query: QueryDict, by: Actor, thread: Thread, name: str, place: str
) -> tuple[list[Stop], int | None, bool]:
    """As many rows as it takes to know the neighbours of this one, its index, and whether they are all there are."""
    read = {QUEUE: _queue, LEADS: _leads, CUSTOMERS: _customers}[path]
    known = int(place) if place.isdecimal() and len(place) <= len(str(MOST)) else 0
    size = min(MOST, (known // AT_ONCE + 1) * AT_ONCE)
    while True:
        stops = read(request, query, by, size)
        index, is_all = _index(stops, thread, name), len(stops) < size
        if (
            size >= MOST
            or is_all
            or (index is not None and index + 1 < len(stops))
            or (index is None and known)
        ):
            return stops, index, is_all
        # Few walk that far: from the first rows to all there may be in one step.
        size = min(MOST, size + AT_ONCE) if index is not None else MOST


def _position(index: int | None, total: int, *, is_all: bool) -> str:
    if index is None:
        return ""
    shown = str(total) if is_all else f"{total}+"
    return gettext("%(place)s of %(total)s") % {"place": index + 1, "total": shown}


def _index(stops: list[Stop], thread: Thread, name: str) -> int | None:
    """The row the record is reached by: the one named, else the first that leads to it."""
    lead = thread.lead.pk if thread.lead else None
    customer = thread.customer.pk if thread.customer else None
    fits = [
        place
        for place, stop in enumerate(stops)
        if (stop.customer is not None and stop.customer == customer)
        or (stop.customer is None and stop.lead == lead)
    ]
    return next((place for place in fits if stops[place].name == name), fits[0] if fits else None)


TO_RECORD: dict[type[Model], tuple[str, ...]] = {
    Lead: ("pk", "pk"),
    Deal: ("pk", "lead_id"),
    Customer: ("pk", "origin_lead_id", "pk"),
    Contract: ("pk", "customer__origin_lead_id", "customer_id"),
}
OF_HANDOFF = ("pk", "lead_id", "customer_id")


def _queue(request: PageRequest, query: QueryDict, by: Actor, size: int) -> list[Stop]:
    """The rows of the desk in order; one statement for each kind of row."""
    wanted = desk_of(query, by, request)
    stops: list[Stop] = []
    for index, source in enumerate(SOURCES[tab_of(query)]):
        rows = source.rows(wanted)
        names = TO_RECORD.get(rows.model, OF_HANDOFF)
        ordered = rows.order_by(source.ascending, "pk") if source.ascending else rows.order_by("-pk")
        columns = [*names, *([source.ascending] if source.ascending else [])]
        for found in ordered.values_list(*columns)[: size - len(stops)]:
            record = (*found[: len(names)], None)[:3]
            moment = _moment(found[-1]) if source.ascending else Cursor().moment
            after = str(Cursor(index, moment, record[0]))
            stops.append(Stop(f"{source.kind}-{record[0]}", record[1], record[2], after))
        if len(stops) >= size:
            break
    return stops


def _moment(value: datetime | date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)


def _leads(request: PageRequest, query: QueryDict, by: Actor, size: int) -> list[Stop]:
    return [Stop(f"lead-{pk}", pk, None) for pk in leads_listed(request, query)[:size]]


def _customers(request: PageRequest, query: QueryDict, by: Actor, size: int) -> list[Stop]:
    return [Stop(f"customer-{pk}", None, pk) for pk in customers_listed(request, query)[:size]]


def with_place(path: str, query: Any, walk: Walk | None) -> str:
    """This page's address with its place in the list, for whatever leads back here."""
    kept = {name: query[name] for name in query if name not in (FROM, AT)}
    kept |= walk.kept if walk else {}
    return f"{path}?{urlencode(kept)}" if kept else path
