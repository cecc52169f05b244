"""What was corrected, merged and withdrawn is known as it was until then, and as it is from then on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dashboards.counts import funnel, funnels
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Event
from funnel.stages import VISITOR, Department, EventKind
from funnel.transitions import corrections, leads
from funnel.transitions.acting import SYSTEM
from tests.dashboards.conftest import tokyo
from tests.dashboards.replaying import replayed

pytestmark = pytest.mark.django_db
APRIL = Scope(date(2026, 4, 1), date(2026, 4, 30))
SCOPES = (
    APRIL,
    Scope(date(2026, 4, 1), date(2026, 4, 1)),
    replace(APRIL, basis="cohort"),
    replace(APRIL, channel="expo"),
    replace(APRIL, exclude_inferred=True),
)


def stages(found) -> dict[str, int]:
    return {key: n for key, n in found.stages if key != VISITOR}


def test_through_corrections_a_merger_and_a_withdrawal(company) -> None:
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
    for scope in SCOPES:
        for at in set(Event.objects.values_list("recorded_at", flat=True)):
            (known,) = funnels([scope], at)
            assert stages(known) == replayed(scope, at), (scope, at)
        assert stages(funnels([scope], moment.now())[0]) == stages(funnel(scope))
