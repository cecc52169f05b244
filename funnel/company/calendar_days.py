"""The company's own days, and how it counts its year; for promises opened from now on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from funnel.company.changing import changed, demand_administrator, demand_unchanged, differences
from funnel.errors import BadValue, MoveRefused
from funnel.models import CompanyDay, Lead, Organization
from funnel.transitions.acting import Actor
from funnel.transitions.people import serialise

DAY = timedelta(days=1)
# A holiday of two months is a typing error.
LONGEST_RANGE = 62
LONGEST_LIST = 20_000
MOST_LINES = 400
LONGEST_NAME = 100
_DATE = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_LINE = re.compile(rf"^{_DATE}(?:\s*\([^)]*\))?(?:\s*[~–—〜-]\s*{_DATE}(?:\s*\([^)]*\))?)?[\s,、:]*(.*)$")


class Line(NamedTuple):
    """One line of a list of days: what it says, or why it cannot be read (bad_date, bad_dates, range_long)."""

    number: int
    text: str
    first: date | None = None
    last: date | None = None
    name: str = ""
    problem: str = ""


def read(text: str) -> list[Line]:
    """Read a list of days: `2026-12-29 年末休業`, `2026/12/29〜2027/1/3, 年末年始`; blank lines are nothing."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_LIST]).replace("\x00", "")
    lines = [(n, line.strip()) for n, line in enumerate(plain.splitlines(), start=1) if line.strip()]
    return [_read(n, line) for n, line in lines[:MOST_LINES]]


@transaction.atomic
def close(by: Actor, *, now: datetime, first: date, last: date, name: str, is_closed: bool = True) -> int:
    """Close the company from a day to a day (inclusive); with `is_closed` false, work although it is a holiday.

    A day that is there already is changed. Returns how many days changed.
    Raises NotYours, BadValue("bad_dates", "range_long").
    """
    demand_administrator(by)
    _check(first, last)
    serialise("calendar")
    wanted = [first + n * DAY for n in range((last - first).days + 1)]
    known = {d.day: d for d in CompanyDay.objects.filter(day__range=(first, last))}
    new = [d for d in wanted if d not in known or (known[d].is_closed, known[d].name) != (is_closed, name)]
    CompanyDay.objects.bulk_create(
        [CompanyDay(day=d, is_closed=is_closed, name=name[:LONGEST_NAME]) for d in new],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["is_closed", "name"],
    )
    if new:
        what = {"from": first.isoformat(), "to": last.isoformat(), "closed": is_closed, "days": len(new)}
        changed(by, now=now, what="calendar", old=None, new=what)
    return len(new)


@transaction.atomic
def take_away(by: Actor, *, now: datetime, days: Iterable[int]) -> int:
    """Take days out again, by their ids; returns how many there were. Raises NotYours."""
    demand_administrator(by)
    rows = CompanyDay.objects.filter(pk__in=list(days))
    old = [[d.day.isoformat(), d.is_closed] for d in rows.order_by("day")]
    if old:
        rows.delete()
        changed(by, now=now, what="calendar", old=old, new=None)
    return len(old)


@transaction.atomic
def take_in(lines: Sequence[Line], by: Actor, *, now: datetime) -> int:
    """Close on every day of a list; lines that could not be read are left out. Returns how many days changed."""
    return sum(
        close(by, now=now, first=one.first, last=one.last, name=one.name)
        for one in lines
        if one.first is not None and one.last is not None
    )


def seen(organization: Organization) -> dict[str, Any]:
    """What a page shows of the organisation, for the stamp."""
    return {part: getattr(organization, part) for part in ("name", "zone", "country", "fiscal_year_start")}


@transaction.atomic
def set_organization(
    by: Actor, *, now: datetime, name: str, zone: str, country: str, fiscal_year_start: int, stamp: str | None
) -> Organization:
    """Name the company; say where its days begin, whose holidays it keeps, in which month its year starts.

    The zone decides the day of every count: it stays once a lead has been recorded.
    Raises NotYours, MoveRefused("setting_conflict", "zone_fixed").
    """
    demand_administrator(by)
    organization = Organization.objects.select_for_update().get(pk=1)
    demand_unchanged(stamp, seen(organization), "organization")
    new = {"name": name, "zone": zone, "country": country, "fiscal_year_start": fiscal_year_start}
    before, after = differences(seen(organization), new)
    if "zone" in after and Lead.objects.exists():
        raise MoveRefused("zone_fixed", field="zone")
    if after:
        for part, value in after.items():
            setattr(organization, part, value)
        organization.save(update_fields=list(after))
        # The name may be a person's: the ledger says that it changed.
        coded = [{k: v for k, v in half.items() if k != "name"} for half in (before, after)]
        named = {"name": "changed"} if "name" in after else {}
        changed(by, now=now, what="organization", old=coded[0], new={**coded[1], **named})
    return organization


def _read(number: int, text: str) -> Line:
    found = _LINE.match(text)
    if found is None:
        return Line(number, text, problem="bad_date")
    parts = found.groups()
    try:
        first = date(*map(int, parts[:3]))
        last = date(*map(int, parts[3:6])) if parts[3] else first
        _check(first, last)
    except BadValue as refused:
        return Line(number, text, problem=refused.code)
    except ValueError:
        return Line(number, text, problem="bad_date")
    return Line(number, text, first, last, parts[6].strip()[:LONGEST_NAME])


def _check(first: date, last: date) -> None:
    if last < first:
        raise BadValue("bad_dates", field="last")
    if (last - first).days >= LONGEST_RANGE:
        raise BadValue("range_long", field="last", most=LONGEST_RANGE)
