"""Activities of a file: many at once, and what was told wrongly, corrected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from funnel.models import Activity, Lead, Note
from funnel.stages import (
    KEEPS_CONTACT,
    Direction,
    EventKind,
)
from funnel.transitions.acting import Actor
from funnel.transitions.bulk.copying import rewrite
from funnel.transitions.ledger import (
    announce,
    event,
    lock,
    record,
    save,
)
from funnel.transitions.rereading import last_certified


class FiledActivity(NamedTuple):
    """Something done with a person by a human being."""

    lead_id: int
    kind: str
    direction: str
    result: str
    note: str
    occurred_at: datetime
    external_id: str


@transaction.atomic
def log_many(
    rows: Sequence[FiledActivity], by: Actor, *, now: datetime, history: bool = False
) -> list[Activity]:
    """Record activities of many leads, as `leads.log` does one: attempts keep promises, the first one counts."""
    department = by.department_for("log")
    wanted = {row.lead_id for row in rows}
    leads = {x.pk: x for x in Lead.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
    notes = [
        Note(lead=leads[row.lead_id], author=by.member, text=row.note) if row.note else None for row in rows
    ]
    Note.objects.bulk_create([note for note in notes if note])
    saved = save(
        event(
            EventKind.CONTACT_ATTEMPTED if _is_attempt(row) else EventKind.ACTIVITY_LOGGED,
            by, now=now, department=department, lead=leads[row.lead_id], occurred_at=row.occurred_at, note=note,
            binding=not history,
            data={"activity_kind": row.kind, "direction": row.direction, "result": row.result, "human": True},
        )
        for row, note in zip(rows, notes, strict=True)
    )  # fmt: skip
    made = Activity.objects.bulk_create(
        Activity(
            lead=leads[row.lead_id], kind=row.kind, direction=row.direction, result=row.result, note=note,
            occurred_at=row.occurred_at, external_id=row.external_id or None, event=of,
        )
        for row, note, of in zip(rows, notes, saved, strict=True)
    )  # fmt: skip
    _note_first_contacts(leads, (row for row in rows if _is_attempt(row)))
    announce(saved)
    return made


def _is_attempt(row: FiledActivity) -> bool:
    return row.direction == Direction.OUTBOUND and row.kind in KEEPS_CONTACT


def _note_first_contacts(leads: dict[int, Lead], attempts: Iterable[FiledActivity]) -> None:
    changed: dict[int, Lead] = {}
    since = last_certified(leads)
    for row in attempts:
        lead = leads[row.lead_id]
        if row.lead_id not in since or row.occurred_at < since[row.lead_id]:
            continue
        if lead.first_contact_at is None or row.occurred_at < lead.first_contact_at:
            lead.first_contact_at = row.occurred_at
            changed[lead.pk] = lead
    rewrite(changed.values(), ["first_contact_at"])


@transaction.atomic
def relate(activity_id: int, by: Actor, *, now: datetime, **facts: Any) -> Activity:
    """Correct how an activity is told: kind, direction, result, and its moment beside `corrections.correct_time`."""
    department = by.department_for("log")
    lead = lock(Activity.objects.values_list("lead_id", flat=True).get(pk=activity_id))
    activity = Activity.objects.select_for_update().get(pk=activity_id)
    old = {name: str(getattr(activity, name)) for name in facts}
    for name, value in facts.items():
        setattr(activity, name, value)
    activity.save(update_fields=list(facts))
    record(
        EventKind.SETTING_CHANGED, by, now=now, department=department, lead=lead, binding=False,
        data={"what": "activity", "id": activity.pk, "old": old,
              "new": {name: str(value) for name, value in facts.items()}},
    )  # fmt: skip
    return activity
