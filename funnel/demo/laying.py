"""The first part of many passes at once: the same rows and events as act by act, recorded as they were lived.

Only acts whose whole meaning is here are taken: capture, calls, certification, return, closing without a deal.
Promises follow from the ledger afterwards (the reconciler's work); a test holds both ways equal.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from funnel import normalise
from funnel.demo.acts import Act
from funnel.demo.synthetic import reserve
from funnel.models import Account, Activity, Campaign, Channel, Event, Lead, Member, Note, Person
from funnel.stages import ACTS, KEEPS_CONTACT, ActivityKind, Direction, EventKind, Stage
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import Passage, announce, reach_of

EARLY = frozenset({"capture", "log", "certify_mql", "give_back", "recycle", "disqualify"})
CALENDAR_NAMES = frozenset("0123456789")

INSERT = """
INSERT INTO funnel_event (id, kind, occurred_at, actor_id, department, source, reason, binding, inferred, lead_id,
  note_id, data)
SELECT e.id, e.kind, e.occurred_at, e.actor_id, e.department, e.source, e.reason, true, false, e.lead_id, e.note_id,
  e.data
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::text[], %s::text[],
  %s::text[], %s::bigint[], %s::bigint[], %s::jsonb[])
  e(id, kind, occurred_at, recorded_at, actor_id, department, source, reason, lead_id, note_id, data)
