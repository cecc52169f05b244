"""What comes after a moment does not reach its board: back-dated acts, corrections, targets, late calls, visitors."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from dashboards import board as boards
from dashboards import past, targets
from dashboards.kpis import Frame
from dashboards.scope import Scope
from dashboards.targets import Wish
from funnel import moment
from funnel.models import Event, Organization, TrafficReading
from funnel.stages import VISITOR, Department, EventKind
from funnel.transitions import corrections, deals, filed, leads
from funnel.transitions.acting import SYSTEM
from handoffs.models import Handoff
from tests.dashboards.conftest import tokyo

pytestmark = pytest.mark.django_db
APRIL = Scope(date(2026, 4, 1), date(2026, 4, 30))


def stages(board) -> dict[str, int]:
    return {one["key"]: one["count"] for one in board["stages"] if one["key"] != VISITOR}


def of_mql(board) -> tuple[int, int, int, int, int]:
    (lane,) = (one for one in board["promises"] if one["boundary"] == "mql")
    return tuple(lane[name] for name in ("kept", "kept_late", "missed", "cancelled", "overdue"))


def test_what_is_recorded_later_leaves_the_board_as_it_was(company) -> None:
    by = company.by(Department.MARKETING)
    lead = company.lead(tokyo(4, 1))
    company.mql(lead, tokyo(4, 2))
    certified = Event.objects.get(kind=EventKind.MQL_CERTIFIED)
    other, at = company.lead(tokyo(4, 3)), tokyo(4, 10)
    moment.simulate(at)
    before = json.dumps(past.board(APRIL, at))
    assert stages(json.loads(before))["mql"] == 1
    moment.simulate(tokyo(4, 20))
    leads.certify_mql(other.pk, SYSTEM, now=tokyo(4, 20), reason="inquiry", occurred_at=tokyo(4, 4))
    corrections.correct_time(
        certified.pk, by, now=moment.now(), occurred_at=tokyo(4, 1, 18), reason="日付違い"
    )
    targets.set_one(Wish("mql", "month", date(2026, 4, 1), Decimal(10)), SYSTEM, now=moment.now())
    assert stages(past.board(APRIL, at)) == stages(json.loads(before))
    assert past.board(APRIL, at)["stages"] == json.loads(before)["stages"]
    assert stages(past.board(APRIL, moment.now()))["mql"] == 2


def test_a_target_is_that_of_then_with_the_pace_of_that_day(company) -> None:
    company.lead(tokyo(4, 1))
    for day, value in ((2, 44), (15, 88)):
        moment.simulate(tokyo(4, day))
        targets.set_one(Wish("leads", "month", date(2026, 4, 1), Decimal(value)), SYSTEM, now=moment.now())
    for day, value in ((10, 44), (20, 88)):
        board = past.board(APRIL, tokyo(4, day))
        lead = next(one for one in board["stages"] if one["key"] == "lead")
        days = board["business_days"]
        assert lead["target"] == value
        assert lead["due"] == round(Decimal(value) * days["passed"] / days["whole"])
        assert 0 < days["passed"] < days["whole"]


def test_visitors_are_those_of_the_days_up_to_then(company) -> None:
    company.lead(tokyo(4, 1))
    for day in (2, 12):
        TrafficReading.objects.create(day=date(2026, 4, day), visits=100)
    counted = {day: past.board(APRIL, tokyo(4, day))["stages"][0]["count"] for day in (5, 15)}
    assert counted == {5: 100, 15: 200}


def test_promises_are_judged_by_what_had_been_recorded(company) -> None:
    late, kept, returned = (company.lead(tokyo(4, 1)) for _n in range(3))
    for lead in (late, kept, returned):
        handoff = company.mql(lead, tokyo(4, 1, 10))
    company.call(kept, tokyo(4, 1, 15))
    company.give_back(handoff, tokyo(4, 1, 16))
    company.call(late, tokyo(4, 2, 12))
    moment.simulate(tokyo(4, 3))
    known = {
        hour: of_mql(past.board(APRIL, tokyo(4, *hour)))
        for hour in ((1, 12), (1, 15), (1, 16), (2, 11), (2, 12))
    }
    assert known == {
        (1, 12): (0, 0, 0, 0, 0),
        (1, 15): (1, 0, 0, 0, 0),
        (1, 16): (1, 0, 0, 1, 0),
        (2, 11): (1, 0, 1, 1, 1),
        (2, 12): (1, 1, 0, 1, 0),
    }
    assert past.board(APRIL, tokyo(4, 3))["promises_changed"] == 0
    call = Event.objects.filter(kind=EventKind.CONTACT_ATTEMPTED, lead=kept).latest("id")
    corrections.withdraw(call.pk, SYSTEM, now=tokyo(4, 3), reason="")
    assert past.board(APRIL, tokyo(4, 2, 11))["promises_changed"] == 1


def test_what_was_won_is_worth_what_was_recorded_by_then(company) -> None:
    def handed(day: int) -> Handoff:
        lead = company.lead(tokyo(4, 1))
        company.mql(lead, tokyo(4, 2))
        company.call(lead, tokyo(4, 2, 12))
        promise = company.sql(lead, tokyo(4, day))
        company.accept(promise, tokyo(4, day, 12))
        return promise

    first, second, third = handed(3), handed(4), handed(5)
    company.win(first, tokyo(4, 20), "1000000", starts_on=date(2026, 9, 1))
    company.win(second, tokyo(4, 21), "500000")
    at = tokyo(4, 25)
    moment.simulate(at)
    said = past.board(APRIL, at)
    assert (said["money"]["bookings"], said["money"]["deals"]) == (1_500_000, 2)
    moment.simulate(tokyo(5, 6))
    by = company.by(Department.FIELD_SALES)
    # One is worth more, one comes back, and one more was won in April as is said in May.
    filed.restate(second.deal_id, by, now=tokyo(5, 6), amount=Decimal(800_000), closed_at=tokyo(4, 21))
    deals.reopen(first.deal_id, by, now=tokyo(5, 6), reason="")
    deals.win(third.deal_id, by, now=tokyo(5, 6), amount="70000", reason="fit", occurred_at=tokyo(4, 24))
    assert past.board(APRIL, at)["money"] == said["money"]
    known = past.board(APRIL, moment.now())
    assert (known["money"]["bookings"], known["money"]["deals"]) == (870_000, 2)
    now = boards.numbers(boards.read(Frame.of_scope(APRIL, Organization.current(), moment.now())))
    assert (now["bookings"], now["deals"]) == (870_000, 2)


def test_the_bottleneck_of_then_is_named_by_the_targets_of_then(company) -> None:
    for n in range(40):
        lead = company.lead(tokyo(4, 1))
        if n < 10:
            company.mql(lead, tokyo(4, 2))
    at = tokyo(4, 30, 20)
    goals = {"leads": 40, "mql": 20, "sql": 4, "won": 2}
    goals |= {"mql-rate": "0.5", "sql-rate": "0.2", "win-rate-plan": "0.5"}
    moment.simulate(tokyo(4, 3))
    for slug, value in (goals | {"bookings": 2_000_000}).items():
        targets.set_one(Wish(slug, "month", date(2026, 4, 1), Decimal(value)), SYSTEM, now=moment.now())
    said = past.board(APRIL, at)
    moment.simulate(at)
    now = boards.numbers(boards.read(Frame.of_scope(APRIL, Organization.current(), at)))
    assert said["bottleneck"] == {
        "state": now["bottleneck"],
        "named": now["named"].split(),
        "gain": now["gain"],
    }
    assert said["bottleneck"]["named"] == ["sql-rate"]
    moment.simulate(tokyo(5, 6))
    targets.set_one(Wish("sql-rate", "month", date(2026, 4, 1), Decimal("0.01")), SYSTEM, now=moment.now())
    assert past.board(APRIL, at)["bottleneck"] == said["bottleneck"]
    assert past.board(APRIL, moment.now())["bottleneck"] != said["bottleneck"]
