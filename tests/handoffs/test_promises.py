"""What is owed at each boundary, and what becomes of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from funnel import moment
from funnel.errors import Refused
from funnel.models import Event
from funnel.transitions import deals, leads
from handoffs import promises
from handoffs.models import CustomerSheet, Handoff, LaneTerms, Notice
from tests.handoffs.conftest import HOUR, Story, deaf, fresh, promise

TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)
TICK = timedelta(microseconds=1)
Clock = Callable[[datetime | None], None]

VERDICTS = [
    # occurred and recorded, each relative to the due moment
    (-HOUR, -HOUR, "kept"),
    (-TICK, -TICK, "kept"),
    (timedelta(0), timedelta(0), "kept"),
    (-HOUR, timedelta(0), "kept"),
    (-HOUR, TICK, "kept_late"),
    (TICK, TICK, "kept_late"),
    (3 * HOUR, 30 * HOUR, "kept_late"),
]
# A case is created when it is recorded; calls and kickoffs can be entered later.
CASES = [
    (boundary, *verdict)
    for boundary in ("mql", "won", "advocacy")
    for verdict in VERDICTS
    if boundary != "advocacy" or verdict[0] == verdict[1]
]


@pytest.mark.parametrize("swept", [False, True], ids=["unswept", "swept"])
@pytest.mark.parametrize(("boundary", "occurred", "recorded", "verdict"), CASES)
def test_kept_is_occurred_and_recorded_by_the_due_moment(
    story: Story,
    at: Clock,
    occurred: timedelta,
    recorded: timedelta,
    verdict: str,
    boundary: str,
    swept: bool,
) -> None:
    at(START)
    owed = {"mql": story.mql, "won": story.won, "advocacy": story.advocacy}[boundary]()
    due = owed.due_at
    assert due is not None
    at(due + recorded)
    if swept:
        promises.sweep()
    if boundary == "mql":
        story.call(owed, due + occurred)
    elif boundary == "won":
        story.kickoff(owed, due + occurred)
    else:
        story.case(owed)
    now = fresh(owed)
    assert now.promise == verdict
    assert now.kept_at == due + occurred
    assert now.kept_recorded_at == due + recorded
    assert now.missed_at == (due if verdict == "kept_late" else None)
    assert Notice.objects.filter(key=f"missed:{owed.pk}").count() == (verdict == "kept_late")


def test_the_first_call_is_owed_within_24_hours_of_certification(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql(START - 3 * HOUR)
    assert owed.opened_at == START - 3 * HOUR
    assert owed.due_at == START + 21 * HOUR
    assert (owed.from_department, owed.to_department, owed.done_by_department) == (
        "marketing", "inside_sales", "inside_sales",
    )  # fmt: skip
    assert promise(owed) == "open"


def test_past_due_is_missed_before_any_sweep(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(START + 24 * HOUR)
    assert promise(owed) == "open"
    at(START + 24 * HOUR + TICK)
    now = fresh(owed)
    assert (now.promise, now.missed_at, now.missed_as_of) == ("missed", None, owed.due_at)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"kind": "call", "result": "no_answer"}, True),
        ({"kind": "call", "result": "connected"}, True),
        ({"kind": "mail", "result": "sent"}, True),
        ({"kind": "meeting", "result": "held"}, True),
        ({"kind": "mail", "result": "sent", "is_human": False}, False),
        ({"kind": "call", "result": "connected", "direction": "inbound"}, False),
        ({"kind": "note", "result": ""}, False),
        ({"kind": "meeting", "result": "held", "direction": "internal"}, False),
        ({"kind": "call", "result": "no_answer", "history": True}, False),
    ],
    ids=lambda said: "-".join(map(str, said.values())) if isinstance(said, dict) else "",
)
def test_only_a_human_outbound_attempt_is_first_contact(story: Story, said: dict, kept: bool) -> None:
    owed = story.mql()
    story.call(owed, **said)
    assert promise(owed) == ("kept" if kept else "open")


def test_assigning_the_lead_is_no_contact(story: Story) -> None:
    owed = story.mql()
    by = story.people["inside_sales"]
    leads.assign(owed.lead_id, by, now=moment.now(), owner=by.member)
    assert promise(owed) == "open"


def test_a_call_before_certification_is_no_first_contact(story: Story, at: Clock) -> None:
    at(START)
    lead = story.lead()
    story.call(lead)
    at(START + HOUR)
    owed = story.mql(lead=lead)
    story.call(owed, START + HOUR / 2)
    assert promise(owed) == "open"


def test_a_call_between_a_back_dated_certification_and_its_entry_keeps_it(story: Story, at: Clock) -> None:
    at(START)
    lead = story.lead()
    at(START + HOUR)
    story.call(lead)
    at(START + 30 * HOUR)
    owed = story.mql(START + HOUR / 2, lead)
    assert (promise(owed), owed.kept_at) == ("kept", START + HOUR)


def test_the_first_act_decides_and_later_ones_change_nothing(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(START + 2 * HOUR)
    story.call(owed)
    story.call(owed, START + HOUR)
    at(START + 40 * HOUR)
    story.call(owed)
    now = fresh(owed)
    assert (now.promise, now.kept_at) == ("kept", START + 2 * HOUR)


SIGNED = [
    (date(2026, 5, 1), date(2026, 5, 11)),
    (date(2026, 9, 18), date(2026, 9, 28)),
    (date(2026, 4, 28), date(2026, 5, 7)),
    (date(2026, 11, 20), date(2026, 11, 26)),
]


@pytest.mark.parametrize(("signed", "last"), SIGNED)
def test_the_kickoff_is_owed_by_the_end_of_the_third_business_day(
    story: Story, at: Clock, signed: date, last: date
) -> None:
    noon = datetime(signed.year, signed.month, signed.day, 12, tzinfo=TOKYO)
    at(noon)
    owed = story.won()
    assert owed.due_at == datetime(last.year, last.month, last.day, tzinfo=TOKYO) + timedelta(days=1)
    assert owed.opened_at == noon


def test_the_clock_counts_from_the_signing_date_not_from_its_entry(story: Story, at: Clock) -> None:
    at(datetime(2026, 4, 24, 12, tzinfo=TOKYO))
    deal = story.sql().deal
    at(datetime(2026, 5, 7, 9, tzinfo=TOKYO))
    owed = story.won(deal, signed_on=date(2026, 5, 1))
    assert owed.due_at == datetime(2026, 5, 12, tzinfo=TOKYO)
    assert owed.opened_at == datetime(2026, 5, 1, tzinfo=TOKYO)


def test_a_kickoff_set_while_winning_is_kept_and_holding_it_completes(story: Story, at: Clock) -> None:
    at(START)
    owed = story.won(kickoff_at=START + 48 * HOUR)
    assert (promise(owed), owed.completed_at) == ("kept", None)
    at(START + 49 * HOUR)
    deals.hold_kickoff(owed.deal_id, story.people["customer_success"], now=moment.now())
    now = fresh(owed)
    assert (now.completed_at, now.decision) == (START + 49 * HOUR, "accepted")
    assert now.closed_at is not None


def test_only_new_business_is_handed_to_customer_success(story: Story) -> None:
    deal = story.sql().deal
    deals.win(deal.pk, story.people["field_sales"], now=moment.now(), amount=1, reason="fit")
    more = deals.open_deal(
        deal.lead_id, story.people["field_sales"], now=moment.now(), fields=deals.DealFields(kind="upsell")
    )
    deals.win(more.pk, story.people["field_sales"], now=moment.now(), amount=1, reason="fit")
    assert not Handoff.objects.filter(deal=more, boundary="won").exists()


def test_a_complete_sheet_is_kept_at_submission(story: Story) -> None:
    owed = story.sql()
    assert (promise(owed), owed.due_at, owed.kept_at) == ("kept", None, owed.opened_at)
    sheet = CustomerSheet.objects.get(handoff=owed)
    assert (sheet.score, sheet.missing, sheet.deal_id) == (Decimal("100.00"), [], owed.deal_id)


def test_below_the_threshold_with_a_reason_it_is_missed_at_once_and_for_good(story: Story) -> None:
    owed = story.sql(sheet={}, below_threshold_reason="meeting_soon")
    now = fresh(owed)
    assert (now.promise, now.missed_at) == ("missed", owed.opened_at)
    assert now.below_threshold_reason == "meeting_soon"
    assert CustomerSheet.objects.get(handoff=owed).score == Decimal("87.50")
    assert Notice.objects.filter(key=f"missed:{owed.pk}").exists()
    story.accept(owed)
    assert promise(owed) == "missed"


def test_below_the_threshold_without_a_reason_nothing_is_written(story: Story) -> None:
    lead = story.mql().lead
    before = Event.objects.count()
    with pytest.raises(Refused) as refused:
        story.sql(lead, sheet={})
    assert refused.value.code == "sheet_reason_required"
    assert Event.objects.count() == before
    assert not CustomerSheet.objects.exists()
    assert not Handoff.objects.filter(boundary="sql").exists()


def test_a_lower_threshold_is_met_by_less(story: Story) -> None:
    first = LaneTerms.objects.get(boundary="sql")
    LaneTerms.objects.create(boundary="sql", version=2, threshold=80, items=first.items)
    assert promise(story.sql(sheet={})) == "kept"


def test_new_terms_bind_new_promises_only(story: Story) -> None:
    old = story.mql()
    LaneTerms.objects.create(boundary="mql", version=2, target=1, unit="elapsed_hours")
    new = story.mql()
    assert fresh(old).due_at == old.opened_at + 24 * HOUR
    assert new.due_at == new.opened_at + HOUR
    assert new.terms.version == 2


def test_an_advocate_is_taken_up_by_the_case(story: Story, at: Clock) -> None:
    at(START)
    owed = story.advocacy()
    assert owed.due_at == datetime(2026, 5, 14, tzinfo=TOKYO)
    story.case(owed)
    now = fresh(owed)
    assert (now.promise, now.completed_at, now.decision) == ("kept", START, "accepted")


def test_each_agreement_of_a_customer_is_a_promise_and_an_act_keeps_the_oldest(story: Story) -> None:
    first = story.advocacy()
    second = story.advocacy(first)
    assert (first.round, second.round) == (1, 2)
    story.case(first)
    assert (promise(first), promise(second)) == ("kept", "open")


def test_history_opens_and_keeps_nothing(story: Story) -> None:
    lead = story.lead()
    leads.certify_mql(lead.pk, story.people["marketing"], now=moment.now(), reason="", history=True)
    story.call(lead, history=True)
    assert not Handoff.objects.exists()
    assert not Notice.objects.exists()


def test_handing_on_is_taking_over(story: Story) -> None:
    owed = story.mql()
    story.sql(owed.lead)
    assert (fresh(owed).decision, promise(owed)) == ("accepted", "open")


def test_working_the_deal_is_taking_it_over(story: Story) -> None:
    owed = story.sql()
    deals.move_step(owed.deal_id, story.people["field_sales"], now=moment.now(), step="proposal")
    now = fresh(owed)
    assert (now.decision, now.completed_at is not None, now.closed_at is not None) == ("accepted", True, True)


def test_many_back_dated_openings_at_once_cost_no_statement_each(
    story: Story, at: Clock, django_assert_max_num_queries: Callable
) -> None:
    at(START)
    with deaf():
        certified = [story.mql_event(START - HOUR) for _ in range(12)]
    with django_assert_max_num_queries(12):
        promises.on_events(certified)
    assert Handoff.objects.count() == 12
