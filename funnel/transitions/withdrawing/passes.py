"""Passes as they were before a file: withdrawn when it brought them, else put back in step with their ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from funnel.models import Activity, Deal, Event, Lead
from funnel.stages import DealState, EventKind, Outcome, Stage
from funnel.transitions.acting import Actor
from funnel.transitions.bulk.copying import rewrite
from funnel.transitions.ledger import Passage, announce, event, reach_of, save
from funnel.transitions.never import NOTHING, never_was
from funnel.transitions.rereading import Standing, last_of, reread
from funnel.transitions.withdrawing import facts
from funnel.transitions.withdrawing.effects import Effects
from funnel.transitions.withdrawing.story import SOURCE, Part, Story

COLUMNS = tuple(field.name for field in Lead._meta.concrete_fields if not field.primary_key)


@dataclass
class _Work:
    """What a set of passes adds up to, written at the end in few statements."""

    by: Actor
    now: datetime
    department: str
    effects: Effects
    fixes: list[Event] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    changed: list[Lead] = field(default_factory=list)


@transaction.atomic
def take_back(
    lead_ids: Iterable[int],
    by: Actor,
    *,
    now: datetime,
    part: Part,
    after: int = 0,
    stated: Mapping[int, Sequence[dict[str, Any]]] | None = None,
    only_on_ours: bool = False,
) -> dict[int, str]:
    """Take back what `part` of a file did to these passes; the answer of each is "" or why it is kept.

    `stated` are the side facts it changed, {field: [old, new]}, latest first; `after` is the id of the last event
    before it. Counts and promises follow in the same transaction; verdicts that have fallen stay. Repeating it
    changes nothing.
    """
    wanted = sorted(set(lead_ids))
    locked = Lead.objects.select_for_update(of=("self",)).select_related("person")
    leads = {lead.pk: lead for lead in locked.filter(pk__in=wanted).order_by("pk")}
    told: dict[int, list[Event]] = defaultdict(list)
    for e in Event.objects.filter(lead_id__in=wanted).select_related("deal").order_by("id"):
        told[int(e.lead_id or 0)].append(e)
    deals = Deal.objects.select_for_update().filter(lead_id__in=wanted).order_by("pk")
    work = _Work(
        replace(by, source=SOURCE), now, by.department_for("import"), Effects({d.pk: d for d in deals}, now)
    )
    answers: dict[int, str] = {}
    for pk, lead in leads.items():
        story = Story(lead, told[pk], part)
        answers[pk] = story.since(after, only_on_ours=only_on_ours) or _undo(
            story, (stated or {}).get(pk, ()), work
        )
    _write(work)
    return answers


def _undo(story: Story, stated: Sequence[dict[str, Any]], work: _Work) -> str:
    lead = story.lead
    before = reach_of(lead)
    if story.is_whole():
        work.whole.append(lead.pk)
        _correct(story, work)
        work.effects.of(story.ours)
        work.passages.append(Passage(lead.pk, before, never_was(lead)))
        return ""
    change = facts.together(stated)
    if not facts.stands(lead, change):
        return "worked_on"
    if work.effects.reopens(story.ours) and not lead.is_open and _has_another_pass(lead):
        return "lead_open"
    fixes = _correct(story, work)
    work.effects.of(story.ours)
    facts.restore(lead, change)
    for e in reversed(story.ours):
        facts.reverse(lead, e)
    if fixes:
        standing = reread(lead, [*story.events, *fixes])
        _settle(lead, story, standing, work)
    work.changed.append(lead)
    work.passages.append(Passage(lead.pk, before, reach_of(lead)))
    return ""


def _has_another_pass(lead: Lead) -> bool:
    return Lead.objects.filter(person=lead.person_id, outcome=None).exclude(pk=lead.pk).exists()


def _correct(story: Story, work: _Work) -> list[Event]:
    made = [
        event(
            EventKind.EVENT_CORRECTED, work.by, now=work.now, department=work.department, lead=story.lead,
            deal=wrong.deal, corrects=wrong, data=data,
        )
        for wrong, data in story.corrections()
    ]  # fmt: skip
    work.fixes += made
    return made


def _settle(lead: Lead, story: Story, standing: list[Standing], work: _Work) -> None:
    """Stage and outcome as the ledger leaves them and the deals stand."""
    last = last_of(standing, EventKind.SQL_CERTIFIED, EventKind.SQL_RETURNED)
    certified = last_of(standing, EventKind.MQL_CERTIFIED, EventKind.MQL_RETURNED)
    if last is EventKind.SQL_CERTIFIED:
        lead.stage = Stage.SQL
    else:
        lead.stage = Stage.MQL if certified is EventKind.MQL_CERTIFIED and lead.mql_at else Stage.LEAD
    if not work.effects.reopens(story.ours):
        return
    closed = {d.state: d for d in work.effects.of_lead(lead.pk) if d.state in (DealState.WON, DealState.LOST)}
    if any(d.is_open for d in work.effects.of_lead(lead.pk)) or not closed:
        lead.outcome, lead.closed_at, lead.outcome_reason = None, None, ""
    elif DealState.WON in closed:
        lead.outcome, lead.closed_at, lead.outcome_reason = Outcome.WON, lead.won_at, ""
    else:
        lost = closed[DealState.LOST]
        lead.outcome, lead.closed_at, lead.outcome_reason = Outcome.LOST, lost.closed_at, lost.reason


def _write(work: _Work) -> None:
    Lead.objects.filter(pk__in=work.whole).update(closed_at=work.now, **NOTHING)
    rewrite(work.changed, COLUMNS)
    work.effects.write()
    gone = [e.corrects_id for e in work.fixes if e.corrects_id and e.data.get("withdrawn")]
    Activity.objects.filter(event_id__in=gone, external_id__isnull=False).update(external_id=None)
    announce(save(work.fixes), work.passages)


__all__ = ["SOURCE", "Part", "take_back"]
