"""The company's year: its name and zone, when its fiscal year starts, and the days on which it is closed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from funnel.calendar import BusinessCalendar, add_months, month_end, public_holidays
from funnel.company import calendar_days
from funnel.company.changing import stamp
from funnel.errors import BadValue
from funnel.forms.acts import ActForm
from funnel.forms.company import CloseForm, CompanyForm, DayListForm
from funnel.models import CompanyDay
from funnel.views.access import PageRequest, administers, leads_only
from funnel.views.settings.saving import save, show, stamp_of

MONTHS = 12
WEEK = 7
EARLIEST, LATEST = 2000, 2099


class Day(NamedTuple):
    """A day of a month as it is drawn: its number and what kind of day it is (blank: a business day)."""

    number: int
    kind: str
    name: str


@require_safe
@never_cache
@leads_only
def calendar(request: PageRequest) -> HttpResponse:
    """The year, and forms for what may change it."""
    return _page(request, {})


@require_POST
@never_cache
@administers
def set_company(request: PageRequest) -> HttpResponse:
    """Name, zone, holidays and fiscal year of the company."""
    form, seen = CompanyForm(request.POST), stamp_of(request)
    return save(
        request,
        form,
        lambda by, now, said: calendar_days.set_organization(
            by, now=now, stamp=seen, **{part: said[part] for part in calendar_days.seen(request.organization)}
        ),
        back=reverse("settings-calendar"),
        again=lambda refused: _page(request, {"company": refused}),
    )


@require_POST
@never_cache
@administers
def close(request: PageRequest) -> HttpResponse:
    """Close the company from a day to a day."""
    form = CloseForm(request.POST)
    return save(
        request,
        form,
        lambda by, now, said: calendar_days.close(
            by, now=now, first=said["first"], last=said["last"] or said["first"], name=said["name"],
            is_closed=bool(said["is_closed"]),
        ),
        back=_back(request),
        again=lambda refused: _page(request, {"close": refused}),
    )  # fmt: skip


@require_POST
@never_cache
@administers
def take_in(request: PageRequest) -> HttpResponse:
    """Take in a pasted list; what cannot be read is answered line by line, and nothing of the list is taken."""
    form = DayListForm(request.POST)
    lines = calendar_days.read(request.POST.get("pasted", ""))
    wrong = [line for line in lines if line.problem]

    def verb(by: Any, now: Any, said: Any) -> None:
        if wrong:
            raise BadValue("days_unread", field="pasted", lines=", ".join(str(line.number) for line in wrong))
        days = calendar_days.take_in(lines, by, now=now)
        messages.success(request, ngettext("%(n)s day changed", "%(n)s days changed", days) % {"n": days})

    return save(
        request,
        form,
        verb,
        back=_back(request),
        again=lambda refused: _page(request, {"list": refused}, wrong),
    )


@require_POST
@never_cache
@administers
def take_away(request: PageRequest) -> HttpResponse:
    """Take days out again."""
    form = ActForm(request.POST)
    days = [int(pk) for pk in request.POST.getlist("day") if pk.isdecimal()]
    return save(
        request,
        form,
        lambda by, now, said: calendar_days.take_away(by, now=now, days=days),
        back=_back(request),
        again=lambda refused: _page(request, {}),
    )


def _back(request: PageRequest) -> str:
    return f"{reverse('settings-calendar')}?year={_year(request)}"


def _year(request: PageRequest) -> int:
    today = request.now.astimezone(request.organization.tz).date()
    asked = request.GET.get("year", "") or request.POST.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == len("2026") else today.year
    return min(max(year, EARLIEST), LATEST)


def _page(
    request: PageRequest, bound: dict[str, ActForm], wrong: list[calendar_days.Line] | None = None
) -> HttpResponse:
    organization, year = request.organization, _year(request)
    business = organization.calendar()
    own = {d.day: d for d in CompanyDay.objects.filter(day__year=year)}
    months = [_month(add_months(date(year, 1, 1), n), business, own) for n in range(MONTHS)]
    context = {
        "company": bound.get("company") or CompanyForm(initial=calendar_days.seen(organization)),
        "close": bound.get("close") or CloseForm(initial=_year_end(year)),
        "list": bound.get("list") or DayListForm(),
        "act": ActForm(),
        "wrong": wrong or [],
        "months": months,
        "own": list(own.values()),
        "year": year,
        "before": year - 1 if year > EARLIEST else None,
        "after": year + 1 if year < LATEST else None,
        "business_days": sum(
            not d.kind or d.kind == "opened" for _m, weeks in months for w in weeks for d in w if d
        ),
        "stamp": stamp(calendar_days.seen(organization)),
        "weekdays": [_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su")],
    }
    return show(request, "funnel/settings/calendar.html", "calendar", context)


def _year_end(year: int) -> dict[str, Any]:
    """Most companies here close from 29 December to 3 January: proposed until something else is typed."""
    first = date(year, 12, 29)
    return {
        "first": first,
        "last": first + timedelta(days=5),
        "name": _("Year-end holidays"),
        "is_closed": "1",
    }


def _month(
    first: date, business: BusinessCalendar, own: dict[date, CompanyDay]
) -> tuple[date, list[list[Day | None]]]:
    days: list[Day | None] = [None] * first.weekday()
    holidays = public_holidays(business.country, first.year)
    for number in range(1, month_end(first).day + 1):
        day = first.replace(day=number)
        mine = own.get(day)
        if mine is not None:
            days.append(Day(number, "closed" if mine.is_closed else "opened", mine.name))
        elif day in holidays:
            days.append(Day(number, "holiday", ""))
        else:
            days.append(Day(number, "" if business.is_business_day(day) else "off", ""))
    days += [None] * (-len(days) % WEEK)
    return first, [days[n : n + WEEK] for n in range(0, len(days), WEEK)]
