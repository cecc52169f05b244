"""As known at a past moment: the ledger up to it, and nothing that was recorded later."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime

import pytest

from dashboards import counts
from dashboards.counts import funnel, funnels
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Event, Lead, Organization
from funnel.stages import ENTRY_KIND, STAGES, Department, EventKind, Stage
from funnel.transitions import corrections, leads
from funnel.transitions.acting import SYSTEM
from funnel.transitions.ledger import Reach
from tests.dashboards.conftest import tokyo

pytestmark = pytest.mark.django_db
SPRING = Scope(date(2026, 3, 1), date(2026, 5, 31))
SCOPES = {
    "period": SPRING,
    "cohort": replace(SPRING, basis="cohort"),
    "april by channel": Scope(date(2026, 4, 1), date(2026, 4, 30), group_by="channel"),
    "cohort by month": replace(SPRING, basis="cohort", group_by="month"),
    "expo": replace(SPRING, channel="expo"),
    "recorded": replace(SPRING, basis="cohort", exclude_inferred=True),
}


def stages(found) -> dict[str, int]:
    return {key: n for key, n in found.stages if key != "visitor"}


def without_visitors(found):
    def rates(of):
        return tuple(rate for rate in of if rate.source != "visitor")

    groups = {g.key: (stages(g), rates(g.rates)) for g in found.groups if any(stages(g).values())}
    return stages(found), rates(found.rates), groups


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


@pytest.mark.parametrize("name", SCOPES)
def test_at_every_moment_it_is_what_the_ledger_held(name: str, spring) -> None:
    scope, moments = SCOPES[name], set(Event.objects.values_list("recorded_at", flat=True))
    seen = set()
    for at in sorted(moments):
        (known,) = funnels([scope], at)
        assert stages(known) == replayed(scope, at), at
        seen.add(tuple(known.stages))
    assert len(moments) > 20
    assert len(seen) > 5


def test_so_it_is_through_corrections_a_merger_and_a_withdrawal(company) -> None:
    by = company.by(Department.MARKETING)
    lead = company.lead(tokyo(4, 1))
    company.mql(lead, tokyo(4, 2))
    certified = Event.objects.get(kind=EventKind.MQL_CERTIFIED)
    for day, hour in ((5, 18), (6, 19)):
        moment.simulate(tokyo(4, day))
        corrections.correct_time(
            certified.pk, by, now=moment.now(), occurred_at=tokyo(4, 1, hour), reason="日付違い"
        )
    other, again = company.lead(tokyo(4, 10), "expo"), company.lead(tokyo(4, 11))
    moment.simulate(tokyo(4, 12))
    leads.merge_people(other.person_id, again.person_id, SYSTEM, now=moment.now())
    company.mql(other, tokyo(4, 13))
    moment.simulate(tokyo(4, 14))
    wrong = Event.objects.filter(kind=EventKind.MQL_CERTIFIED).latest("id")
    corrections.withdraw(wrong.pk, by, now=moment.now(), reason="誤登録")
    first = Scope(date(2026, 4, 1), date(2026, 4, 1))
    for scope in (first, *SCOPES.values()):
        for at in set(Event.objects.values_list("recorded_at", flat=True)):
            (known,) = funnels([scope], at)
            assert stages(known) == replayed(scope, at), (scope, at)
        assert without_visitors(funnels([scope], moment.now())[0]) == without_visitors(funnel(scope))


@pytest.mark.parametrize("name", SCOPES)
def test_as_known_now_is_what_the_counts_say(name: str, spring) -> None:
    scope = SCOPES[name]
    (known,) = funnels([scope], moment.now())
    assert any(stages(known).values())
    assert without_visitors(known) == without_visitors(funnel(scope))
    assert known.today == date(2026, 5, 20)


def test_what_was_recorded_later_is_not_known_yet(spring) -> None:
    april = Scope(date(2026, 4, 1), date(2026, 4, 30))
    now, known = funnel(april), funnels([april], tokyo(4, 12))[0]
    # By 12 April 10:00 three of the five leads of April, and one MQL more: that of 30 March.
    assert (stages(known)["lead"], stages(known)["mql"], stages(known)["sql"]) == (3, 4, 1)
    assert (stages(now)["lead"], stages(now)["mql"], stages(now)["won"]) == (5, 6, 1)
    assert stages(known)["won"] == 0
    assert known.as_of == tokyo(4, 12)
