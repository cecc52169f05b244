"""THE ONLY WRITER of the terms of meetings: how often, through what and with whom, version after version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django.db import transaction

from dashboards import cadence
from dashboards.deck import KIND_WORDS, Topic
from dashboards.models import MeetingTerms
from funnel.company.changing import demand_administrator
from funnel.errors import BadValue, MoveRefused
from funnel.models import Member, Organization
from funnel.stages import Department
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import setting_changed
from funnel.transitions.people import serialise

LONGEST_SLIDE, MOST_EVERY, LAST_WEEKDAY = 120, 12, 6


class Agreed(NamedTuple):
    """What is agreed about a kind of meeting: the fields of `MeetingTerms`, `members` by id."""

    unit: str
    every: int
    weekday: int | None
    at: time
    slides: Sequence[tuple[str, int]]
    with_leads: bool
    departments: Sequence[str]
    members: Sequence[int]


def current() -> dict[str, MeetingTerms]:
    """The terms in force now, by kind, in the order of the kinds; one statement."""
    rows = MeetingTerms.objects.order_by("kind", "-version").distinct("kind").select_related("by")
    found = {terms.kind: terms for terms in rows}
    return {str(kind): found[kind] for kind in KIND_WORDS}


def of_kind(kind: str) -> MeetingTerms:
    """The terms of one kind in force now."""
    return MeetingTerms.objects.filter(kind=kind).latest("version")


def history() -> dict[str, list[MeetingTerms]]:
    """Every version that was ever agreed, the newest first, by kind; two statements."""
    found: dict[str, list[MeetingTerms]] = {str(kind): [] for kind in KIND_WORDS}
    rows = MeetingTerms.objects.order_by("kind", "-version").select_related("by")
    for terms in rows.prefetch_related("members"):
        found[terms.kind].append(terms)
    return found


def upcoming(
    terms: MeetingTerms, organization: Organization, now: datetime, count: int = 1
) -> list[datetime]:
    """When the next meetings under these terms begin; one of today counts until midnight. None without a rhythm."""
    rhythm = terms.rhythm
    if rhythm is None:
        return []
    calendar = organization.calendar()
    days = cadence.upcoming(rhythm, calendar.local_date(now), calendar, organization.fiscal_year_start, count)
    return [cadence.begins(rhythm, day, calendar) for day in days]


def next_day(kind: str, organization: Organization, now: datetime) -> date | None:
    """The local day of the next meeting of a kind; None where it is not held by itself."""
    found = upcoming(of_kind(kind), organization, now)
    return found[0].date() if found else None


@transaction.atomic
def agree(kind: str, agreed: Agreed, by: Actor, *, now: datetime, version: int | None = None) -> MeetingTerms:
    """Agree anew on a kind of meeting. What is agreed already stays one version.

    `version` is the one the person saw; None does not ask. Raises NotYours, BadValue for what cannot be held,
    MoveRefused("setting_conflict") naming who agreed on something else meanwhile.
    """
    demand_administrator(by)
    serialise(f"meeting-terms:{kind}")
    latest = MeetingTerms.objects.filter(kind=kind).select_related("by").latest("version")
    if version is not None and latest.version != version:
        raise MoveRefused("setting_conflict", who=latest.by.name if latest.by else "–")
    new = _demanded(agreed)
    old = _of(latest)
    if new == old:
        return latest
    fields = {name: value for name, value in new.items() if name != "members"}
    made = MeetingTerms.objects.create(
        kind=kind, version=latest.version + 1, by=by.member, since=now, **fields
    )
    made.members.set(new["members"])
    changed = [name for name in new if new[name] != old[name]]
    setting_changed(by, now=now, what=f"meeting.{kind}", old=_said(old, changed), new=_said(new, changed))
    return made


def _demanded(agreed: Agreed) -> dict[str, Any]:
    """The fields of new terms; raises BadValue naming the one that cannot be."""
    if agreed.unit not in ("", *MeetingTerms.Unit.values):
        choices = ", ".join(MeetingTerms.Unit.values)
        raise BadValue("bad_choice", field="unit", value=agreed.unit, choices=choices)
    if not 1 <= agreed.every <= MOST_EVERY:
        raise BadValue("number_range", field="every", least=1, most=MOST_EVERY)
    is_weekly = agreed.unit == MeetingTerms.Unit.WEEK
    if is_weekly and (agreed.weekday is None or not 0 <= agreed.weekday <= LAST_WEEKDAY):
        raise BadValue("weekday_missing", field="weekday")
    departments = [str(each) for each in Department if each in agreed.departments]
    if len(departments) != len(set(agreed.departments)):
        unknown = next(each for each in agreed.departments if each not in set(Department))
        raise BadValue("bad_choice", field="departments", value=unknown, choices=", ".join(Department))
    return {
        "unit": agreed.unit,
        "every": agreed.every if agreed.unit in (MeetingTerms.Unit.WEEK, MeetingTerms.Unit.MONTH) else 1,
        "weekday": agreed.weekday if is_weekly else None,
        "at": agreed.at,
        "slides": _slides(agreed.slides),
        "with_leads": agreed.with_leads,
        "departments": departments,
        "members": _members(agreed.members),
    }


def _slides(slides: Sequence[tuple[str, int]]) -> list[list[Any]]:
    """Each topic once, with its minutes; what is decided is looked at last."""
    topics = [topic for topic, _minutes in slides]
    if not topics or topics[-1] != Topic.WRAP_UP:
        raise BadValue("wrap_up_last", field="slides")
    for topic, length in slides:
        if topic not in set(Topic) or topics.count(topic) > 1:
            raise BadValue("bad_choice", field="slides", value=topic, choices=", ".join(Topic))
        if not 1 <= length <= LONGEST_SLIDE:
            raise BadValue("number_range", field="slides", least=1, most=LONGEST_SLIDE)
    return [[str(topic), length] for topic, length in slides]


def _members(ids: Iterable[int]) -> list[int]:
    wanted = sorted(set(ids))
    known = Member.objects.filter(pk__in=wanted, is_active=True, is_service=False).count() if wanted else 0
    if known != len(wanted):
        raise BadValue("unknown_member", field="members")
    return wanted


def _of(terms: MeetingTerms) -> dict[str, Any]:
    names = ("unit", "every", "weekday", "at", "slides", "with_leads", "departments")
    members = sorted(terms.members.values_list("pk", flat=True))
    return {**{name: getattr(terms, name) for name in names}, "members": members}


def _said(fields: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Codes and numbers for the ledger."""
    return {name: f"{fields[name]:%H:%M}" if name == "at" else fields[name] for name in names}
