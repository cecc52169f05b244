"""Side facts of a pass and its person as they were before a file changed them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.dateparse import parse_datetime

from funnel import normalise
from funnel.models import Activity, Event, Lead, Person
from funnel.stages import EventKind
from funnel.transitions import people
from funnel.transitions.leads.capturing import SIDE_FACTS_OF_PERSON

OF_LEAD = ("segment", "campaign_id", "external_id", "account_id", "owner_id")
PLACE_OF_PERSON = "person_account_id"


def together(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What several rows changed, latest first, as one change: the oldest old value and the newest new one."""
    found: dict[str, Any] = {}
    for stated in rows:
        for name, (old, new) in stated.items():
            found[name] = [old, found[name][1] if name in found else new]
    return found


def stands(lead: Lead, stated: dict[str, Any]) -> bool:
    """True while every fact is still as the file left it, so that nobody's later word is lost."""
    if lead.person.erased_at is not None and stated:
        return False
    if any(_now(lead, name) != new for name, (_, new) in stated.items()):
        return False
    address = normalise.email(stated["email"][0]) if "email" in stated else None
    taken = Person.objects.filter(email_norm=address, merged_into=None).exclude(pk=lead.person_id)
    return address is None or not taken.exists()


def _now(lead: Lead, name: str) -> Any:
    if name == PLACE_OF_PERSON:
        return lead.person.account_id
    return getattr(lead.person if name in SIDE_FACTS_OF_PERSON else lead, name)


def restore(lead: Lead, stated: dict[str, Any]) -> None:
    """Put the facts of one row back; the caller saves the lead."""
    old = {name: pair[0] for name, pair in stated.items()}
    for name in OF_LEAD:
        if name in old:
            setattr(lead, name, old[name])
    people.rewrite(lead.person, {name: old[name] for name in SIDE_FACTS_OF_PERSON if name in old})
    if PLACE_OF_PERSON in old:
        lead.person.account_id = old[PLACE_OF_PERSON]
        lead.person.save(update_fields=["account"])


def reverse(lead: Lead, e: Event) -> None:
    """Put back what one event says was changed: the channel, the owner, how an activity is told."""
    what = e.data.get("what")
    if e.kind == EventKind.OWNER_ASSIGNED:
        lead.owner_id = e.data.get("from")
    elif e.kind == EventKind.SETTING_CHANGED and what == "lead.channel":
        lead.channel_id = e.data.get("old")
    elif e.kind == EventKind.SETTING_CHANGED and what == "activity":
        old = dict(e.data.get("old", {}))
        if "occurred_at" in old:
            old["occurred_at"] = parse_datetime(old["occurred_at"])
        Activity.objects.filter(pk=e.data["id"], lead=lead).update(**old)
