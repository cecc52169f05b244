"""What is said about a contact after it was logged."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from funnel.models import Activity, Note
from funnel.transitions import corrections
from funnel.transitions.acting import Actor
from funnel.transitions.leads.capturing import log
from funnel.transitions.ledger import lock


@transaction.atomic
def annotate(activity_id: int, by: Actor, *, now: datetime, text: str) -> Activity:
    """Add words to the note of an activity; the ledger keeps that it happened, never what was said.

    Raises Activity.DoesNotExist, NotYours.
    """
    by.department_for("log")
    lead = lock(Activity.objects.values_list("lead_id", flat=True).get(pk=activity_id))
    activity = Activity.objects.select_related("note").get(pk=activity_id)
    if activity.note is None:
        activity.note = Note.objects.create(lead=lead, author=by.member, text=text.strip())
        activity.save(update_fields=["note"])
    else:
        activity.note.text = "\n".join(part for part in (activity.note.text, text.strip()) if part)
        activity.note.save(update_fields=["text"])
    return activity


@transaction.atomic
def put_back_in_time(activity_id: int, by: Actor, *, now: datetime, occurred_at: datetime) -> Activity:
    """Say that a contact just logged was earlier: it is logged anew of that moment, and the first entry withdrawn.

    Promises judge it by when it was and by the first recording: pressed in time it stays kept, whenever the moment is
    mended; first recorded after the due moment it is kept late, though it occurred in time. Its words go with it.
    Raises MoveRefused when it was undone already, NotYours, BadValue.
    """
    said = Activity.objects.select_related("note", "event").get(pk=activity_id)
    text = said.note.text if said.note else ""
    # The new entry comes first: the promise whose act is withdrawn finds it, before whatever was done since.
    told = log(
        said.lead_id, by, now=now, kind=said.kind, direction=said.direction, result=said.result, note=text,
        occurred_at=occurred_at, is_human=said.is_human, expects_note=True, tells_anew=said.event,
    )  # fmt: skip
    corrections.withdraw(said.event_id, by, now=now, reason="")
    return told
