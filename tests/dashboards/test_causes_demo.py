"""What the demo company said of its misses, and the reviews it held."""

from datetime import datetime

from dashboards import effects, meetings, past, review, weekly
from dashboards.meetings import examples as reviews
from dashboards.meetings import lessons
from dashboards.models import BreachReview, Improvement, Meeting, SharedCase
from dashboards.review import examples
from dashboards.scope import Scope
from funnel import moment
from funnel.models import Lead, Member, Membership, Organization
from funnel.stages import Department
from handoffs import promises
from tests import builders
from tests.dashboards.conftest import DAY, HOUR, Company, tokyo


def lived(company: Company, *, is_demo: bool) -> None:
    """Fourteen misses of first contacts, the last of them within the last days."""
    for n in range(14):
        at = tokyo(4, 1 + n)
        company.mql(company.lead(at, phone="03-1234-5678"), at)
    moment.simulate(tokyo(4, 16))
    promises.sweep()
    Organization.objects.update(is_demo=is_demo)
    for department, handle in examples.LEADS.items():
        Member.objects.filter(pk=company.member[department].pk).update(username=f"{handle}@demo.example.jp")


def test_nearly_all_of_before_last_week_have_their_cause_and_it_is_said_once(company: Company) -> None:
    lived(company, is_demo=True)
    assert examples.furnish(tokyo(4, 16)) == 7
    said = BreachReview.objects.exclude(cause="")
    assert said.count() == 7
    assert all(row.confirmed_at == row.breached_at + examples.AFTER for row in said)
    assert not said.filter(breached_at__gte=tokyo(4, 10)).exists()
    assert not BreachReview.objects.filter(evidence__isnull=True).exists()
    assert examples.furnish(tokyo(4, 16)) == 0


def test_nobody_speaks_for_a_company_of_its_own(company: Company) -> None:
    lived(company, is_demo=False)
    assert examples.furnish(tokyo(4, 16)) == 0
    assert review.collect() == 14


def a_june_of(company: Company) -> None:
    """Misses of April, passes of June, and everybody whom the demo's decisions name."""
    lived(company, is_demo=True)
    for day in range(1, 30):
        lead = company.lead(tokyo(6, day))
        if day % 3:
            _pass_on(company, lead, day)
    decided = [one for those in reviews.DECIDED.values() for some in those for one in some]
    names = {f"{one.handle}@demo.example.jp" for one in (*decided, *(one for _, one in reviews.EARLIER))}
    for name in names - set(Member.objects.values_list("username", flat=True)):
        member = builders.a_member(Department.FIELD_SALES)
        Member.objects.filter(pk=member.pk).update(username=name)
    moment.simulate(tokyo(6, 30))
    promises.sweep()


def _pass_on(company: Company, lead: Lead, day: int) -> None:
    at = tokyo(6, day)
    handoff = company.mql(lead, at)
    if day % 4:
        company.call(lead, at + HOUR)
    if day % 5 == 0:
        sql = company.sql(lead, at + DAY)
        company.accept(sql, at + DAY + HOUR)
        if day % 2:
            company.win(sql, at + 2 * DAY, "1000000")
    elif day % 7 == 0:
        company.give_back(handoff, at + 2 * HOUR)


def test_the_reviews_it_held_show_what_was_known_then_to_the_digit(company: Company) -> None:
    a_june_of(company)
    now = tokyo(6, 30)
    assert reviews.furnish(now) == 8
    held = Meeting.objects.order_by("started_at")
    assert all(meeting.closed_at and meeting.closed_at < now for meeting in held)
    assert [meeting.since_id is None for meeting in held.filter(kind="weekly")] == [True] + 5 * [False]
    for meeting in held:
        moment.simulate(now)
        scope = Scope(meeting.starts, meeting.ends)
        known = past.numbers(past.read(scope, meeting.started_at, Organization.current()))
        shown = meeting.snapshot["numbers"]
        # The board marks the worst of those behind; a past one only says that they are.
        both = {name for name in known.keys() & shown.keys() if not name.startswith("tone:")}
        assert len(both) > 100
        assert {name: (shown[name], known[name]) for name in both if shown[name] != known[name]} == {}
        assert datetime.fromisoformat(meeting.snapshot["as_of"]) == meeting.started_at
        assert 1 <= meeting.improvements.count() <= 2
    latest = held.filter(kind="weekly").last()
    assert (
        latest.snapshot["numbers"]["stage:lead"]
        < meetings.collect(Scope(latest.starts, latest.ends), Organization.current(), now)["numbers"][
            "stage:lead"
        ]
    )
    decided = Improvement.objects.all()
    assert decided.filter(done_on__isnull=True, dropped_at__isnull=True, due_on__lt=now.date()).count() == 1
    assert decided.filter(dropped_at__isnull=False).count() == 1
    assert decided.filter(done_on__isnull=True, dropped_at__isnull=True, due_on__gte=now.date()).count() >= 2
    found = effects.of_all(decided.filter(done_on__isnull=False), Organization.current(), now)
    assert effects.State.MEASURED in {effect.state for _, effect in found}
    assert reviews.furnish(now) == 0
    learnt(now)


def learnt(now: datetime) -> None:
    """What it said and shared is there once, as people read it."""
    for handle in set(lessons.LEADS.values()):
        member = Member.objects.filter(username=f"{handle}@demo.example.jp").first() or builders.a_member()
        Member.objects.filter(pk=member.pk).update(username=f"{handle}@demo.example.jp")
        department = next(each for each, one in lessons.LEADS.items() if one == handle)
        Membership.objects.get_or_create(member=member, department=department, valid_from="2020-01-01")
    moment.simulate(now)
    shared = lessons.furnish(now)
    assert shared == SharedCase.objects.count()
    monday = weekly.monday(now.date())
    assert len(weekly.words((monday, monday), now)) == len(lessons.LEADS)
    assert weekly.helps((monday, monday), now).count() == len(lessons.HELPED)
    assert lessons.furnish(now) == 0
