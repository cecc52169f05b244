"""Counts are exact at every moment: deltas, folding, reading and recounting."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboards import counts
from dashboards.models import CountDelta, DailyCount
from funnel.models import Channel, Lead, Person
from funnel.stages import COHORT_DAYS, Stage
from funnel.transitions.ledger import Passage, Reach, reach_of

TOKYO = ZoneInfo("Asia/Tokyo")


def at(day: int, hour: int = 3, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def reach(
    inferred: tuple[str, ...] = (), *, counted: bool = True, channel: int | None = None, **days: datetime
) -> Reach:
    return Reach(
        channel, counted, frozenset(inferred), {Stage(stage): moment for stage, moment in days.items()}
    )


def keys(found: Reach | None) -> set[tuple[str, str, date, bool]]:
    return {(k.measure, k.stage, k.day, k.inferred) for k in counts.contributions(found, TOKYO)}


def test_a_pass_counts_where_it_entered_where_it_was_captured_and_within_the_window():
    assert keys(reach(lead=at(1), mql=at(5))) == {
        ("entered", "lead", date(2026, 5, 1), False),
        ("entered", "mql", date(2026, 5, 5), False),
        ("reached", "lead", date(2026, 5, 1), False),
        ("reached", "mql", date(2026, 5, 1), False),
        ("within", "mql", date(2026, 5, 1), False),
    }


def test_days_are_those_of_the_organisation():
    assert ("entered", "lead", date(2026, 5, 2), False) in keys(reach(lead=at(1, 15)))
    assert ("entered", "lead", date(2026, 5, 1), False) in keys(reach(lead=at(1, 14)))


@pytest.mark.parametrize(("days", "within"), [(-1, False), (0, True), (30, True), (31, False)])
def test_the_cohort_window_holds_both_its_ends(days: int, within: bool):
    assert COHORT_DAYS[Stage.MQL] == 30
    found = keys(reach(lead=at(1), mql=at(1) + timedelta(days=days)))
    assert (("within", "mql", date(2026, 5, 1), False) in found) is within


def test_a_step_is_inferred_when_either_end_is():
    found = keys(reach(("mql",), lead=at(1), mql=at(5), sql=at(5)))
    assert ("within", "mql", date(2026, 5, 1), True) in found
    assert ("within", "sql", date(2026, 5, 5), True) in found
    assert ("entered", "sql", date(2026, 5, 5), False) in found


def test_a_merged_pass_counts_nowhere():
    assert keys(reach(lead=at(1), mql=at(2), counted=False)) == set()
    assert keys(None) == set()


@pytest.fixture
def channel(db: None) -> Channel:
    return Channel.objects.create(slug="expo", name="展示会")


def test_five_thousand_passages_are_written_by_two_statements(channel: Channel, django_assert_num_queries):
    passages = [
        Passage(n, None, reach(lead=at(1 + n % 20), mql=at(21), channel=channel.pk)) for n in range(5000)
    ]
    with django_assert_num_queries(2):
        counts.write(passages)
    assert sum(CountDelta.objects.filter(measure="entered", stage="mql").values_list("n", flat=True)) == 5000


def test_only_the_difference_is_written(channel: Channel):
    before = reach(lead=at(1), channel=channel.pk)
    assert counts.write([Passage(1, before, replace(before))]) == 0
    assert counts.write([Passage(1, before, reach(lead=at(1), mql=at(2), channel=channel.pk))]) == 3
    assert counts.write([]) == 0


def lead(**columns: object) -> Lead:
    """A row as the writer leaves it, counted."""
    made = Lead.objects.create(person=Person.objects.create(name="山田"), **columns)
    counts.write([Passage(made.pk, None, reach_of(made))])
    return made


def move(changed: Lead, **columns: object) -> None:
    before = reach_of(changed)
    for name, value in columns.items():
        setattr(changed, name, value)
    changed.save()
    counts.write([Passage(changed.pk, before, reach_of(changed))])


@pytest.mark.django_db
def test_folding_keeps_the_sum_and_empties_the_deltas(channel: Channel):
    one = lead(lead_at=at(1), channel=channel)
    lead(lead_at=at(1))
    assert counts.fold() == 4
    move(one, lead_at=at(2))
    assert counts.differences() == []
    assert counts.fold() == 4
    assert CountDelta.objects.count() == 0
    entered = DailyCount.objects.filter(measure="entered", stage="lead").exclude(n=0)
    assert {(row.day, row.channel_id): row.n for row in entered} == {
        (date(2026, 5, 1), None): 1,
        (date(2026, 5, 2), channel.pk): 1,
    }
    assert counts.differences() == []
    assert counts.fold() == 0


@pytest.mark.django_db
def test_a_falling_count_folds_too():
    one, _ = lead(lead_at=at(1)), lead(lead_at=at(1))
    counts.fold()
    move(one, is_counted=False)
    counts.fold()
    assert DailyCount.objects.get(measure="entered").n == 1
    assert counts.differences() == []


@pytest.mark.django_db
def test_every_shape_of_pass_is_recounted_as_it_was_counted(channel: Channel):
    lead(lead_at=at(1), mql_at=at(1), inferred=["lead"], channel=channel, stage="mql")
    lead(lead_at=at(1), mql_at=at(3), sql_at=at(3), won_at=at(9), inferred=["mql", "sql"], stage="sql",
         onboarded_at=at(20), renewed_at=at(1, month=8), referred_at=at(30))  # fmt: skip
    lead(lead_at=at(9), mql_at=at(3), date_conflict=True)
    lead(lead_at=at(1, 15), mql_at=at(31, 15), stage="mql")
    assert counts.differences() == []
    counts.fold()
    assert counts.differences() == []


@pytest.mark.django_db
def test_a_wrong_count_is_found_and_made_right():
    lead(lead_at=at(1))
    counts.fold()
    DailyCount.objects.filter(measure="entered").update(n=5)
    DailyCount.objects.create(measure="reached", stage="sql", day=date(2026, 1, 1), n=2)
    found = {(d.key.measure, d.key.stage): d.n for d in counts.differences()}
    assert found == {("entered", "lead"): -4, ("reached", "sql"): -2}
    assert counts.recount() == 2
    assert counts.differences() == []
    counts.fold()
    assert counts.differences() == []
    assert counts.recount() == 0
