"""Setting and withdrawing targets: a new version each, and an event without a word of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction

from dashboards.models import Target
from dashboards.targets.checking import check_period, checked_kpi, checked_value
from dashboards.targets.permission import refusal
from dashboards.targets.reading import newest
from dashboards.targets.refusals import TargetError
from dashboards.targets.whom import COMPANY, Whom
from funnel.errors import MoveRefused
from funnel.models import Member, Note, Organization
from funnel.stages import EventKind
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import announce, event, note_for, save
from funnel.transitions.people import serialise

MOST_WISHES = 500
LONGEST_NOTE = 500


class Wish(NamedTuple):
    """One target as somebody wants it. `value` None withdraws it.

    `version` is the one he saw (0: none); None does not ask.
    """

    kpi: str
    kind: str
    first_day: date
    value: Decimal | None
    whom: Whom = COMPANY
    version: int | None = None


Key = tuple[Whom, str, str, date]


def set_one(wish: Wish, by: Actor, *, now: datetime, note: str = "") -> Target | None:
    """As `set_all`, for one; None when there was nothing to withdraw."""
    return set_all([wish], by, now=now, note=note)[0]


@transaction.atomic
def set_all(wishes: Sequence[Wish], by: Actor, *, now: datetime, note: str = "") -> list[Target | None]:
    """Set targets together or not at all; what stands as wished already keeps its version.

    Answers the target of each wish as it stands then, None for one that was never set. `note` is kept in an
    erasable row. Raises NotYours, TargetError, MoveRefused("setting_conflict") naming who was faster.
    """
    organization = Organization.current()
    wanted = _checked(wishes, by, organization, now)
    serialise(*(f"target:{_name(key)}" for key in wanted))
    standing = _standing(wanted)
    kept = note_for(None, by, note[:LONGEST_NOTE]) if _changes(wanted, standing) else None
    made: list[Target] = []
    for key, wish in wanted.items():
        found = standing.get(key)
        _demand_unchanged(wish, found)
        if _differs(wish, found):
            made.append(_version(wish, found, by, now, kept))
    Target.objects.bulk_create(made)
    if made:
        announce(save(event(EventKind.SETTING_CHANGED, by, now=now, data=_said(t, standing)) for t in made))
    standing |= {_key_of(target): target for target in made}
    return [standing.get(key) for key in wanted]


def _checked(wishes: Sequence[Wish], by: Actor, organization: Organization, now: datetime) -> dict[Key, Wish]:
    if len(wishes) > MOST_WISHES:
        raise TargetError("target_many", most=MOST_WISHES)
    today = now.astimezone(organization.tz).date()
    _check_whom({wish.whom for wish in wishes}, by, today)
    wanted: dict[Key, Wish] = {}
    for wish in wishes:
        kpi = checked_kpi(wish.kpi)
        check_period(wish.kind, wish.first_day, today, organization.fiscal_year_start)
        key = (wish.whom, wish.kpi, wish.kind, wish.first_day)
        if key in wanted:
            raise TargetError("target_twice", field="kpi")
        wanted[key] = wish._replace(value=checked_value(kpi, wish.value, organization.currency))
    return wanted


def _check_whom(found: set[Whom], by: Actor, today: date) -> None:
    for whom in found:
        refused = refusal(whom, by, today)
        if refused is not None:
            raise refused
    members = {whom.member_id for whom in found if whom.member_id is not None}
    if members and Member.objects.filter(pk__in=members, is_service=False).count() != len(members):
        raise TargetError("target_unknown_member", field="for")


def _standing(wanted: Mapping[Key, Wish]) -> dict[Key, Target]:
    """The newest version of each, in one statement for each of whom."""
    found: dict[Key, Target] = {}
    for whom in {key[0] for key in wanted}:
        mine = [key for key in wanted if key[0] == whom]
        rows = newest(whom, {key[1] for key in mine}).filter(first_day__in={key[3] for key in mine})
        found |= {_key_of(target): target for target in rows.select_related("set_by")}
    return {key: target for key, target in found.items() if key in wanted}


def _changes(wanted: Mapping[Key, Wish], standing: Mapping[Key, Target]) -> bool:
    return any(_differs(wish, standing.get(key)) for key, wish in wanted.items())


def _differs(wish: Wish, found: Target | None) -> bool:
    return wish.value != (found.value if found is not None else None)


def _demand_unchanged(wish: Wish, found: Target | None) -> None:
    if wish.version is not None and wish.version != (found.version if found is not None else 0):
        who = found.set_by.name if found is not None and found.set_by else "–"
        raise MoveRefused("setting_conflict", who=who)


def _version(wish: Wish, found: Target | None, by: Actor, now: datetime, note: Note | None) -> Target:
    return Target(
        kpi=wish.kpi,
        kind=wish.kind,
        first_day=wish.first_day,
        value=wish.value,
        version=found.version + 1 if found is not None else 1,
        set_by=by.member,
        set_at=now,
        note=note,
        **wish.whom.columns(),
    )


def _key_of(target: Target) -> Key:
    whom = Whom(target.whom, target.department, target.member_id)
    return (whom, target.kpi, target.kind, target.first_day)


def _name(key: Key) -> str:
    whom, kpi, kind, first_day = key
    return f"{whom.key()}:{kpi}:{kind}:{first_day.isoformat()}"


def _said(target: Target, standing: Mapping[Key, Target]) -> dict[str, Any]:
    key = _key_of(target)
    before = standing.get(key)
    return {
        "what": f"target.{target.kpi}",
        "old": {"value": _digits(before), "version": before.version} if before is not None else None,
        "new": {
            "for": key[0].key(),
            target.kind: target.first_day.isoformat(),
            "value": _digits(target),
            "version": target.version,
        },
    }


def _digits(target: Target) -> str | None:
    return f"{target.value.normalize():f}" if target.value is not None else None
