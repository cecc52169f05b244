"""One person's data: everything held of him as he may ask for it, and what was passed over about him, gone with him."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from funnel.models import Activity, Deal, Event, Lead, Note, Person
from funnel.stages import EventKind
from funnel.transitions import erasing
from handoffs.models import CustomerSheet


def held_of(person_id: int) -> dict[str, Any]:
    """Everything that is held of a person, with dates as ISO texts; ten statements. Raises Person.DoesNotExist."""
    known = erasing.held(person_id)
    person = Person.objects.select_related("account").get(pk=person_id)
    leads = Lead.objects.filter(pk__in=known.leads).select_related("channel", "campaign").order_by("pk")
    of_lead = {"lead__in": known.leads}
    return {
        "person": {
            **{name: getattr(person, name) for name in ("id", "name", "name_kana", "title", "role", "email", "phone")},
            "company": person.account.name if person.account else "",
            "merged_records": known.records[1:],
            "created_at": person.created_at,
        },
        "leads": [
            {
                "id": lead.pk, "external_id": lead.external_id, "stage": lead.stage, "outcome": lead.outcome,
                "channel": lead.channel.name if lead.channel else "",
                "campaign": lead.campaign.name if lead.campaign else "",
                "reached": {str(stage): at for stage, at in lead.reached().items()},
            }
            for lead in leads
        ],
        "activities": list(
            Activity.objects.filter(**of_lead).order_by("pk").values(
                "id", "lead_id", "kind", "direction", "result", "occurred_at", "note__text"
            )
        ),
        "notes": list(
            Note.objects.filter(**of_lead).exclude(text="").order_by("pk").values("id", "lead_id", "text", "created_at")
        ),
        "deals": list(
            Deal.objects.filter(**of_lead).order_by("pk").values(
                "id", "lead_id", "name", "product", "state", "amount", "currency", "opened_at", "closed_at"
            )
        ),
        "sheets": list(
            CustomerSheet.objects.filter(deal__lead__in=known.leads).order_by("pk").values(
                "id", "deal_id", "values", "submitted_at"
            )
        ),
        "events": list(
            Event.objects.filter(**of_lead).order_by("pk").values("id", "kind", "occurred_at", "recorded_at", "reason")
        ),
    }  # fmt: skip


def forget_sheets(events: Iterable[Event]) -> None:
    """What was heard in words goes with the person it was heard of; that it was complete stays."""
    for event in events:
        if event.kind == EventKind.PERSON_ERASED:
            sheets = CustomerSheet.objects.filter(
                deal__lead__person__in=event.data["records"], erased_at=None
            )
            sheets.update(values={}, erased_at=event.recorded_at)
