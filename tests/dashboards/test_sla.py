"""The promises of a period beside the catalogue's numbers of the same."""

import pytest

from dashboards import sla
from dashboards.kpis import Frame, get
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Organization
from handoffs.lanes import Boundary
from tests.dashboards.conftest import Company, tokyo


def april() -> Frame:
    day = tokyo(4, 1).date()
    return Frame.of_scope(Scope(day, day.replace(day=30)), Organization.current(), moment.now())


@pytest.mark.parametrize("boundary", list(Boundary))
def test_a_lane_says_what_its_number_says(spring: Company, boundary: Boundary) -> None:
    at = april()
    lane = next(one for one in sla.lanes(at) if one.boundary == boundary)
    kpi = get(f"{boundary}-compliance")
    said = kpi.measure(kpi.select(at), at)
    assert lane.compliance[:3] == said[:3]
    assert (lane.kept_late, lane.missed, lane.cancelled) == tuple(
        said.more[state] for state in ("kept_late", "missed", "cancelled")
    )
