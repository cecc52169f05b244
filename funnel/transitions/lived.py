"""Many simple passes at once, as they were lived: the rows and events of act by act, each recorded at its own moment.

Only acts whose whole meaning is here are taken: capture, calls, certification, return, closing without a deal.
Promises follow from the ledger afterwards (the reconciler's work); a test holds both ways equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from funnel import normalise
from funnel.models import Account, Activity, Campaign, Channel, Event, Lead, Note, Person
from funnel.stages import ACTS, KEEPS_CONTACT, ActivityKind, Direction, EventKind, Stage
from funnel.transitions.acting import Actor
from funnel.transitions.bulk.copying import reserve
from funnel.transitions.ledger import Passage, announce, reach_of
from funnel.transitions.people import LeadFields

VERBS = frozenset({"capture", "log", "certify_mql", "give_back", "recycle", "disqualify"})


class Lived(NamedTuple):
    """One act on a pass: `at` is when it was recorded, `facts` are the arguments of the verb.

    `subject` is the external id of the lead, which its `capture` opens before any other act names it.
    """

    subject: str
    verb: str
    at: datetime
    by: Actor
    facts: Mapping[str, Any]


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


@transaction.atomic
def lay_lived(acts: Iterable[Lived]) -> None:
    """Write the acts, given in their order.

    The subjects are new, and so are their people and companies; channels and campaigns are known.
    The simulated clock is reset afterwards.
    """
    laying = _Laying()
    for act in acts:
        getattr(laying, f"_{act.verb}")(act)
    laying.write()


class _Laying:
    """Builds leads and their events in memory, then writes them in a handful of statements."""

    def __init__(self) -> None:
        self.channels = {channel.slug: channel for channel in Channel.objects.all()}
        self.campaigns = {campaign.slug: campaign for campaign in Campaign.objects.all()}
        self.accounts: dict[str, Account] = {}
        self.leads: dict[str, Lead] = {}
        self.events: list[Event] = []
        self.activities: list[Event] = []

    def write(self) -> None:
        """Insert what was built."""
        Account.objects.bulk_create(self.accounts.values())
        Person.objects.bulk_create([lead.person for lead in self.leads.values()], batch_size=1000)
        Lead.objects.bulk_create(self.leads.values(), batch_size=1000)
        Note.objects.bulk_create([event.note for event in self.events if event.note])
        self._write_events()
        self._write_activities()
        announce([], [Passage(lead.pk, None, reach_of(lead)) for lead in self.leads.values()])

    def _say(self, act: Lived, kind: EventKind, allowed: str, *, note: str = "", **data: Any) -> Event:
        lead = self.leads[act.subject]
        event = Event(
            kind=kind, occurred_at=act.facts.get("occurred_at", act.at), recorded_at=act.at, actor=act.by.member,
            department=act.by.department_for(allowed), source=act.by.source, reason=act.facts.get("reason", ""), lead=lead,
            note=Note(lead=lead, author=act.by.member, text=note) if note else None, data=data,
        )  # fmt: skip
        self.events.append(event)
        return event

    def _account(self, company: str) -> Account:
        norm = normalise.company(company)
        return self.accounts.setdefault(norm, Account(name=company, name_norm=norm))

    def _capture(self, act: Lived) -> None:
        fields: LeadFields = act.facts["fields"]
        account = self._account(fields.company)
        person = Person(
            account=account, name=fields.name, name_norm=normalise.person_name(fields.name),
            name_kana=fields.name_kana, title=fields.title, email=fields.email,
            email_norm=normalise.email(fields.email), phone=fields.phone,
            phone_norm=normalise.phone(fields.phone),
        )  # fmt: skip
        self.leads[act.subject] = Lead(
            person=person, account=account, external_id=act.subject,
            channel=self.channels[fields.channel], campaign=self.campaigns.get(fields.campaign),
            segment=fields.segment, owner=fields.owner, lead_at=act.at,
        )  # fmt: skip
        self._say(act, EventKind.LEAD_CAPTURED, "capture", channel=fields.channel)

    def _log(self, act: Lived) -> None:
        kind, direction = act.facts["kind"], act.facts.get("direction", Direction.OUTBOUND.value)
        attempt = direction == Direction.OUTBOUND and ActivityKind(kind) in KEEPS_CONTACT
        said = EventKind.CONTACT_ATTEMPTED if attempt else EventKind.ACTIVITY_LOGGED
        event = self._say(
            act, said, "log", note=act.facts.get("note", ""), activity_kind=kind, direction=direction,
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
            lead.owner = act.by.member

    def _certify_mql(self, act: Lived) -> None:
        lead = self.leads[act.subject]
        lead.mql_at = lead.mql_at or act.at
        lead.stage, lead.first_contact_at = Stage.MQL, None
        self._say(act, EventKind.MQL_CERTIFIED, "certify_mql")

    def _give_back(self, act: Lived) -> None:
        self.leads[act.subject].stage = Stage.LEAD
        self._say(act, EventKind.MQL_RETURNED, "return_mql")

    def _recycle(self, act: Lived) -> None:
        wake_up_on = act.facts["wake_up_on"]
        self.leads[act.subject].wake_up_on = wake_up_on
        self._close(act, EventKind.LEAD_RECYCLED, wake_up_on=wake_up_on.isoformat())

    def _disqualify(self, act: Lived) -> None:
        self._close(act, EventKind.LEAD_DISQUALIFIED)

    def _close(self, act: Lived, kind: EventKind, **data: Any) -> None:
        lead = self.leads[act.subject]
        lead.outcome, lead.outcome_reason, lead.closed_at = ACTS[act.verb].closes, act.facts["reason"], act.at
        self._say(act, kind, act.verb, **data)

    def _write_events(self) -> None:
        with connection.cursor() as cursor:
            for number, event in zip(reserve(Event, len(self.events)), self.events, strict=True):
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
