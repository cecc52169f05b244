"""The current-state sheet as it is kept. THE ONLY WRITER of its rows, their reader, and the way into targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from django.db import transaction

from dashboards import kpis, targets
from dashboards.kpis import Direction, Kpi, Unit
from dashboards.models import SheetRow, Target
from dashboards.targets import TargetError, Wish
from dashboards.targets.checking import checked_kpi, checked_value
from funnel.calendar import add_months, month_start
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Member, Organization
from funnel.stages import EventKind
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import announce, event, note_for, save
from funnel.transitions.people import serialise
from funnel.words import Words

MONTHS = 6
LONGEST_MEASURE = 500
MOST_ROWS = 100
STEPS = {Unit.COUNT: Decimal(1), Unit.MONEY: Decimal(1), Unit.RATE: Decimal("0.0001")}
"""What a month on the way is rounded to, by unit; of others a hundredth."""
HUNDREDTH = Decimal("0.01")

SENTENCES: dict[str, Words] = {
    "sheet_owner_without_measure": Words(
        "Write the measure that this person or day belongs to.",
        "担当者・期限を入れる場合は、施策も入力してください。",
    ),
    "sheet_many_rows": Words("A sheet has at most {most} rows.", "シートは{most}行までです。"),
    "sheet_no_path": Words(
        "Enter the number now and in six months.", "現在と6か月後の数値を入力してください。"
    ),
    "sheet_late": Words(
        "The six months are over. Keep the row anew.",
        "6か月が過ぎています。行をあらためて保存してください。",
    ),
}


class SheetError(BadValue):
    """A row that cannot be kept or set as targets; `code` is one of SENTENCES."""

    def say(self, language: str | None) -> str:
        """The sentence in `language`."""
        return SENTENCES[self.code].say(language, **self.params)


class Entry(NamedTuple):
    """One row as somebody wants it; `version` is the one he saw (0: none), None does not ask."""

    kpi: str
    now: Decimal | None = None
    goal: Decimal | None = None
    measure: str = ""
    owner: int | None = None
    due_on: date | None = None
    version: int | None = None

    @property
    def is_empty(self) -> bool:
        """True when it clears the row."""
        return self.now is None and self.goal is None and not self.measure


def standing() -> dict[str, SheetRow]:
    """The newest version of each row, cleared ones too, with its words and people, in one statement."""
    rows = SheetRow.objects.order_by("kpi", "-version").distinct("kpi")
    return {row.kpi: row for row in rows.select_related("measure", "owner", "set_by")}


def is_cleared(row: SheetRow) -> bool:
    """True when nothing stands in the row any more."""
    return row.now is None and row.goal is None and row.measure_id is None


def versions(most: int) -> list[SheetRow]:
    """What was kept lately, the latest first, with who kept it."""
    rows = SheetRow.objects.order_by("-set_at", "-pk").select_related("measure", "set_by")
    return list(rows[:most])


@transaction.atomic
def keep(entries: Sequence[Entry], by: Actor, *, now: datetime) -> list[SheetRow]:
    """Keep rows together or not at all, a new version of each that differs; answers those that were made.

    Raises NotYours, TargetError or SheetError with the row's KPI as field, MoveRefused("setting_conflict").
    """
    if not (by.is_administrator or by.everywhere or by.led):
        raise NotYours("leads_only")
    organization = Organization.current()
    wanted = _checked(entries, organization)
    serialise(*(f"sheet:{slug}" for slug in wanted))
    before = standing()
    reached_in = add_months(month_start(now.astimezone(organization.tz).date()), MONTHS)
    made: list[SheetRow] = []
    for slug, entry in wanted.items():
        found = before.get(slug)
        _demand_unchanged(entry, found)
        if differs(entry, found):
            made.append(_version(entry, found, by, now, reached_in))
    SheetRow.objects.bulk_create(made)
    if made:
        announce(save(event(EventKind.SETTING_CHANGED, by, now=now, data=_said(r, before)) for r in made))
    return made


@transaction.atomic
def start(entries: Sequence[Entry], by: Actor, *, now: datetime, note: str = "") -> list[Target]:
    """Keep the rows, and set the company's targets of every month on the way from now to the goal of each.

    Raises as `keep` and `targets.set_all`; SheetError("sheet_no_path") when no row has both numbers.
    """
    keep(entries, by, now=now)
    today = now.astimezone(Organization.current().tz).date()
    rows = standing()
    wishes = [
        Wish(entry.kpi, Target.Kind.MONTH.value, day, value)
        for entry in entries
        if entry.now is not None and entry.goal is not None
        for day, value in path(rows[entry.kpi])
        if day > today
    ]
    if not wishes:
        whole = any(entry.now is not None and entry.goal is not None for entry in entries)
        raise SheetError("sheet_late" if whole else "sheet_no_path", field="leads")
    return [target for target in targets.set_all(wishes, by, now=now, note=note) if target is not None]


def path(row: SheetRow) -> list[tuple[date, Decimal]]:
    """The months on the way to the goal, in equal steps, each rounded to its better side; the last is the goal."""
    if row.now is None or row.goal is None:
        return []
    kpi = kpis.get(row.kpi)
    begun = add_months(row.reached_in, -MONTHS)
    steps = [row.now + (row.goal - row.now) * n / MONTHS for n in range(1, MONTHS)]
    values = [_rounded(kpi, value) for value in steps] + [row.goal]
    return [(add_months(begun, n), value) for n, value in enumerate(values, 1)]


def _rounded(kpi: Kpi, value: Decimal) -> Decimal:
    rounding = ROUND_CEILING if kpi.direction is Direction.UP else ROUND_FLOOR
    return value.quantize(Decimal("0.000001")).quantize(STEPS.get(kpi.unit, HUNDREDTH), rounding)


def _checked(entries: Sequence[Entry], organization: Organization) -> dict[str, Entry]:
    if len(entries) > MOST_ROWS:
        raise SheetError("sheet_many_rows", most=MOST_ROWS)
    wanted: dict[str, Entry] = {}
    for entry in entries:
        if entry.kpi in wanted:
            raise TargetError("target_twice", field=entry.kpi)
        wanted[entry.kpi] = check(entry, organization.currency)
    people = {entry.owner for entry in wanted.values() if entry.owner is not None}
    known = set(Member.objects.filter(pk__in=people, is_service=False).values_list("pk", flat=True))
    for slug, entry in wanted.items():
        if entry.owner is not None and entry.owner not in known:
            raise TargetError("target_unknown_member", field=slug)
    return wanted


def check(entry: Entry, currency: str) -> Entry:
    """The row as it can be kept. Raises TargetError or SheetError, with the row's KPI as field."""
    kpi = checked_kpi(entry.kpi)
    measure = entry.measure.replace("\0", "").strip()[:LONGEST_MEASURE]
    if not measure and (entry.owner is not None or entry.due_on is not None):
        raise SheetError("sheet_owner_without_measure", field=entry.kpi)
    try:
        now = checked_value(kpi, entry.now, currency, is_state=True)
        goal = checked_value(kpi, entry.goal, currency)
    except TargetError as error:
        raise TargetError(error.code, field=entry.kpi, **error.params) from error
    return entry._replace(now=now, goal=goal, measure=measure)


