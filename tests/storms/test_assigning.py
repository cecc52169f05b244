"""Assignment under long fire: 2,100 leads, 7 people, 8 who assign at once; with limits, not one above them."""

from __future__ import annotations

import sys
import time

import pytest

from funnel.models import Membership
from handoffs import promises
from handoffs.models import Handoff
from tests.handoffs.conftest import Story
from tests.handoffs.faults import assigned_at_once

pytestmark = [pytest.mark.storm, pytest.mark.django_db(transaction=True)]


def test_two_thousand_one_hundred_leads_to_seven_people(story: Story) -> None:
    start = time.monotonic()
    got, nobodys = assigned_at_once(story, leads=2100, reps=7, assigners=8)
    took = time.monotonic() - start
    sys.stdout.write(f"2,100 leads, 7 people, 8 at once: {sorted(got.values())}, {took:.0f} s\n")
    assert nobodys == 0
    assert all(abs(count - 300) <= 1 for count in got.values())


def test_limits_hold_and_the_rest_is_handed_out_when_there_is_room(story: Story) -> None:
    got, nobodys = assigned_at_once(story, leads=700, reps=7, assigners=8, limit=60)
    assert (sorted(got.values()), nobodys) == ([60] * 7, 280)
    assert set(Handoff.objects.unassigned().values_list("routed_by", flat=True)) == {"full"}
    Membership.objects.filter(daily_capacity=60).update(daily_capacity=100)
    assert promises.hand_out() == 280
    assert not Handoff.objects.unassigned().exists()
