"""The funnel of a scope counted in Python from the ledger as it stood at a moment."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from dashboards import counts
from dashboards.scope import Scope
from funnel.models import Event, Lead, Organization
from funnel.stages import ENTRY_KIND, STAGES, EventKind, Stage
from funnel.transitions.ledger import Reach


def entries(at: datetime) -> dict[int, dict[Stage, tuple[datetime, bool]]]:
    """The first entry of each pass into each stage, event by event, from what had been recorded at that moment."""
    events = list(Event.objects.filter(recorded_at__lte=at).select_related("deal").order_by("id"))
    corrected = {event.corrects_id: event.data for event in events if event.corrects_id}
    stage_of = {kind: stage for stage, kind in ENTRY_KIND.items()}
    found = defaultdict[int, dict[Stage, tuple[datetime, bool]]](dict)
    for event in events:
        stage, said = stage_of.get(EventKind(event.kind)), corrected.get(event.pk, {})
        if stage is None or said.get("withdrawn") or (event.deal and event.deal.kind != "new"):
            continue
        when = datetime.fromisoformat(said["occurred_at"]) if said.get("occurred_at") else event.occurred_at
        if stage not in found[event.lead_id] or when < found[event.lead_id][stage][0]:
            found[event.lead_id][stage] = (when, event.inferred)
    return found


def replayed(scope: Scope, at: datetime) -> dict[str, int]:
    """The stages of a scope counted in Python from the entries known at that moment."""
    known = entries(at)
    merged = set(
        Event.objects.filter(kind=EventKind.RECORDS_MERGED, recorded_at__lte=at).values_list(
            "lead", flat=True
        )
    )
    measure = {"period": "entered", "cohort": "reached"}[scope.basis]
    leads_known = Lead.objects.filter(pk__in=known)
    if scope.channel is not None:
        leads_known = leads_known.filter(channel__slug=scope.channel)
    found = Counter({str(stage): 0 for stage in STAGES})
    for lead in leads_known:
        won = Stage.WON in known[lead.pk]
        entered = {
            stage: entry
            for stage, entry in known[lead.pk].items()
            if won or stage in STAGES[: STAGES.index(Stage.WON)]
        }
        unsure = frozenset(str(stage) for stage, (_, inferred) in entered.items() if inferred)
        reach = Reach(lead.channel_id, lead.pk not in merged, unsure, {s: e[0] for s, e in entered.items()})
        for key, n in counts.contributions(reach, Organization.current().tz).items():
            counted = key.measure == measure and not (scope.exclude_inferred and key.inferred)
            found[key.stage] += n if counted and scope.start <= key.day <= scope.end else 0
    return dict(found)
