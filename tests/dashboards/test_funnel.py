"""The funnel of a scope: both ways of counting it agree with the passes themselves."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboards import counts
from dashboards.counts.reading import NONE
from dashboards.models import CountDelta
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Channel, Lead, Member, Person, TrafficReading
from funnel.stages import COHORT_DAYS, STAGES, Stage, previous
from funnel.transitions.ledger import Passage, reach_of

TOKYO = ZoneInfo("Asia/Tokyo")
SPRING = Scope(date(2026, 3, 1), date(2026, 5, 31))
ORDER = [Stage.LEAD, Stage.MQL, Stage.SQL, Stage.WON, Stage.ONBOARDED, Stage.RENEWED]


def random_passes(count: int, seed: int = 1) -> list[Lead]:
    """Passes of all depths, some inferred, some merged, some with dates out of order."""
    chance = random.Random(seed)
    channels = [None, *[Channel.objects.create(slug=f"c{n}", name=f"経路{n}") for n in range(3)]]
    owners = [None, *[Member.objects.create(username=f"m{n}@example.jp", name=f"担当{n}") for n in range(3)]]
    made = []
    for n in range(count):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=chance.randrange(24 * 180))
        columns: dict[str, object] = {}
        for stage in ORDER[: chance.randint(1, len(ORDER))]:
            columns[f"{stage}_at"] = at
            at += timedelta(hours=chance.choice([0, 5, 24 * 20, 24 * 59, 24 * 61, -3]))
        made.append(
            Lead(
                person=Person.objects.create(name=str(n)),
                channel=chance.choice(channels),
                owner=chance.choice(owners),
                inferred=chance.choice([[], [], ["lead"], ["mql"], ["lead", "mql"]]),
                is_counted=chance.random() > 0.1,
                date_conflict=True,
                **columns,
            )
        )
    Lead.objects.bulk_create(made)
    counts.write([Passage(lead.pk, None, reach_of(lead)) for lead in made])
    return made


def expected(passes: list[Lead], scope: Scope) -> tuple[Counter, dict[Stage, tuple[int, int]]]:
    """Stages, and cohort steps as (numerator, denominator), counted one by one."""
    stages, steps = Counter(), {stage: [0, 0] for stage in STAGES}
    for lead in passes:
        days = {stage: at.astimezone(TOKYO).date() for stage, at in lead.reached().items()}
        sure = {stage for stage in days if not scope.exclude_inferred or stage not in lead.inferred}
        if not lead.is_counted or (scope.owner and lead.owner_id != scope.owner):
            continue
        if scope.channel and (lead.channel.slug if lead.channel else NONE) != scope.channel:
            continue
        for stage in sure:
            anchor = days[stage] if scope.basis == "period" else days[Stage.LEAD]
            captured = scope.basis == "period" or Stage.LEAD in sure
            stages[stage] += captured and scope.start <= anchor <= scope.end
            for step in (s for s in STAGES if previous(s) == stage):
                inside = scope.start <= days[stage] <= scope.end
                made = step in sure and 0 <= (days[step] - days[stage]).days <= COHORT_DAYS[step]
                steps[step][0] += inside and made
                steps[step][1] += inside
    return stages, {stage: (k, n) for stage, (k, n) in steps.items()}


SCOPES = [
    {},
    {"exclude_inferred": True},
    {"channel": "c1"},
    {"channel": NONE, "exclude_inferred": True},
    {"start": date(2026, 4, 1), "end": date(2026, 4, 1)},
]


@pytest.mark.django_db
@pytest.mark.parametrize("basis", ["period", "cohort"])
@pytest.mark.parametrize("group_by", [None, "channel", "month", "owner"])
def test_stages_and_rates_are_those_of_the_passes_however_grouped(basis, group_by):
    passes = random_passes(300)
    counts.fold()
    CountDelta.objects.all().delete()
    passes += random_passes_more(passes)
    for narrowed in SCOPES:
        scope = Scope(
            **{"start": SPRING.start, "end": SPRING.end, "basis": basis, "group_by": group_by, **narrowed}
        )
        stages, steps = expected(passes, scope)
        reading = counts.funnel(scope)
        assert {s.key: s.count for s in reading.stages if s.key != "visitor"} == {
            s: stages[s] for s in STAGES
        }
        if basis == "cohort":
            found = {rate.target: (rate.numerator, rate.denominator) for rate in reading.rates}
            assert found == {s: steps[s] for s in STAGES if previous(s)}
        if group_by:
            sums = Counter()
            for group in reading.groups:
                sums.update(dict(group.stages))
            assert sums == Counter(dict(reading.stages))


def random_passes_more(passes: list[Lead]) -> list[Lead]:
    """A few more of the same, left in the deltas."""
    more = [
        Lead(person=Person.objects.create(), lead_at=lead.lead_at, mql_at=lead.lead_at, channel=lead.channel)
        for lead in passes[:20]
    ]
    Lead.objects.bulk_create(more)
    counts.write([Passage(lead.pk, None, reach_of(lead)) for lead in more])
    return more


@pytest.mark.django_db
def test_one_owner_has_the_passes_he_owns():
    passes = random_passes(200)
    owner = next(lead.owner_id for lead in passes if lead.owner_id)
    for basis in ("period", "cohort"):
        scope = Scope(SPRING.start, SPRING.end, basis, owner=owner)
        stages, _ = expected(passes, scope)
        reading = counts.funnel(scope)
        assert {s.key: s.count for s in reading.stages[1:]} == {s: stages[s] for s in STAGES}
        assert reading.count("visitor") == 0


def one(**columns: datetime) -> None:
    lead = Lead.objects.create(person=Person.objects.create(), **columns)
    counts.write([Passage(lead.pk, None, reach_of(lead))])


@pytest.mark.django_db
def test_a_cohort_is_mature_the_day_after_its_last_window_closed():
    one(lead_at=datetime(2026, 6, 1, 3, tzinfo=UTC), mql_at=datetime(2026, 6, 2, 3, tzinfo=UTC))
    one(lead_at=datetime(2026, 6, 1, 3, tzinfo=UTC))
    june_1 = Scope(date(2026, 6, 1), date(2026, 6, 1), "cohort")
    for today, mature, still_open in [(date(2026, 7, 1), False, 1), (date(2026, 7, 2), True, 0)]:
        moment.simulate(datetime(today.year, today.month, today.day, 3, tzinfo=UTC))
        rate = counts.funnel(june_1).rate("mql")
        assert (rate.numerator, rate.denominator, rate.window_days) == (1, 2, 30)
        assert (rate.mature, rate.still_open) == (mature, still_open)


@pytest.mark.django_db
def test_nothing_gives_zero_counts_and_no_rates(django_assert_num_queries):
    with django_assert_num_queries(1):
        reading = counts.funnel(SPRING)
    assert {stage.count for stage in reading.stages} == {0}
    assert {rate.value for rate in reading.rates} == {None}
    assert reading.as_of == moment.now()


@pytest.mark.django_db
def test_visitors_are_counted_by_day_and_channel_and_belong_to_nobody():
    expo = Channel.objects.create(slug="expo", name="展示会")
    TrafficReading.objects.create(day=date(2026, 4, 1), channel=expo, visits=300)
    TrafficReading.objects.create(day=date(2026, 4, 2), visits=200)
    TrafficReading.objects.create(day=date(2026, 6, 1), visits=1)
    one(lead_at=datetime(2026, 4, 1, 3, tzinfo=UTC))
    reading = counts.funnel(SPRING)
    assert reading.count("visitor") == 500
    assert reading.rate("lead").value == 0.002
    by_channel = counts.funnel(Scope(SPRING.start, SPRING.end, group_by="channel"))
    assert {group.key: group.stages[0].count for group in by_channel.groups} == {"expo": 300, None: 200}
    assert by_channel.groups[-1].label == "(none)"
    by_owner = counts.funnel(Scope(SPRING.start, SPRING.end, group_by="owner"))
    assert {group.key: group.stages[0].count for group in by_owner.groups} == {None: 500}


@pytest.mark.django_db
def test_a_rate_above_one_has_no_bounds():
    one(lead_at=datetime(2026, 2, 1, 3, tzinfo=UTC), mql_at=datetime(2026, 4, 1, 3, tzinfo=UTC))
    one(lead_at=datetime(2026, 4, 1, 3, tzinfo=UTC), mql_at=datetime(2026, 4, 1, 3, tzinfo=UTC))
    rate = counts.funnel(SPRING).rate("mql")
    assert (rate.numerator, rate.denominator, rate.value, rate.low, rate.high) == (2, 1, 2.0, None, None)
