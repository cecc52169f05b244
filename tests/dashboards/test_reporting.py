"""The views for reporting tools say what the pages say, and their role can do nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from dashboards import kpis
from dashboards.scope import Scope
from funnel.models import Account, Contract, Customer, Event, HealthRecord, Lead, Member, Note, Person
from handoffs.models import Handoff

ROLE = "test_reporting_role"
COLUMNS = {
    "funnel_events": "event_id kind occurred_at recorded_at department source reason binding inferred member_id lead_id "
    "deal_id contract_id customer_id channel campaign segment lead_is_counted",
    "handoffs": "handoff_id boundary round lead_id deal_id customer_id from_department to_department "
    "done_by_department sender_id owner_id is_self opened_at due_at kept_at kept_recorded_at missed_at cancelled_at "
    "completed_at closed_at promise decision decided_at return_reason returned_after_contact excuse_reason excused_at "
    "below_threshold_reason sheet_score channel campaign segment",
    "customers": "customer_id lead_id owner_id phase since onboarded_at channel campaign segment currency mrr "
    "running_contracts seats ends_on notice_on mrr_unknown first_signed_on last_ended_on renewals health_score "
    "health_band health_day nps_score nps_answered_on",
}


def rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


@pytest.fixture
def as_role(spring) -> Callable[[str], list[tuple[Any, ...]]]:
    """Run a statement as the role that the command makes; each in its own savepoint."""
    call_command("create_reporting_role", name=ROLE)

    def run(query: str) -> list[tuple[Any, ...]]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {ROLE}")
            cursor.execute(query)
            found = cursor.fetchall()
            # What fails rolls back to the savepoint, and with it the role.
            cursor.execute("RESET ROLE")
        return found

    return run


@pytest.mark.parametrize("view", COLUMNS)
def test_the_role_reads_each_view_whose_columns_stay(view, as_role):
    assert as_role(f"SELECT * FROM reporting.{view} LIMIT 5")
    named = as_role(
        "SELECT attname FROM pg_attribute "
        f"WHERE attrelid = 'reporting.{view}'::regclass AND attnum > 0 ORDER BY attnum"
    )
    assert [name for (name,) in named] == COLUMNS[view].split()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM public.funnel_person",
        "SELECT * FROM public.funnel_lead",
        "SELECT * FROM public.funnel_event",
        "SELECT * FROM public.django_session",
        "DELETE FROM reporting.funnel_events RETURNING 1",
        "INSERT INTO reporting.handoffs (boundary) VALUES ('mql') RETURNING 1",
        "UPDATE reporting.customers SET phase = 'churned' RETURNING 1",
        "CREATE TABLE public.mine (n integer)",
        "CREATE TABLE reporting.mine (n integer)",
    ],
)
def test_the_role_reads_nothing_else_and_writes_nothing(statement, as_role):
    with pytest.raises(DatabaseError, match="permission denied|cannot (delete|insert|update)"):
        as_role(statement)


def test_the_role_of_the_command_is_read_only_by_default_and_renewed(spring, capsys):
    call_command("create_reporting_role", name=ROLE)
    first = capsys.readouterr().out.split()[-1]
    call_command("create_reporting_role", name=ROLE)
    assert capsys.readouterr().out.split()[-1] != first
    (row,) = rows(
        "SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolconfig::text "
        f"FROM pg_roles WHERE rolname = '{ROLE}'"
    )
    assert row[:4] == (True, False, False, False)
    assert "default_transaction_read_only=on" in row[4]


@pytest.mark.parametrize("name", ["pg_reader", "x", "Robert'; DROP ROLE", "9lives", "a" * 64])
def test_a_name_that_is_none_is_refused(name, db):
    with pytest.raises(CommandError):
        call_command("create_reporting_role", name=name)


def test_who_may_not_make_roles_is_told_what_to_do(db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE without_rights")
        cursor.execute("SET LOCAL ROLE without_rights")
        with pytest.raises(CommandError, match="administrator"):
            call_command("create_reporting_role", name=ROLE)
        cursor.execute("RESET ROLE")


def test_the_views_say_what_the_pages_say(spring):
    everything = Scope(date(2026, 1, 1), date(2026, 12, 31))
    promises = Counter(row[0] for row in rows("SELECT promise FROM reporting.handoffs"))
    assert promises == Counter(Handoff.objects.with_promise().values_list("promise", flat=True))
    first = rows(
        "SELECT count(DISTINCT lead_id) FROM reporting.funnel_events WHERE kind = 'mql_certified' AND lead_is_counted"
    )
    assert first[0][0] == kpis.get("mql").value(everything).value
    customers = rows(
        "SELECT sum(mrr), count(*) FILTER (WHERE running_contracts > 0) FROM reporting.customers"
    )
    assert customers[0][1] == kpis.get("customers").value(everything).value
    assert customers[0][0] == kpis.get("mrr").value(everything).value


def test_a_corrected_event_is_shown_as_corrected_and_a_withdrawn_one_not(spring):
    one = Event.objects.filter(kind="mql_certified").earliest("id")
    about = {
        "kind": "event_corrected",
        "corrects": one,
        "lead": one.lead,
        "binding": False,
        "occurred_at": one.occurred_at,
    }
    Event.objects.create(**about, data={"occurred_at": "2026-03-31T01:00:00+00:00"})
    query = f"SELECT occurred_at::date FROM reporting.funnel_events WHERE event_id = {one.pk}"
    assert rows(query) == [(date(2026, 3, 31),)]
    Event.objects.create(**about, data={"withdrawn": True})
    assert rows(query) == []


def test_nothing_personal_is_in_the_views(spring):
    lead = Lead.objects.filter(account__isnull=False).earliest("id")
    words = ["秘密のメモ", "春野 花子", "hanako@example.jp", "株式会社ひみつ"]
    Note.objects.create(lead=lead, text=words[0])
    Person.objects.filter(pk=lead.person_id).update(name=words[1])
    Member.objects.filter(username=spring.member["marketing"].username).update(email=words[2])
    Account.objects.filter(pk=lead.account_id).update(name=words[3])
    for view in COLUMNS:
        text = str(rows(f"SELECT * FROM reporting.{view}"))
        assert not any(word in text for word in words), view


def test_what_a_customer_is_now(db):
    account = Account.objects.create(name="顧客")
    customer = Customer.objects.create(account=account, since=date(2025, 1, 1))
    terms = {"customer": customer, "signed_on": date(2025, 1, 1), "starts_on": date(2025, 1, 1)}
    old = Contract.objects.create(**terms, mrr=100, seats=5, ended_on=date(2026, 1, 1))
    Contract.objects.create(**{**terms, "starts_on": date(2026, 1, 1)}, mrr=120, seats=8, renewal_of=old)
    Contract.objects.create(**terms, mrr=7, currency="USD")
    HealthRecord.objects.create(customer=customer, day=date(2026, 1, 2), score=40, band="watch")
    (row,) = rows(
        "SELECT mrr, seats, running_contracts, mrr_unknown, renewals, health_score FROM reporting.customers "
        f"WHERE customer_id = {customer.pk}"
    )
    assert row == (120, 8, 2, True, 1, 40)
