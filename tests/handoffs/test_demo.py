"""The demo company, played through the writers: laid down or lived, the same; interrupted, it goes on; then it works."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from dashboards import counts
from dashboards.management.commands.staff_at_work import work
from funnel import moment
from funnel.demo import laying, script, staff
from funnel.models import (
    Absence,
    Activity,
    Contract,
    Customer,
    Deal,
    Event,
    HealthRecord,
    Lead,
    Member,
    Membership,
    Organization,
    Person,
    SavedView,
    UsageReading,
)
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from funnel.transitions.lived import VERBS
from funnel.transitions.people import LeadFields
from handoffs import promises
from handoffs.demo import company, past
from handoffs.demo.past import State
from handoffs.demo.player import NUMBER, Player
from handoffs.demo.present import Staff
from handoffs.desk import Desk, passes
from handoffs.models import Delivery, Handoff, Notice

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"seed": 11, "months": 1, "size": 0.06}

EVENT = (
    "lead__external_id", "kind", "occurred_at", "recorded_at", "actor__username", "department", "source", "reason",
    "binding", "inferred", "note__text", "data",
)  # fmt: skip
LEAD = (
    "external_id", "person__name", "person__name_norm", "person__name_kana", "person__email_norm", "person__phone_norm",
    "person__title", "account__name_norm", "pass_no", "channel__slug", "campaign__slug", "segment", "owner__username",
    "stage", "outcome", "outcome_reason", "closed_at", "wake_up_on", "lead_at", "mql_at", "sql_at",
    "first_contact_at", "inferred", "is_counted", "date_conflict",
)  # fmt: skip
ACTIVITY = (
    "lead__external_id",
    "kind",
    "direction",
    "result",
    "is_human",
    "note__text",
    "occurred_at",
    "event__kind",
)
HANDOFF = (
    "lead__external_id", "boundary", "round", "from_department", "to_department", "done_by_department",
    "sender__username", "owner__username", "is_self", "opened_at", "due_at", "kept_at", "kept_recorded_at", "missed_at",
    "cancelled_at", "completed_at", "closed_at", "decision", "decided_at", "decided_by__username", "return_reason",
    "returned_after_contact",
)  # fmt: skip


def rows(model, names):
    return sorted(model.objects.values_list(*names), key=repr)


def shown():
    counted = counts.fold() and counts.differences()
    return {
        "events": sorted(Event.objects.filter(source="demo").values_list(*EVENT), key=repr),
        "leads": rows(Lead, LEAD),
        "activities": rows(Activity, ACTIVITY),
        "handoffs": rows(Handoff, HANDOFF),
        "counts": counted,
    }


def ledger_is_clean():
    assert counts.differences() == []
    assert set(promises.forgotten().values()) == {0}


class _Undo(Exception):
    """Ends a transaction that is not to stay."""


def test_what_is_laid_down_at_once_equals_what_is_lived_act_by_act(transactional_db, now):
    zone = Organization.current().tz
    today = now.astimezone(zone).date()
    company.found(script.first_day(today, 2), today)
    story = script.write(5, now, Organization.current().calendar(), months=2, size=0.12)
    acts, _ = laying.early(story.acts, story.now - timedelta(days=3))
    assert {act.verb for act in acts} == VERBS

    found = {}
    with contextlib.suppress(_Undo), transaction.atomic():
        player = Player()
        assert player.play(acts) == len(acts)
        moment.simulate(None)
        found["lived"] = shown()
        raise _Undo
    player = Player()
    laying.lay_down(acts, lambda handle: player.actor(handle, now), player.member, NUMBER)
    promises.reconcile()
    found["laid"] = shown()

    assert len(found["laid"]["leads"]) > 80
    assert found["laid"]["handoffs"]
    for name, lived in found["lived"].items():
        assert found["laid"][name] == lived, name


def test_the_story_is_told_once_and_nothing_of_it_is_refused(transactional_db, now):
    assert past.state() is State.EMPTY
    player = past.tell(now=now, **SMALL)
    assert not player.refused
    assert past.state() is State.READY
    ledger_is_clean()
    story = script.write(now=now, calendar=Organization.current().calendar(), **SMALL)
    captured = sum(act.verb in ("capture", "receive_referral") for act in story.acts)
    assert Lead.objects.count() == captured
    assert not Event.objects.filter(source="demo", occurred_at__gt=now).exists()
    assert Organization.current().is_demo

    stands = set(Handoff.objects.with_promise().values_list("boundary", "promise"))
    assert {("mql", "missed"), ("mql", "open"), ("mql", "kept"), ("sql", "kept"), ("sql", "missed")} <= stands
    assert {("won", "missed"), ("won", "open"), ("advocacy", "missed"), ("advocacy", "open")} <= stands
    assert (
        not Handoff.objects.overdue().filter(missed_at=None, due_at__lt=now - timedelta(minutes=1)).exists()
    )
    assert not Notice.objects.filter(spread_at=None).exists()
    assert not Delivery.objects.filter(delivered_at=None).exists()
    # Who signs in finds what is new unread, and not a year of work that somebody did long ago.
    new = Delivery.objects.filter(read_at=None)
    assert new.exists()
    assert not new.filter(notice__handoff__opened_at__lt=now - timedelta(days=7), kind="assigned").exists()
    assert not new.filter(notice__handoff__decided_at__lt=now - timedelta(days=7), kind="returned").exists()
    assert UsageReading.objects.exists()
    assert Contract.objects.filter(renewal_of__isnull=False).exists()
    assert HealthRecord.objects.values("customer").distinct().count() == Customer.objects.count()


def test_history_is_recorded_when_it_was_lived(transactional_db, now):
    past.tell(now=now, **SMALL)
    lived = Event.objects.filter(source="demo", binding=True)
    assert lived.count() > 100
    late = [e for e in lived if e.recorded_at - e.occurred_at > timedelta(hours=1)]
    assert len(late) < lived.count() / 10
    assert min(e.recorded_at for e in lived) < now - timedelta(days=25)


class _Killed(Exception):
    """Stands for the end of the process between two days of the story."""


def test_an_interrupted_story_goes_on_where_it_stopped(transactional_db, now):
    days = []

    def interrupt(day, acts):
        days.append(day)
        if len(days) == 12:
            raise _Killed

    with pytest.raises(_Killed):
        past.tell(now=now, progress=interrupt, **SMALL)
    assert past.state() is State.UNFINISHED
    half = Event.objects.filter(source="demo").count()

    player = past.tell(now=now, seed=99)
    assert not player.refused
    assert past.state() is State.READY
    assert Event.objects.filter(source="demo").count() > half
    story = script.write(now=now, calendar=Organization.current().calendar(), **SMALL)
    assert Lead.objects.count() == sum(act.verb in ("capture", "receive_referral") for act in story.acts)
    ledger_is_clean()


def test_only_one_tells_the_story_at_a_time(transactional_db, now):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [past.LOCK])
        with pytest.raises(past.Busy):
            past.tell(now=now, **SMALL)
        assert past.state() is State.EMPTY
    finally:
        other.close()


def test_an_installation_with_data_of_its_own_is_left_alone(transactional_db, now):
    leads.capture(SYSTEM, now=now, fields=LeadFields(email="first@customer.example.jp"))
    with pytest.raises(CommandError, match="data of its own"):
        call_command("demo_company")
    assert not Organization.current().is_demo
    assert Lead.objects.count() == 1


def test_the_command_names_the_sign_ins_and_the_password_opens_them(transactional_db, now, capsys):
    past.tell(now=now, **SMALL)
    call_command("demo_company")
    before = Event.objects.count()
    call_command("demo_company")
    assert Event.objects.count() == before
    printed = capsys.readouterr().out
    for one in staff.STAFF:
        assert one.email in printed
        member = Member.objects.get(username=one.email)
        assert member.check_password(staff.PASSWORD)
        assert (member.is_administrator, member.is_viewer) == (one.administrator, one.viewer)
        assert set(member.memberships.values_list("department", flat=True)) == set(one.departments)
    assert staff.PASSWORD in printed


def test_the_staff_does_what_lies_on_the_desks(transactional_db, now):
    past.tell(now=now, **SMALL)
    before = Event.objects.count()
    people = Staff("a day")
    done = work(people, threading.Event(), pause=0, acts=120)
    assert done >= 120
    assert not people.player.refused
    kinds = set(Event.objects.order_by("id").values_list("kind", flat=True)[before:])
    assert {
        "lead_captured",
        "mql_certified",
        "contact_attempted",
        "handoff_accepted",
        "sql_certified",
    } <= kinds
    ledger_is_clean()


def test_the_staff_works_for_the_demo_company_only(transactional_db):
    with pytest.raises(CommandError, match="not a demo"):
        call_command("staff_at_work")


def test_the_staff_goes_home_on_sigterm(transactional_db, now):
    past.tell(now=now, **SMALL)
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].replace("/revops?", f"/{name}?")
    before = Event.objects.count()
    working = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "staff_at_work", "--pace", "6000"],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        for _ in range(600):
            if Event.objects.count() > before + 3 or working.poll() is not None:
                break
            threading.Event().wait(0.1)
        working.send_signal(signal.SIGTERM)
        printed, _ = working.communicate(timeout=30)
    finally:
        working.kill()
    assert working.returncode == 0
    assert "acts=" in printed
    assert Event.objects.count() > before + 3


def test_the_desks_are_furnished_as_those_of_people_at_work(transactional_db, now):
    past.tell(now=now, seed=11, months=1, size=0.5)
    today = now.astimezone(Organization.current().tz).date()
    planned = Deal.objects.filter(state="open", next_step_on__isnull=False)
    assert planned.filter(next_step_on__lte=today).exists()
    assert planned.filter(next_step_on__gt=today).exists()
    assert Absence.objects.filter(first_on__lte=today, last_on__gte=today).exists()
    assert Membership.objects.filter(daily_capacity__isnull=False).count() == 4
    for view in SavedView.objects.select_related("owner"):
        client = Client()
        client.force_login(view.owner)
        page = client.get(f"/{'c' if view.list == 'leads' else view.list}/?{view.query}")
        assert page.status_code == 200
    # Health changes were noticed on the days they came about, nobody shares a telephone, and desks are of a size
    # somebody can work at.
    fallen = Event.objects.filter(kind="health_changed").values_list("occurred_at", flat=True)
    assert not fallen or len({at.date() for at in fallen}) > min(len(fallen), 4) // 2
    phones = list(Person.objects.exclude(phone="").values_list("phone", flat=True))
    assert len(phones) == len(set(phones))
    waiting = Lead.objects.filter(stage="lead", outcome=None, lead_at__lt=now - timedelta(days=50))
    assert waiting.count() <= max(3, Lead.objects.count() // 50)
    # Nearly everybody whose day to try again has come was called again, or put off.
    everybody = Desk(frozenset({"marketing", "inside_sales"}), today=today)
    asleep = Lead.objects.filter(outcome="recycled").count()
    assert passes.woken(everybody).count() <= max(3, asleep // 20)
    ledger_is_clean()


def test_the_staff_wakes_plans_renews_and_speaks_with_who_is_not_well(transactional_db, now):
    past.tell(now=now, **SMALL)
    today = now.astimezone(Organization.current().tz).date()
    people = Staff("one of each")
    lead = Lead.objects.filter(stage="mql", outcome=None).exclude(first_contact_at=None).first()
    leads.recycle(
        lead.pk, SYSTEM, now=now, reason="timing", wake_up_on=today - timedelta(days=1),
        occurred_at=now - timedelta(days=3), history=True,
    )  # fmt: skip
    running = Contract.objects.filter(ended_on=None, voided_at=None, notice_on=None)
    contract = running.filter(starts_on__lt=today).latest("id")
    Contract.objects.filter(pk=contract.pk).update(ends_on=today + timedelta(days=5))
    for desk in (people._wake, people._renew, people._plan, people._care):
        people.teller.acts.clear()
        with transaction.atomic():
            desk(moment.now())
            assert all(people.player.do(act, moment.now()) for act in people.teller.acts)
    assert not people.player.refused
    assert Lead.objects.filter(person=lead.person, pass_no=lead.pass_no + 1).exists()
    assert Contract.objects.filter(renewal_of__ends_on__gte=today).exists()
    assert not passes.woken(Desk(frozenset({"inside_sales"}), today=today)).filter(pk=lead.pk).exists()
    ledger_is_clean()
