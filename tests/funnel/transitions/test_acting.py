"""For which departments somebody may write."""

from datetime import timedelta

import pytest

from funnel.errors import NotYours
from funnel.models import DepartmentSetting, Membership
from funnel.stages import ACTS, Department
from funnel.transitions.acting import Actor
from tests.builders import a_member

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("department", Department)
@pytest.mark.parametrize("role", Membership.Role.values)
def test_every_act_by_every_department(now, act, department, role) -> None:
    actor = Actor.of(a_member(department, role=role), "html", now=now)
    allowed = department in ACTS[act].departments and (role == "lead" or not ACTS[act].led)
    assert actor.may(act) == allowed
    if allowed:
        assert actor.department_for(act) == department
    else:
        with pytest.raises(NotYours) as refusal:
            actor.department_for(act)
        assert refusal.value.say("ja") != refusal.value.say("en")


def test_two_hats_unite_and_the_chosen_one_is_recorded(now) -> None:
    member = a_member("inside_sales", "customer_success")
    assert Actor.of(member, "html", now=now).department_for("log") == "inside_sales"
    chosen = Actor.of(member, "html", now=now, acting="customer_success")
    assert chosen.department_for("log") == "customer_success"
    assert Actor.of(member, "html", now=now, acting="marketing").acting is None


def test_a_membership_counts_on_its_days_only(now) -> None:
    member = a_member()
    today = now.astimezone().date()
    day = timedelta(days=1)
    Membership.objects.create(
        member=member, department="marketing", valid_from=today - 9 * day, valid_to=today - 3 * day
    )
    Membership.objects.create(member=member, department="field_sales", valid_from=today + 3 * day)
    assert not Actor.of(member, "html", now=now).may_write
    assert Actor.of(member, "html", now=now + 4 * day).departments == {"field_sales"}


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Midway"])
def test_a_membership_begins_on_the_organisation_s_today(now, org, zone) -> None:
    org.zone = zone
    org.save()
    newcomer = a_member()
    begun = Membership.objects.create(member=newcomer, department="marketing")
    assert begun.valid_from == now.astimezone(org.tz).date()
    assert Actor.of(newcomer, "html", now=now).may("certify_mql")


def test_who_covers_a_department_acts_for_it(now) -> None:
    DepartmentSetting.objects.filter(department="customer_success").update(
        staffed=False, covered_by="field_sales"
    )
    actor = Actor.of(a_member("field_sales", role="lead"), "html", now=now)
    assert actor.departments == {"field_sales", "customer_success"}
    assert actor.led == actor.departments
    assert actor.department_for("hold_kickoff") == "customer_success"


def test_viewers_and_leavers_only_look(now) -> None:
    viewer = a_member("marketing", is_viewer=True)
    leaver = a_member("marketing", is_active=False)
    for member in (viewer, leaver):
        assert not Actor.of(member, "html", now=now).may_write


def test_a_service_writes_for_whoever_the_act_belongs_to(now) -> None:
    service = a_member(is_service=True)
    assert Actor.of(service, "api", now=now).department_for("win") == "field_sales"
    assert not Actor.of(a_member(is_service=True, is_viewer=True), "api", now=now).may_write