-- Row by row, so that the ledger's own trigger records each event at the moment it was lived.
WHERE set_config('revops.clock', e.recorded_at::text, true) IS NOT NULL
"""


def early(acts: list[Act], until: datetime) -> tuple[list[Act], list[Act]]:
    """Split acts, in order, into the leading simple ones of each ordinary pass before `until`, and the rest."""
    first: list[Act] = []
    rest: list[Act] = []
    begun: set[str] = set()
    for act in acts:
        begins = act.verb == "capture" and act.subject[0] in CALENDAR_NAMES and not act.facts["history"]
        if act.verb in EARLY and act.at < until and (begins or act.subject in begun):
            begun.add(act.subject)
            first.append(act)
        else:
            begun.discard(act.subject)
            rest.append(act)
    return first, rest


class Laying:
    """Builds leads and their events in memory, then writes them in a handful of statements."""

    def __init__(
        self, actor: Callable[[str], Actor], member: Callable[[str], Member | None], number: str
    ) -> None:
        self.actor, self.member, self.number = actor, member, number
        self.channels = {channel.slug: channel for channel in Channel.objects.all()}
        self.campaigns = {campaign.slug: campaign for campaign in Campaign.objects.all()}
        self.accounts: dict[str, Account] = {}
        self.leads: dict[str, Lead] = {}
        self.events: list[Event] = []
        self.activities: list[Event] = []

    @transaction.atomic
    def lay_down(self, acts: list[Act]) -> dict[str, int]:
        """Write the acts and return the ids of their leads by subject. The simulated clock is reset afterwards."""
        for act in acts:
            getattr(self, f"_{act.verb}")(act, self.actor(act.by))
        Account.objects.bulk_create(self.accounts.values())
        Person.objects.bulk_create([lead.person for lead in self.leads.values()], batch_size=1000)
        Lead.objects.bulk_create(self.leads.values(), batch_size=1000)
        Note.objects.bulk_create([event.note for event in self.events if event.note])
        self._write_events()
        self._write_activities()
        announce([], [Passage(lead.pk, None, reach_of(lead)) for lead in self.leads.values()])
        return {subject: lead.pk for subject, lead in self.leads.items()}

    def _say(
        self, act: Act, by: Actor, kind: EventKind, allowed: str, *, note: str = "", **data: Any
    ) -> Event:
        lead = self.leads[act.subject]
        event = Event(
            kind=kind, occurred_at=act.facts.get("occurred_at", act.at), recorded_at=act.at, actor=by.member,
            department=by.department_for(allowed), source=by.source, reason=act.facts.get("reason", ""), lead=lead,
            note=Note(lead=lead, author=by.member, text=note) if note else None, data=data,
        )  # fmt: skip
        self.events.append(event)
        return event

    def _account(self, company: str) -> Account:
        norm = normalise.company(company)
        return self.accounts.setdefault(norm, Account(name=company, name_norm=norm))

    def _capture(self, act: Act, by: Actor) -> None:
        fields = act.facts["fields"]
        account = self._account(fields["company"])
        person = Person(
            account=account, name=fields["name"], name_norm=normalise.person_name(fields["name"]),
            name_kana=fields["name_kana"], title=fields["title"], email=fields["email"],
            email_norm=normalise.email(fields["email"]), phone=fields["phone"],
            phone_norm=normalise.phone(fields["phone"]),
        )  # fmt: skip
        self.leads[act.subject] = Lead(
            person=person, account=account, external_id=f"{self.number}{act.subject}",
            channel=self.channels[fields["channel"]], campaign=self.campaigns.get(fields["campaign"]),
            segment=fields["segment"], owner=self.member(act.facts["owner"]), lead_at=act.at,
        )  # fmt: skip
        self._say(act, by, EventKind.LEAD_CAPTURED, "capture", channel=fields["channel"])

    def _log(self, act: Act, by: Actor) -> None:
        kind, direction = act.facts["kind"], act.facts.get("direction", Direction.OUTBOUND.value)
        attempt = direction == Direction.OUTBOUND and ActivityKind(kind) in KEEPS_CONTACT
        said = EventKind.CONTACT_ATTEMPTED if attempt else EventKind.ACTIVITY_LOGGED
        event = self._say(
            act, by, said, "log", note=act.facts.get("note", ""), activity_kind=kind, direction=direction,
            result=act.facts.get("result", ""), human=True,
        )  # fmt: skip
        self.activities.append(event)
        lead = self.leads[act.subject]
        if (
            attempt
            and lead.mql_at
            and (lead.first_contact_at is None or event.occurred_at < lead.first_contact_at)
        ):
            lead.first_contact_at = event.occurred_at
        if attempt and lead.owner is None:
            lead.owner = by.member

    def _certify_mql(self, act: Act, by: Actor) -> None:
        lead = self.leads[act.subject]
        lead.mql_at = lead.mql_at or act.at
        lead.stage, lead.first_contact_at = Stage.MQL, None
        self._say(act, by, EventKind.MQL_CERTIFIED, "certify_mql")

    def _give_back(self, act: Act, by: Actor) -> None:
        self.leads[act.subject].stage = Stage.LEAD
        self._say(act, by, EventKind.MQL_RETURNED, "return_mql")

    def _recycle(self, act: Act, by: Actor) -> None:
        wake_up_on = act.facts["wake_up_on"]
        self.leads[act.subject].wake_up_on = wake_up_on
        self._close(act, by, EventKind.LEAD_RECYCLED, wake_up_on=wake_up_on.isoformat())

    def _disqualify(self, act: Act, by: Actor) -> None:
        self._close(act, by, EventKind.LEAD_DISQUALIFIED)

    def _close(self, act: Act, by: Actor, kind: EventKind, **data: Any) -> None:
        lead = self.leads[act.subject]
        lead.outcome, lead.outcome_reason, lead.closed_at = ACTS[act.verb].closes, act.facts["reason"], act.at
        self._say(act, by, kind, act.verb, **data)

    def _write_events(self) -> None:
        with connection.cursor() as cursor:
            first = reserve(cursor, Event._meta.db_table, len(self.events))
            for number, event in enumerate(self.events, first):
                # Set again: lead and note had no id when the event was built.
                event.pk, event.lead, event.note = number, event.lead, event.note
            rows = [
                (
                    e.pk, e.kind, e.occurred_at, e.recorded_at, e.actor_id, e.department, e.source, e.reason,
                    e.lead_id, e.note_id, json.dumps(e.data),
                )
                for e in self.events
            ]  # fmt: skip
            cursor.execute(INSERT, [list(column) for column in zip(*rows, strict=True)])
            cursor.execute("SELECT set_config('revops.clock', '', true)")

    def _write_activities(self) -> None:
        Activity.objects.bulk_create(
            [
                Activity(
                    lead=event.lead, kind=event.data["activity_kind"], direction=event.data["direction"],
                    result=event.data["result"], note=event.note, occurred_at=event.occurred_at, event_id=event.pk,
                )
                for event in self.activities
            ],
            batch_size=1000,
        )  # fmt: skip
