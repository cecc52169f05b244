"""The story: the same from the same seed, of the agreed size, lived in working hours, open work on every desk."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from funnel.calendar import BusinessCalendar
from funnel.demo import laying, market, script, staff
from funnel.demo.hours import Hours
from funnel.stages import Department
from funnel.transitions.lived import VERBS

TOKYO = ZoneInfo("Asia/Tokyo")
CALENDAR = BusinessCalendar("Asia/Tokyo", closed=frozenset({date(2026, 1, 2), date(2025, 12, 30)}))
MOMENTS = [
    datetime(2026, 11, 25, 5, 0, tzinfo=UTC),
    datetime(2026, 11, 22, 14, 58, tzinfo=UTC),
    datetime(2027, 1, 1, 0, 5, tzinfo=UTC),
]


@pytest.fixture(scope="module")
def story():
    return script.write(7, MOMENTS[0], CALENDAR)


def by_month(acts, verb):
    return Counter(f"{act.at.astimezone(TOKYO):%Y-%m}" for act in acts if act.verb == verb)


def test_the_same_seed_writes_the_same_story_and_another_seed_another(story):
    assert script.write(7, MOMENTS[0], CALENDAR, months=1, size=0.2).acts != []
    again = script.write(7, MOMENTS[0], CALENDAR)
    shown = [(a.at, a.subject, a.verb, a.by) for a in story.acts]
    assert shown == [(a.at, a.subject, a.verb, a.by) for a in again.acts]
    other = script.write(8, MOMENTS[0], CALENDAR)
    assert shown != [(a.at, a.subject, a.verb, a.by) for a in other.acts]


def test_every_whole_month_has_about_the_agreed_volumes(story):
    months = [f"2025-{m:02d}" for m in (12,)] + [f"2026-{m:02d}" for m in range(1, 11)]
    for verb, low, high in (("capture", 260, 440), ("certify_mql", 120, 240), ("submit_sql", 18, 60)):
        counted = by_month(story.acts, verb)
        assert all(low <= counted[month] <= high for month in months), counted
    wins = [by_month(story.acts, "win")[month] for month in months]
    assert 8 <= sum(wins) / len(wins) <= 12
    amounts = [a.facts["amount"] for a in story.acts if a.verb == "win"]
    assert 900_000 <= sum(amounts) / len(amounts) <= 1_100_000
    visits = Counter()
    for day, _, count in story.traffic:
        visits[f"{day:%Y-%m}"] += count
    assert 15_500 <= sum(visits[m] for m in months) / len(months) <= 18_500


def test_august_is_quieter_than_march_and_sundays_than_tuesdays(story):
    captured = by_month(story.acts, "capture")
    assert captured["2026-08"] < captured["2026-03"]
    weekdays = Counter(a.at.astimezone(TOKYO).weekday() for a in story.acts if a.verb == "capture")
    assert weekdays[6] * 2 < weekdays[1]


def test_acts_are_in_order_and_none_lies_after_now(story):
    moments = [act.at for act in story.acts]
    assert moments == sorted(moments)
    assert moments[-1] <= MOMENTS[0]
    assert all(act.facts.get("occurred_at", act.at) <= act.at for act in story.acts)


def test_the_staff_works_on_business_days_only_until_the_day_that_is_today(story):
    hours = Hours(CALENDAR)
    for act in story.acts:
        worked = act.by and act.subject[0].isdigit() and act.at < MOMENTS[0] - timedelta(days=2)
        if worked and act.verb in ("log", "certify_mql", "submit_sql", "win"):
            assert hours.is_working_day(act.at.astimezone(TOKYO).date()), act


def test_first_contacts_come_within_a_day_about_four_times_in_five(story):
    certified, kept = {}, Counter()
    for act in story.acts:
        if act.verb == "certify_mql" and "history" not in act.facts:
            certified[act.subject] = act.at
        elif act.verb == "log" and act.subject in certified:
            kept[act.at - certified.pop(act.subject) <= timedelta(hours=24)] += 1
    assert 0.75 <= kept[True] / kept.total() <= 0.9


def test_every_address_belongs_to_nobody_and_to_one_person_only(story):
    fields = [
        a.facts["fields"] for a in story.acts if "fields" in a.facts and not a.subject.startswith("again")
    ]
    addresses = [f["email"] for f in fields]
    assert all(address.endswith(".example.jp") for address in addresses)
    assert len(set(addresses)) == len(addresses)
    assert all("-0000-" in f["phone"] for f in fields)


@pytest.mark.parametrize("now", MOMENTS)
def test_every_desk_has_work_that_is_late_and_work_with_time_left_at_any_moment(now):
    acts = script.write(3, now, CALENDAR, months=1, size=0.05).acts
    verbs = defaultdict(list)
    for act in acts:
        verbs[act.subject].append(act)
    ages = [now - verbs[f"call-{n}"][-1].at for n in range(10)]
    assert all(verbs[f"call-{n}"][-1].verb == "certify_mql" for n in range(10))
    assert sum(age > timedelta(hours=24) for age in ages) == 3
    assert [verbs[f"meet-{n}"][-1].verb for n in range(4)] == ["submit_sql"] * 4
    assert verbs["back"][-1].verb == "give_back"
    assert not any(act.verb == "kickoff" for n in range(3) for act in verbs[f"kick-{n}"])
    signed = [next(a.facts["signed_on"] for a in verbs[f"kick-{n}"] if a.verb == "win") for n in range(3)]
    due = [CALENDAR.add_business_days(day, 3) for day in signed]
    today = now.astimezone(TOKYO).date()
    assert due[0] < today
    assert due[2] > today
    if CALENDAR.is_business_day(today):
        assert due[1] == today
    assert sum(act.verb == "agree_advocacy" and now - act.at < timedelta(days=25) for act in acts) >= 3


def test_weekly_quiet_days_and_seasons_are_shares_of_a_year():
    assert sum(market.SEASON.values()) == pytest.approx(12, abs=0.05)


def test_all_four_departments_are_staffed_and_led():
    for department in Department:
        assert len(staff.of(department)) >= 2
        assert staff.BY_HANDLE[staff.of(department)[0]].leads
    assert [one.handle for one in staff.STAFF if one.administrator] == ["admin"]
    assert [one.handle for one in staff.STAFF if one.viewer] == ["viewer"]
    assert staff.BY_HANDLE["twohats"].departments == (Department.INSIDE_SALES, Department.FIELD_SALES)


def test_what_is_laid_down_at_once_and_what_follows_make_up_the_whole_story(story):
    first, rest = laying.early(story.acts, story.now - timedelta(days=3))
    assert len(first) + len(rest) == len(story.acts)
    assert {act.verb for act in first} <= VERBS
    later = {act.subject for act in rest}
    for act in first:
        if act.subject in later:
            assert act.at <= min(a.at for a in rest if a.subject == act.subject)
            break
