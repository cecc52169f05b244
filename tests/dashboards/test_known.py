"""As known at a past moment: the ledger up to it, and nothing that was recorded later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dashboards.counts import funnel, funnels
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Event
from tests.dashboards.conftest import tokyo
from tests.dashboards.replaying import replayed

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
