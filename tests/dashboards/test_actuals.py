"""Numbers read together are those read one by one; what a plan is measured against takes a statement each."""

from __future__ import annotations

from datetime import date

from dashboards import actuals, kpis, planning
from dashboards.kpis import Frame
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Organization


def test_numbers_read_together_are_those_of_the_kpis_one_by_one(spring):
    organization, now = Organization.current(), moment.now()
    frames = [
        Frame.of_scope(Scope(date(2026, m, 1), date(2026, m, 28)), organization, now) for m in (3, 4, 5)
    ]
    slugs = [kpi.slug for kpi in kpis.ALL]
    for at, values in zip(frames, actuals.read(frames, slugs), strict=True):
        for kpi in kpis.ALL:
            alone = kpi.measure(kpi.select(at), at)
            assert values[kpi.slug].value == alone.value, (kpi.slug, at.scope)
    assert actuals.read([], slugs) == []


def test_what_was_reached_lately_in_one_statement_each(spring, django_assert_num_queries):
    organization = Organization.current()
    now = moment.now()
    with django_assert_num_queries(1):
        times = planning.lead_times(organization, now)
    assert set(times) == {"mql", "sql", "won"}
    with django_assert_num_queries(2):
        found = planning.reached(organization, now)
    assert [values["leads"].value for values in found.months][-2:] == [1, 5]
