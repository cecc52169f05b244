"""What was recorded while promises did not hear is made up for, exactly once, at every boundary."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from funnel import moment
from funnel.transitions import customers, deals, leads
from handoffs import promises
from handoffs.models import Handoff, Notice
from handoffs.promises.rows import COLUMNS
from tests.handoffs.conftest import BANT, HOUR, Story, deaf, promise

START = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)
Clock = Callable[[datetime | None], None]
COMPARED = ("boundary", "round", "opened_at", "due_at", "from_department", "done_by_department", "terms_id")


def a_thread(story: Story, at: Clock) -> int:
    """One lead through all four boundaries, with a return, a late kickoff and a loss of time; its id."""
    people = story.people
    at(START)
    lead = story.lead()
    certify = {"reason": "inquiry"}
    leads.certify_mql(lead.pk, people["marketing"], now=moment.now(), **certify)
    at(START + 2 * HOUR)
    leads.send_back(lead.pk, people["inside_sales"], now=moment.now(), boundary="mql", reason="incomplete")
    at(START + 3 * HOUR)
    leads.certify_mql(lead.pk, people["marketing"], now=moment.now(), **certify)
    at(START + 30 * HOUR)
    story.call(lead, START + 26 * HOUR)
    meeting = moment.now() + timedelta(days=5)
    deal = promises.submit_sql(
        lead.pk,
        people["inside_sales"],
        now=moment.now(),
        bant=BANT,
        sheet={"note": "要点"},
        meeting_at=meeting,
    )
    at(START + 100 * HOUR)
    contract = deals.win(deal.pk, people["field_sales"], now=moment.now(), amount=1, reason="fit")
    at(START + 400 * HOUR)
    deals.kickoff(deal.pk, people["customer_success"], now=moment.now(), kickoff_at=moment.now() + HOUR)
    at(START + 402 * HOUR)
    deals.hold_kickoff(deal.pk, people["customer_success"], now=moment.now())
    customers.agree_advocacy(contract.customer_id, people["customer_success"], now=moment.now())
    at(START + 404 * HOUR)
    customers.create_case(contract.customer_id, people["marketing"], now=moment.now())
    return lead.pk


def rows(lead_id: int) -> list[tuple[object, ...]]:
    what = [name for name in (*COMPARED, *COLUMNS) if name not in ("kept_by", "decided_by", "opened_by")]
    return list(Handoff.objects.filter(lead_id=lead_id).order_by("boundary", "round").values_list(*what))


def test_a_whole_thread_not_heard_is_made_up_for_as_if_it_had_been(story: Story, at: Clock) -> None:
    heard = a_thread(story, at)
    with deaf():
        missed = a_thread(story, at)
    assert rows(missed) == []
    counted = promises.reconcile()
    assert counted["opened"] == 5
    assert rows(missed) == rows(heard)
    told = Notice.objects.filter(handoff__lead_id=missed).values_list("kind", flat=True)
    assert Counter(told) == {"missed": 2, "returned": 1}
    assert Handoff.objects.get(lead_id=missed, boundary="sql").sheet.score == 100
    assert not any(promises.reconcile().values())


@pytest.mark.parametrize(
    "unheard", ["call", "return", "disqualify", "accept by working", "kickoff", "held", "case"]
)
def test_a_live_round_that_missed_one_act_hears_of_it(story: Story, unheard: str) -> None:
    people, now = story.people, moment.now()
    if unheard in ("call", "return", "disqualify"):
        owed = story.mql()
    else:
        owed = {
            "accept by working": story.sql,
            "kickoff": story.won,
            "held": story.won,
            "case": story.advocacy,
        }[unheard]()
    if unheard == "held":
        story.kickoff(owed)
    inside = people["inside_sales"]
    acts: dict[str, Callable[[], object]] = {
        "call": lambda: story.call(owed),
        "return": lambda: leads.send_back(owed.lead_id, inside, now=now, boundary="mql", reason="other"),
        "disqualify": lambda: leads.disqualify(owed.lead_id, inside, now=now, reason="spam"),
        "accept by working": lambda: deals.move_step(
            owed.deal_id, people["field_sales"], now=now, step="proposal"
        ),
        "kickoff": lambda: story.kickoff(owed),
        "held": lambda: deals.hold_kickoff(owed.deal_id, people["customer_success"], now=now),
        "case": lambda: story.case(owed),
    }
    with deaf():
        acts[unheard]()
    assert sum(promises.forgotten().values()) == 1
    promises.reconcile()
    assert sum(promises.forgotten().values()) == 0
    owed.refresh_from_db()
    assert promise(owed) == {"return": "cancelled", "disqualify": "cancelled"}.get(unheard, "kept")
    assert owed.decision == {
        "return": "returned",
        "call": "pending",
        "disqualify": "pending",
        "kickoff": "pending",
    }.get(unheard, "accepted")


def test_a_late_hearing_changes_no_verdict(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(START + 2 * HOUR)
    with deaf():
        story.call(owed)
    at(START + 23 * HOUR)
    promises.reconcile()
    owed.refresh_from_db()
    assert (promise(owed), owed.kept_at, owed.kept_recorded_at) == (
        "kept",
        START + 2 * HOUR,
        START + 2 * HOUR,
    )


def test_recent_events_only_when_asked(story: Story, at: Clock) -> None:
    at(START)
    with deaf():
        story.lead()
        lead = story.lead()
        leads.certify_mql(lead.pk, story.people["marketing"], now=moment.now(), reason="inquiry")
    at(START + timedelta(days=10))
    assert promises.reconcile(within=timedelta(days=3))["opened"] == 0
    assert promises.reconcile()["opened"] == 1


def test_history_is_never_made_up_for(story: Story) -> None:
    lead = story.lead()
    leads.certify_mql(lead.pk, story.people["marketing"], now=moment.now(), reason="", history=True)
    assert not any(promises.reconcile().values())
