"""Letters that waited: what was done meanwhile is asked of nobody; the sender's lead hears of what escalates."""

from __future__ import annotations

from collections import Counter
from datetime import time, timedelta

import pytest

from funnel import moment
from funnel.transitions import leads
from handoffs import notices, promises
from handoffs.models import Delivery, Handoff
from tests.handoffs.conftest import HOUR, Story, member
from tests.handoffs.post import Post
from tests.handoffs.test_notices import START, Clock, inboxes, post

__all__ = ["post"]

pytestmark = pytest.mark.django_db


def a_quiet_owner(at: Clock):
    """Somebody of inside sales who hears nothing by mail from 8:00 to 23:00; the story begins at 9:30."""
    at(START)
    owner = member("inside_sales", name="静か")
    notices.choose(owner, by_mail=["missed"], by_chat=[], quiet_from=time(8), quiet_to=time(23))
    return owner


def missed(story: Story, at: Clock, owner) -> Handoff:
    """A promise of the owner that was missed while he hears nothing; its letters wait."""
    at(START)
    owed = story.mql()
    promises.assign(owed.pk, story.people["inside_sales"], now=moment.now(), owner=owner)
    at(owed.due_at + timedelta(minutes=1))
    promises.sweep()
    notices.deliver()
    return owed


def to(owner, office: Post) -> list:
    return [letter for letter in office.letters if letter["To"] == owner.email]


def waiting(owner):
    return Delivery.objects.filter(member=owner, way="mail", kind="missed")


def test_a_letter_that_waited_is_not_sent_when_the_promise_was_kept_meanwhile(
    story: Story, at: Clock, post: Post
) -> None:
    owner = a_quiet_owner(at)
    owed = missed(story, at, owner)
    assert to(owner, post) == []
    at(owed.due_at + timedelta(minutes=5))
    leads.log(owed.lead_id, story.people["inside_sales"], now=moment.now(), kind="call", result="connected")
    at(owed.due_at + 24 * HOUR)
    notices.choose(owner, by_mail=["missed"], by_chat=[])
    notices.deliver()
    assert to(owner, post) == []
    ended = waiting(owner).get()
    assert (ended.failure, ended.delivered_at) == ("settled", None)
    assert inboxes()["missed", owner.name] == 1
    assert all(not standing.given_up for standing in notices.standings())


def test_it_is_sent_when_nobody_did_it(story: Story, at: Clock, post: Post) -> None:
    owner = a_quiet_owner(at)
    owed = missed(story, at, owner)
    at(owed.due_at + 24 * HOUR)
    notices.choose(owner, by_mail=["missed"], by_chat=[])
    notices.deliver()
    assert len(to(owner, post)) == 1


def test_of_a_digest_only_what_is_still_owed_is_told_under_the_same_id(
    story: Story, at: Clock, post: Post
) -> None:
    owner = a_quiet_owner(at)
    at(START)
    owed = [story.mql() for _ in range(6)]
    for one in owed:
        promises.assign(one.pk, story.people["inside_sales"], now=moment.now(), owner=owner)
    at(owed[-1].due_at + timedelta(minutes=1))
    promises.sweep()
    notices.deliver()
    at(owed[-1].due_at + timedelta(hours=1))
    told = [d.notice.handoff for d in waiting(owner).select_related("notice__handoff").order_by("id")]
    for one in (told[0], told[3]):
        leads.log(
            one.lead_id, story.people["inside_sales"], now=moment.now(), kind="call", result="connected"
        )
    notices.choose(owner, by_mail=["missed"], by_chat=[])
    notices.deliver()
    (letter,) = to(owner, post)
    body = letter.get_content()
    head = Delivery.objects.get(member=owner, way="mail", is_digest=True)
    assert letter["Message-ID"].startswith(f"<digest.{head.notice.key.replace(':', '.')}.")
    assert sum(f"/c/{one.lead_id}/" in body for one in owed) == 4
    assert f"/c/{told[0].lead_id}/" not in body
    assert Counter(waiting(owner).values_list("failure", flat=True)) == {"": 5, "settled": 1}


def test_the_lead_of_who_handed_it_over_hears_that_it_is_still_not_done(
    story: Story, at: Clock, post: Post
) -> None:
    giver = member("marketing", name="渡した側", role="lead")
    at(START)
    story.mql()
    at(START + 37 * HOUR)
    promises.sweep()
    notices.deliver()
    told = {name for kind, name in inboxes() if kind == "escalation"}
    assert giver.name in told
    assert story.people["inside_sales"].member.name in told
    assert member("field_sales", name="他部門", role="lead").name not in told
