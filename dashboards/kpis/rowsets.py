"""Row sets that several KPIs share: entries into a stage, steps of a cohort, promises due, decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import TruncDate

from dashboards.kpis.kpi import Frame, Parts, Rows, Value, share
from dashboards.scope import UNOWNED
from funnel.models import Deal, Lead, SpendEntry, TrafficReading
from funnel.stages import COHORT_DAYS, Stage, previous
from funnel.words import Words
from handoffs.lanes import LANES, Boundary, Decision, Promise
from handoffs.models import Handoff

Select = Callable[[Frame], Parts]
UNCOUNTED = Words("Merged and withdrawn leads", "統合・取り消し済みのリード")
JUDGED = tuple(state for state in Promise if state != Promise.OPEN)


def visits(at: Frame) -> Rows:
    """Traffic readings of the period; visitors belong to no owner and no segment."""
    return _of_nobody(TrafficReading.objects.all(), at)


def spend(at: Frame) -> Rows:
    """Money spent in the period; it belongs to no owner and no segment."""
    return _of_nobody(SpendEntry.objects.all(), at)


def _of_nobody(rows: Rows, at: Frame) -> Rows:
    if at.scope.owner not in (None, UNOWNED) or at.scope.segment is not None:
        return rows.none()
    days = rows.filter(day__gte=at.scope.start, day__lte=at.scope.end)
    return days.filter(at._replace(scope=replace(at.scope, owner=None)).of(channel="channel", owner="pk"))


def entered(at: Frame, stage: str) -> Rows:
    """Passes whose first entry into `stage` lies in the period; merged ones are out."""
    rows = Lead.objects.filter(
        at.inside(f"{stage}_at"), at.of(channel="channel", owner="owner"), is_counted=True
    )
    return rows.exclude(inferred__contains=[stage]) if at.scope.exclude_inferred else rows


def made_the_step(at: Frame, stage: Stage) -> Rows:
    """Of those who entered the stage before `stage` in the period, who made the step in its window."""
    before = previous(stage)
    rows = entered(at, str(before)).alias(
        waited=TruncDate(f"{stage}_at", tzinfo=at.zone) - TruncDate(f"{before}_at", tzinfo=at.zone)
    )
    rows = rows.filter(waited__gte=timedelta(0), waited__lte=timedelta(days=COHORT_DAYS[stage]))
    return rows.exclude(inferred__contains=[stage]) if at.scope.exclude_inferred else rows


def period_step(stage: Stage, source: str | None = None) -> Select:
    """Select `stage` entries over entries of the stage before it (or `source`), both in the period."""

    def select(at: Frame) -> Parts:
        return {"numerator": entered(at, stage), "denominator": entered(at, source or str(previous(stage)))}

    return select


def cohort_step(stage: Stage) -> Select:
    """Select those who made the step within its window, over all who could have."""

    def select(at: Frame) -> Parts:
        return {"numerator": made_the_step(at, stage), "denominator": entered(at, str(previous(stage)))}

    return select


def cohort_share(stage: Stage) -> Callable[[Parts, Frame], Value]:
    """Divide, and say whether everyone has had the whole window, and how many still have time."""
    window = COHORT_DAYS[stage]
    before = previous(stage)

    def measure(parts: Parts, at: Frame) -> Value:
        recent = Q(entered_on__gte=at.today - timedelta(days=window))
        waiting = {
            name: rows.alias(entered_on=TruncDate(f"{before}_at", tzinfo=at.zone)).aggregate(
                every=Count("pk"), late=Count("pk", filter=recent)
            )
            for name, rows in parts.items()
        }
        return share(
            waiting["numerator"]["every"],
            waiting["denominator"]["every"],
            window_days=window,
            mature=(at.today - at.scope.end).days > window,
            still_open=waiting["denominator"]["late"] - waiting["numerator"]["late"],
        )

    return measure


def closed_deals(at: Frame, *states: str) -> Rows:
    """Deals of any kind that ended so in the period; the owner is the deal's."""
    return Deal.objects.filter(
        at.inside("closed_at"), at.of(channel="lead__channel", owner="owner"), state__in=states
    )


def fell_due(boundary: Boundary) -> Select:
    """Select the promises of a boundary that fell due in the period (a gate: were submitted)."""

    def select(at: Frame) -> Parts:
        rows = Handoff.objects.compliance(boundary, at.start, at.end)
        return {"rows": rows.filter(at.of(channel="lead__channel", owner="owner"))}

    return select


def compliance(parts: Parts, at: Frame) -> Value:
    """Kept ÷ (kept, kept late and missed); cancelled ones are counted apart.

    `recorded_late` were done in time and recorded after it: misses by the rule, shown beside them.
    """
    found = parts["rows"].aggregate(
        **{state.value: Count("pk", filter=Q(promise=state.value)) for state in JUDGED},
        recorded_late=Count("pk", filter=Q(promise=Promise.KEPT_LATE, kept_at__lte=F("due_at"))),
        excused=Count("pk", filter=Q(excused_at__isnull=False)),
    )
    return kept_share(found)


def kept_share(found: Mapping[str, int]) -> Value:
    """Divide the kept by all that have a verdict; what else was counted stands beside it."""
    return share(found["kept"], found["kept"] + found["kept_late"] + found["missed"], **found)


def decided(boundary: Boundary) -> Select:
    """Select what was decided in the period, each subject once by its last round, without self-handoffs."""
    subject = LANES[boundary].subject

    def select(at: Frame) -> Parts:
        rows = Handoff.objects.filter(
            at.inside("decided_at"),
            at.of(channel="lead__channel", owner="owner"),
            boundary=boundary,
            is_self=False,
        ).exclude(decision=Decision.PENDING)
        later = rows.filter(**{subject: OuterRef(subject)}, round__gt=OuterRef("round"))
        return {"rows": rows.filter(~Exists(later)), "first": rows.filter(round=1)}

    return select


def acceptance(parts: Parts, at: Frame) -> Value:
    """Accepted ÷ decided; the same of first rounds beside it."""
    counted = {}
    for name, rows in parts.items():
        accepted = Count("pk", filter=Q(decision=Decision.ACCEPTED))
        counted[name] = rows.aggregate(decided=Count("pk"), accepted=accepted)
    every, first = counted["rows"], counted["first"]
    more = {"first_decided": first["decided"], "first_accepted": first["accepted"]}
    return share(every["accepted"], every["decided"], **more)