def _demand_unchanged(entry: Entry, found: SheetRow | None) -> None:
    if entry.version is not None and entry.version != (found.version if found is not None else 0):
        who = found.set_by.name if found is not None and found.set_by else "–"
        raise MoveRefused("setting_conflict", who=who)


def _content(found: SheetRow | None) -> tuple[Any, ...]:
    if found is None:
        return (None, None, "", None, None)
    text = found.measure.text if found.measure is not None else ""
    return (found.now, found.goal, text, found.owner_id, found.due_on)


def differs(entry: Entry, found: SheetRow | None) -> bool:
    """True when a row as somebody wants it is not what stands."""
    return (entry.now, entry.goal, entry.measure, entry.owner, entry.due_on) != _content(found)


def _version(entry: Entry, found: SheetRow | None, by: Actor, now: datetime, reached_in: date) -> SheetRow:
    # An erased measure is none: the row that follows does not refer to it.
    is_same = found is not None and found.measure is not None and found.measure.text == entry.measure != ""
    on_its_way = found is not None and (found.now, found.goal) == (entry.now, entry.goal)
    return SheetRow(
        kpi=entry.kpi,
        version=found.version + 1 if found is not None else 1,
        now=entry.now,
        goal=entry.goal,
        reached_in=found.reached_in if found is not None and on_its_way else reached_in,
        measure=found.measure if found is not None and is_same else note_for(None, by, entry.measure),
        owner_id=entry.owner,
        due_on=entry.due_on,
        set_by=by.member,
        set_at=now,
    )


def _said(row: SheetRow, before: Mapping[str, SheetRow]) -> dict[str, Any]:
    found = before.get(row.kpi)
    return {
        "what": f"sheet.{row.kpi}",
        "old": _numbers(found) if found is not None else None,
        "new": _numbers(row),
    }


def _numbers(row: SheetRow) -> dict[str, Any]:
    """What a version says, without a word of text."""
    return {
        "now": _digits(row.now),
        "goal": _digits(row.goal),
        "month": row.reached_in.isoformat(),
        "note": row.measure_id,
        "owner": row.owner_id,
        "due": row.due_on.isoformat() if row.due_on else None,
        "version": row.version,
    }


def _digits(value: Decimal | None) -> str | None:
    return f"{value.normalize():f}" if value is not None else None
