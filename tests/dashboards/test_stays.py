"""How long steps take and what waits, recounted from the raw moments one by one; and who says it from when on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from statistics import median, quantiles

import pytest

from dashboards import board as boards
from dashboards import kpis, live, stays
from dashboards.bottleneck import Stay
from dashboards.kpis.steps import AWAITED, TIMED, lately, overlong
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Lead, Organization, Person
from funnel.stages import Stage

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
COLUMNS = ["lead_at", "mql_at", "sql_at", "won_at", "onboarded_at"]


def this_month() -> kpis.Frame:
    today = moment.now().astimezone(Organization.current().tz).date()
    return kpis.frame(Scope(*live.standard_periods(today, 4)["month"]))


def a_past(now: datetime, random: Random, slow: Stage, full: Stage) -> None:
    """Forty weeks of passes; of late `slow` takes three times as long, and before `full` many were left lying."""
    leads = []
    for n in range(700):
        at = now - random.uniform(0, 280) * DAY
        moments, factor = [at], 1.0
        for stage in TIMED:
            days = random.lognormvariate(0, 0.5) * 3
            factor = 3 if stage == slow and moments[-1] + days * DAY > now - 28 * DAY else 1
            if random.random() < (0.25 if stage == full and n % 2 else 0.05):
                break
            moments.append(moments[-1] + days * factor * DAY)
        leads.append([each for each in moments if each < now])
    people = Person.objects.bulk_create([Person() for _ in leads])
    made = []
    for person, moments in zip(people, leads, strict=True):
        if not moments:
            continue
        ended = len(moments) >= 4 or (len(moments) < 4 and random.random() < 0.03)
        stage = ("lead", "mql", "sql")[min(len(moments), 3) - 1]
        fields = dict(zip(COLUMNS, moments, strict=False))
        if ended:
            outcome = "won" if len(moments) >= 4 else "lost"
            closed = moments[3] if len(moments) >= 4 else now - random.uniform(0, 100) * DAY
            fields |= {"outcome": outcome, "closed_at": max(closed, moments[min(len(moments), 4) - 1])}
        made.append(Lead(person=person, stage=stage, **fields))
    Lead.objects.bulk_create(made)


def recounted(at: kpis.Frame, stage: Stage) -> Stay:
    """The same from the passes themselves, by Python's own median."""
    source = COLUMNS[COLUMNS.index(f"{stage}_at") - 1]
    passes = list(Lead.objects.all())
    turn = kpis.Frame.of_scope(Scope(lately(at)[0], lately(at)[1]), Organization.current(), at.now).start
    moves = [(getattr(p, f"{stage}_at"), getattr(p, source)) for p in passes if getattr(p, f"{stage}_at")]
    usual = [(end - begin) / DAY for end, begin in moves if turn - 224 * DAY <= end < turn]
    late = [(end - begin) / DAY for end, begin in moves if turn <= end < at.now]
    p90 = quantiles(usual, n=10, method="inclusive")[-1]
    open_now = [
        (at.now - getattr(p, source)) / DAY
        for p in passes
        if getattr(p, source)
        and not getattr(p, f"{stage}_at")
        and (stage == Stage.ONBOARDED or not p.outcome)
    ]
    recent = [m for m, _ in moves if at.now - 56 * DAY <= m < at.now]
    ended = [
        p for p in passes
        if p.outcome == "lost" and p.stage == source.removesuffix("_at") and p.closed_at >= at.now - 56 * DAY
        and getattr(p, source) >= at.now - 182 * DAY
    ]  # fmt: skip
    if stage == Stage.ONBOARDED:
        ended = []
    if stage == Stage.MQL:
        open_now, recent, ended = [], [], []
    return Stay(
        str(stage), median(late), len(late), sum(days > median(usual) for days in late), median(usual), p90,
        len(usual), len(open_now), sum(days >= p90 for days in open_now), (len(recent) + len(ended)) / 8,
    )  # fmt: skip


@pytest.mark.parametrize(("seed", "slow", "full"), [(1, Stage.SQL, Stage.WON), (2, Stage.WON, Stage.SQL)])
def test_stays_are_those_of_the_raw_moments_and_the_seeded_steps_are_named(
    seed: int, slow: Stage, full: Stage, now: datetime, django_assert_num_queries: Callable
) -> None:
    a_past(now, Random(seed), slow, full)
    at = this_month()
    with django_assert_num_queries(1):
        found = stays.read(at)
    for stay, stage in zip(found, TIMED, strict=True):
        assert stay._asdict() == pytest.approx(recounted(at, stage)._asdict(), abs=1e-6), stage
    said = stays.numbers(found, {})
    assert (said["time"], said["time-step"]) == ("found", str(slow))
    assert (said["stock"], said["stock-step"]) == ("found", str(full))
    # The links lead to the very rows that were counted.
    window = replace(at.scope, start=lately(at)[0], end=lately(at)[1])
    timed = kpis.get(f"days-to-{slow}")
    assert timed.rows(window).count() == said["time:n"]
    assert timed.value(window).value == pytest.approx(said["time:median"])
    assert kpis.get(f"overlong-before-{full}").rows(at.scope).count() == said["stock:older"]
    for stage in AWAITED:
        (stay,) = (each for each in found if each.key == str(stage))
        assert overlong(at, stage).count() == stay.older


def test_without_a_past_time_and_stock_are_unknown(now: datetime) -> None:
    said = stays.numbers(stays.read(this_month()), {})
    assert (said["time"], said["stock"], said["time-step"], said["stock-step"]) == (
        "unknown",
        "unknown",
        "",
        "",
    )


def test_the_stays_of_a_channel_are_its_own(spring) -> None:
    at = this_month()
    of_nobody = at._replace(scope=replace(at.scope, channel="no-such-channel"))
    assert sum(stay.still_open for stay in stays.read(of_nobody)) == 0
    assert sum(stay.still_open for stay in boards.read(at).stays) > 0
