"""What forms propose, what they refuse, and what a queue without rows says."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from funnel.models import Lead, Organization
from tests import builders

pytestmark = pytest.mark.django_db


def signed_in(*departments: str, **fields) -> Client:
    client = Client()
    client.force_login(builders.a_member(*departments, language="en", **fields))
    return client


def recycle(client: Client, lead: Lead, **said: str):
    return client.post(f"/leads/{lead.pk}/recycle/", {"reason": "timing", "once": str(uuid.uuid4()), **said})


def test_nurture_for_three_months_takes_no_typing(now):
    lead = builders.an_mql(now)
    assert recycle(signed_in("inside_sales"), lead, when="quarter").status_code == 302
    today = now.astimezone(Organization.current().tz).date()
    lead.refresh_from_db()
    assert lead.wake_up_on == today + timedelta(days=90)


def test_a_typed_day_wins_over_the_proposed_one(now):
    lead = builders.an_mql(now)
    day = (now + timedelta(days=40)).date()
    assert (
        recycle(signed_in("inside_sales"), lead, when="quarter", wake_up_on=day.isoformat()).status_code
        == 302
    )
    lead.refresh_from_db()
    assert lead.wake_up_on == day


def test_another_day_must_be_named_and_nothing_is_recorded_without(now):
    lead = builders.an_mql(now)
    answer = recycle(signed_in("inside_sales"), lead, when="", note="spring")
    assert answer.status_code == 422
    assert "Choose a day." in answer.content.decode()
    assert "spring" in answer.content.decode()
    lead.refresh_from_db()
    assert lead.outcome is None


def test_nurture_tells_what_is_due_from_what_sleeps(now):
    lead = builders.an_mql(now, company="起床商事")
    client = signed_in("inside_sales")
    recycle(client, lead, when="month")
    (group,) = client.get("/?tab=nurture").context["groups"]
    assert group["key"] == "nurture"
    today = now.astimezone(Organization.current().tz).date()
    Lead.objects.filter(pk=lead.pk).update(wake_up_on=today)
    (group,) = client.get("/?tab=nurture").context["groups"]
    assert (group["key"], group["tone"]) == ("wake", "warn")


def test_somebody_without_a_department_reads_why_the_queue_is_empty():
    said = signed_in(is_viewer=True).get("/").content.decode()
    assert "You belong to no department" in said
    assert 'href="/funnel/"' in said
    assert "All done" not in said


def test_a_viewer_is_told_before_typing_a_lead():
    assert signed_in(is_viewer=True).get("/leads/new/").status_code == 403


def test_a_deadline_says_its_moment_besides_how_late_it_is(now):
    builders.an_mql(now, at=now - timedelta(hours=27), company="遅延商店")
    said = signed_in("inside_sales").get("/").content.decode()
    assert "3 h overdue" in said
    assert 'title="by ' in said


def test_the_administration_has_no_sign_in_of_its_own():
    answer = Client().get("/admin/", follow=True)
    assert answer.request["PATH_INFO"] == "/sign-in/"
    assert signed_in("marketing").get("/admin/", follow=True).status_code == 403
