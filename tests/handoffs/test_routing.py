"""Who gets a handoff, and why."""

from datetime import timedelta

from funnel import moment
from funnel.models import Membership
from funnel.transitions import deals, leads
from handoffs import routing
from handoffs.models import Handoff
from tests.handoffs.conftest import Story, member


def test_who_already_looks_after_the_lead_gets_it(story: Story) -> None:
    theirs = member("inside_sales")
    lead = story.lead()
    leads.assign(lead.pk, story.people["inside_sales"], now=moment.now(), owner=theirs)
    owed = story.mql(lead=lead)
    assert (owed.owner, owed.routed_by) == (theirs, "owner")


def test_an_owner_from_another_department_does_not(story: Story) -> None:
    lead = story.lead()
    leads.assign(lead.pk, story.people["marketing"], now=moment.now(), owner=story.people["marketing"].member)
    owed = story.mql(lead=lead)
    assert (owed.owner, owed.routed_by) == (story.people["inside_sales"].member, "least_loaded")


def test_the_least_loaded_gets_the_next_so_that_all_get_the_same(story: Story) -> None:
    for _ in range(3):
        member("inside_sales")
    for _ in range(20):
        story.mql()
    got = [h.owner_id for h in Handoff.objects.all()]
    assert sorted(got.count(one) for one in set(got)) == [5, 5, 5, 5]


def test_what_is_done_no_longer_counts_as_load(story: Story) -> None:
    first = story.mql()
    busy = first.owner
    other = member("inside_sales")
    second = story.mql()
    assert second.owner == other
    story.call(first)
    story.accept(first)
    assert story.mql().owner == busy


def test_who_left_who_only_looks_and_who_starts_later_get_nothing(story: Story) -> None:
    today = moment.now().date()
    gone, later = member("inside_sales"), member("inside_sales")
    member("inside_sales", is_viewer=True)
    member("inside_sales", is_active=False)
    Membership.objects.filter(member=gone).update(valid_to=today - timedelta(days=1))
    Membership.objects.filter(member=later).update(valid_from=today + timedelta(days=2))
    for _ in range(3):
        assert story.mql().owner == story.people["inside_sales"].member


def test_an_empty_department_owns_it_as_a_whole(story: Story) -> None:
    Membership.objects.filter(department="inside_sales").delete()
    owed = story.mql()
    assert (owed.owner, owed.routed_by) == (None, "nobody")


def test_the_deals_owner_receives_it(story: Story) -> None:
    seller = member("field_sales")
    owed = story.sql(deal=deals.DealFields(owner=seller))
    assert (owed.owner, owed.routed_by) == (seller, "owner")


def test_every_why_has_words() -> None:
    assert set(routing.ROUTED_WORDS) == {"owner", "least_loaded", "nobody", "assigned"}
    assert all(w.en and w.ja for w in routing.ROUTED_WORDS.values())
