"""One raw SQL statement per invariant of the facts; the database refuses each."""
# ruff: noqa: E501 - a statement is read in one line

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DataError, InternalError

from funnel import moment
from funnel.models import (
    Campaign,
    Channel,
    Contract,
    FreshStart,
    Invitation,
    Member,
    SpendEntry,
    SurveyResponse,
    TrafficReading,
    UsageReading,
    Wording,
)
from funnel.transitions import customers, leads
from funnel.transitions.acting import SYSTEM
from tests.builders import a_contract, a_lead, a_member, an_mql

pytestmark = pytest.mark.django_db

STATEMENTS = {
    "an event is changed": "UPDATE funnel_event SET kind = 'deal_won'",
    "an event is deleted": "DELETE FROM funnel_event",
    "the ledger is truncated": "TRUNCATE funnel_event CASCADE",
    "an event of no known kind": "INSERT INTO funnel_event (kind, occurred_at, source, department, reason, binding, inferred, data) VALUES ('nonsense', now(), 'x', '', '', true, false, '{}')",
    "an event from the future": "INSERT INTO funnel_event (kind, occurred_at, source, department, reason, binding, inferred, data) VALUES ('lead_captured', now() + interval '1 day', 'x', '', '', true, false, '{}')",
    "an inferred event that binds": "INSERT INTO funnel_event (kind, occurred_at, source, department, reason, binding, inferred, data) VALUES ('lead_captured', now(), 'x', '', '', true, true, '{}')",
    "a correction of nothing": "INSERT INTO funnel_event (kind, occurred_at, source, department, reason, binding, inferred, data) VALUES ('event_corrected', now(), 'x', '', '', false, false, '{}')",
    "a second open lead for a person": "INSERT INTO funnel_lead (person_id, pass_no, segment, stage, outcome_reason, lead_at, inferred, is_counted, date_conflict) SELECT person_id, 99, '', 'lead', '', now(), '{}', true, false FROM funnel_lead WHERE outcome IS NULL LIMIT 1",
    "the same pass twice": "INSERT INTO funnel_lead (person_id, pass_no, segment, stage, outcome, closed_at, outcome_reason, lead_at, inferred, is_counted, date_conflict) SELECT person_id, pass_no, '', 'lead', 'lost', now(), '', now(), '{}', true, false FROM funnel_lead LIMIT 1",
    "a lead stage that is none": "UPDATE funnel_lead SET stage = 'hot'",
    "an outcome without a date": "UPDATE funnel_lead SET outcome = 'lost', closed_at = NULL WHERE outcome IS NULL",
    "a date without an outcome": "UPDATE funnel_lead SET closed_at = now() WHERE outcome IS NULL",
    "an outcome that is none": "UPDATE funnel_lead SET outcome = 'gone', closed_at = now() WHERE outcome IS NULL",
    "an MQL without a date": "UPDATE funnel_lead SET mql_at = NULL WHERE stage = 'mql'",
    "an SQL without a date": "UPDATE funnel_lead SET stage = 'sql' WHERE sql_at IS NULL",
    "a won lead that never passed SQL": "UPDATE funnel_lead SET won_at = now() WHERE sql_at IS NULL",
    "stages out of order": "UPDATE funnel_lead SET mql_at = lead_at - interval '1 day' WHERE mql_at IS NOT NULL",
    "a merged lead that still counts": "UPDATE funnel_lead SET outcome = 'merged', closed_at = now() WHERE outcome IS NULL",
    "a lead given to another person": "UPDATE funnel_lead SET person_id = (SELECT max(person_id) FROM funnel_lead) WHERE id = (SELECT min(id) FROM funnel_lead)",
    "a deal of a negative amount": "UPDATE funnel_deal SET amount = -1",
    "a deal of NaN": "UPDATE funnel_deal SET amount = 'NaN'",
    "half a yen": "UPDATE funnel_deal SET amount = 0.5",
    "half a yen a month": "UPDATE funnel_contract SET mrr = 0.5",
    "a contract of a negative price": "UPDATE funnel_contract SET mrr = -1",
    "a won deal without an amount": "UPDATE funnel_deal SET amount = NULL WHERE state = 'won'",
    "a won deal without a date": "UPDATE funnel_deal SET closed_at = NULL WHERE state = 'won'",
    "a lost deal without a reason": "UPDATE funnel_deal SET state = 'lost', reason = ''",
    "a day of no next step": "UPDATE funnel_deal SET next_step_on = '2026-01-01'",
    "a deal won by a member who did not say why": "INSERT INTO funnel_event (kind, occurred_at, source, department, reason, binding, inferred, data) VALUES ('deal_won', now(), 'html', '', 'not_recorded', true, false, '{}')",
    "a deal lost by a program that did not say why": "INSERT INTO funnel_event (kind, occurred_at, source, department, reason, binding, inferred, data) VALUES ('deal_lost', now(), 'api', '', '', true, false, '{}')",
    "a deal state that is none": "UPDATE funnel_deal SET state = 'maybe'",
    "a currency that is none": "UPDATE funnel_deal SET currency = 'yen'",
    "two contracts of one deal": "INSERT INTO funnel_contract (customer_id, deal_id, signed_on, starts_on, currency) SELECT customer_id, deal_id, signed_on, starts_on, 'JPY' FROM funnel_contract",
    "a contract that ends before it starts": "UPDATE funnel_contract SET ends_on = starts_on - 1",
    "a kickoff held but never set": "UPDATE funnel_contract SET kickoff_held_at = now(), kickoff_at = NULL",
    "a contract that ended runs again": "UPDATE funnel_contract SET ended_on = NULL WHERE ended_on IS NOT NULL",
    "a void contract stands again": "UPDATE funnel_contract SET voided_at = NULL WHERE voided_at IS NOT NULL",
    "two customers of one account": "INSERT INTO funnel_customer (account_id, phase, since) SELECT account_id, 'adopting', since FROM funnel_customer",
    "a customer phase that is none": "UPDATE funnel_customer SET phase = 'happy'",
    "an e-mail address twice": "UPDATE funnel_person SET email_norm = 'same@example.jp'",
    "an e-mail address in capitals": "UPDATE funnel_person SET email_norm = 'A' || id || '@EXAMPLE.JP'",
    "an erased person with a name": "UPDATE funnel_person SET erased_at = now()",
    "a person merged into himself": "UPDATE funnel_person SET merged_into_id = id",
    "a role in the decision that is none": "UPDATE funnel_person SET role = 'king'",
    "a company of fifty million people": "UPDATE funnel_account SET employees = 50000000",
    "a company of minus one people": "UPDATE funnel_account SET employees = -1",
    "an account merged into itself": "UPDATE funnel_account SET merged_into_id = id",
    "a negative usage": "UPDATE funnel_usagereading SET value = -1",
    "usage that is not a number": "UPDATE funnel_usagereading SET value = 'NaN'",
    "two readings of one day": "INSERT INTO funnel_usagereading (customer_id, day, metric, value) SELECT customer_id, day, metric, 1 FROM funnel_usagereading",
    "an NPS answer of 11": "UPDATE funnel_surveyresponse SET score = 11",
    "a CSAT answer of 0": "UPDATE funnel_surveyresponse SET kind = 'csat', score = 0",
    "a health of 101": "INSERT INTO funnel_healthrecord (customer_id, day, score, band, factors) SELECT id, now(), 101, 'watch', '[]' FROM funnel_customer",
    "a health band that is none": "INSERT INTO funnel_healthrecord (customer_id, day, score, band, factors) SELECT id, now(), 1, 'fine', '[]' FROM funnel_customer",
    "negative visits": "UPDATE funnel_trafficreading SET visits = -1",
    "two traffic readings of one day without channel": "INSERT INTO funnel_trafficreading (day, visits) SELECT day, 1 FROM funnel_trafficreading",
    "negative spend": "UPDATE funnel_spendentry SET amount = -1",
    "two organisations": "INSERT INTO funnel_organization (id, name, zone, country, currency, fiscal_year_start, is_demo) VALUES (2, 'x', 'UTC', 'JP', 'JPY', 4, false)",
    "a fiscal year that starts in month 13": "UPDATE funnel_organization SET fiscal_year_start = 13",
    "an unstaffed department nobody covers": "UPDATE funnel_departmentsetting SET staffed = false",
    "a department that covers itself": "UPDATE funnel_departmentsetting SET staffed = false, covered_by = department",
    "a membership that ends before it begins": "UPDATE funnel_membership SET valid_to = valid_from",
    "two memberships at once in one department": "INSERT INTO funnel_membership (member_id, department, role, valid_from) SELECT member_id, department, role, valid_from + 30 FROM funnel_membership",
    "a membership of no department": "UPDATE funnel_membership SET department = 'kitchen'",
    "an absence that ends before it begins": "INSERT INTO funnel_absence (member_id, first_on, last_on) SELECT id, '2026-11-02', '2026-11-01' FROM funnel_member LIMIT 1",
    "two absences on one day": "INSERT INTO funnel_absence (member_id, first_on, last_on) SELECT m.id, d.a, d.b FROM (SELECT id FROM funnel_member LIMIT 1) m, (VALUES ('2026-11-01'::date, '2026-11-03'::date), ('2026-11-03', '2026-11-05')) d(a, b)",
    "a negative capacity": "UPDATE funnel_membership SET daily_capacity = -1",
    "the last administrator leaves": "UPDATE funnel_member SET is_administrator = false",
    "an administrator who only looks": "UPDATE funnel_member SET is_viewer = true WHERE is_administrator",
    "a member deleted": "DELETE FROM funnel_member",
    "the members truncated": "TRUNCATE funnel_member CASCADE",
    "a reason deleted": "DELETE FROM funnel_reason",
    "the reasons truncated": "TRUNCATE funnel_reason CASCADE",
    "a reason of another code": "UPDATE funnel_reason SET code = 'x' || code",
    "a reason of another act": "UPDATE funnel_reason SET act = 'excuse', code = code || '2' WHERE act = 'loss'",
    "a wording changed": "UPDATE funnel_wording SET ja = 'x'",
    "a wording deleted": "DELETE FROM funnel_wording",
    "the wordings truncated": "TRUNCATE funnel_wording",
    "a version of a wording twice": "INSERT INTO funnel_wording (what, version, ja, en) SELECT what, version, 'x', 'x' FROM funnel_wording",
    "a wording of version 0": "INSERT INTO funnel_wording (what, version, ja, en) VALUES ('stage.sql', 0, '', '')",
    "two open invitations of one address": "INSERT INTO funnel_invitation (email, name, departments, role, language, token_hash, created_by_id, expires_at) SELECT email, '', '{}', 'member', 'ja', 'h2', created_by_id, expires_at FROM funnel_invitation WHERE used_at IS NULL AND revoked_at IS NULL",
    "two invitations behind one link": "INSERT INTO funnel_invitation (email, name, departments, role, language, token_hash, created_by_id, expires_at) SELECT 'x@example.jp', '', '{}', 'member', 'ja', token_hash, created_by_id, expires_at FROM funnel_invitation LIMIT 1",
    "an invitation used by nobody": "UPDATE funnel_invitation SET used_at = now(), revoked_at = NULL WHERE used_at IS NULL AND revoked_at IS NULL",
    "an invitation used and taken back": "UPDATE funnel_invitation SET used_at = now(), revoked_at = now(), member_id = created_by_id WHERE used_at IS NULL AND revoked_at IS NULL",
    "an invitation opened again": "UPDATE funnel_invitation SET revoked_at = NULL WHERE revoked_at IS NOT NULL",
    "a used link exchanged": "UPDATE funnel_invitation SET token_hash = 'other' WHERE revoked_at IS NOT NULL",
    "an invitation that expired before it was made": "UPDATE funnel_invitation SET expires_at = created_at",
    "an invitation to no department": "UPDATE funnel_invitation SET departments = '{kitchen}'",
    "two requests to start afresh": "INSERT INTO funnel_freshstart (id, company, email, name, language, password, asked_by_id, standing, failure) SELECT 2, company, email, name, language, password, asked_by_id, standing, '' FROM funnel_freshstart",
    "a fresh start at no known standing": "UPDATE funnel_freshstart SET standing = 'half'",
    "a department covered by one that is covered": "UPDATE funnel_departmentsetting SET staffed = false, covered_by = CASE department WHEN 'marketing' THEN 'inside_sales' ELSE 'field_sales' END WHERE department IN ('marketing', 'inside_sales')",
    "a note erased but still there": "UPDATE funnel_note SET erased_at = now()",
    "an activity of no known kind": "UPDATE funnel_activity SET kind = 'fax'",
    "an import that lost a row": "INSERT INTO funnel_importbatch (kind, filename, stored_as, sha256, encoding, history, columns, status, failure, rows_read, total, created, updated, unchanged, rejected, report) VALUES ('leads', '', '', 'x', '', false, '{}', 'done', '', 2, 2, 1, 0, 0, 0, '{}')",
    "a row rejected without a reason": "WITH b AS (INSERT INTO funnel_importbatch (kind, filename, stored_as, sha256, encoding, history, columns, status, failure, rows_read, total, created, updated, unchanged, rejected, report) VALUES ('leads', '', '', 'x', '', false, '{}', 'running', '', 0, 0, 0, 0, 0, 0, '{}') RETURNING id) INSERT INTO funnel_importrow (batch_id, line, outcome, reason, params, flags, raw) SELECT id, 1, 'rejected', '', '{}', '[]', '' FROM b",
    "a row undone that is neither": "WITH b AS (INSERT INTO funnel_importbatch (kind, filename, stored_as, sha256, encoding, history, columns, status, failure, rows_read, total, created, updated, unchanged, rejected, report) VALUES ('leads', '', '', 'x', '', false, '{}', 'running', '', 0, 0, 0, 0, 0, 0, '{}') RETURNING id) INSERT INTO funnel_importrow (batch_id, line, outcome, reason, params, flags, raw, undo) SELECT id, 1, 'created', '', '{}', '[]', '', 'maybe' FROM b",
    "a row kept without a reason": "WITH b AS (INSERT INTO funnel_importbatch (kind, filename, stored_as, sha256, encoding, history, columns, status, failure, rows_read, total, created, updated, unchanged, rejected, report) VALUES ('leads', '', '', 'x', '', false, '{}', 'running', '', 0, 0, 0, 0, 0, 0, '{}') RETURNING id) INSERT INTO funnel_importrow (batch_id, line, outcome, reason, params, flags, raw, undo) SELECT id, 1, 'created', '', '{}', '[]', '', 'kept' FROM b",
    "a piece of a file twice": "WITH b AS (INSERT INTO funnel_importbatch (kind, filename, stored_as, sha256, encoding, history, columns, status, failure, rows_read, total, created, updated, unchanged, rejected, report) VALUES ('leads', '', '', 'x', '', false, '{}', 'running', '', 0, 0, 0, 0, 0, 0, '{}') RETURNING id) INSERT INTO funnel_importpiece (batch_id, first_line, last_line, recorded_at, after_event, last_event) SELECT id, 1, 2, now(), 0, 0 FROM b CROSS JOIN generate_series(1, 2)",
    "a piece that ends before it begins": "WITH b AS (INSERT INTO funnel_importbatch (kind, filename, stored_as, sha256, encoding, history, columns, status, failure, rows_read, total, created, updated, unchanged, rejected, report) VALUES ('leads', '', '', 'x', '', false, '{}', 'running', '', 0, 0, 0, 0, 0, 0, '{}') RETURNING id) INSERT INTO funnel_importpiece (batch_id, first_line, last_line, recorded_at, after_event, last_event) SELECT id, 2, 1, now(), 0, 0 FROM b",
    "a file undone without every row": "INSERT INTO funnel_importbatch (kind, filename, stored_as, sha256, encoding, history, columns, status, failure, rows_read, total, created, updated, unchanged, rejected, report, undone, kept, undone_at) VALUES ('leads', '', '', 'x', '', false, '{}', 'undone', '', 0, 2, 2, 0, 0, 0, '{}', 1, 0, now())",
    "a file undone without a date": "INSERT INTO funnel_importbatch (kind, filename, stored_as, sha256, encoding, history, columns, status, failure, rows_read, total, created, updated, unchanged, rejected, report, undone) VALUES ('leads', '', '', 'x', '', false, '{}', 'undone', '', 0, 2, 2, 0, 0, 0, '{}', 2)",
    "a file not undone that says so": "INSERT INTO funnel_importbatch (kind, filename, stored_as, sha256, encoding, history, columns, status, failure, rows_read, total, created, updated, unchanged, rejected, report, undone) VALUES ('leads', '', '', 'x', '', false, '{}', 'done', '', 0, 2, 2, 0, 0, 0, '{}', 2)",
    "a withdrawn lead that still counts": "UPDATE funnel_lead SET outcome = 'withdrawn', closed_at = now(), mql_at = NULL, stage = 'lead', external_id = NULL WHERE outcome IS NULL AND sql_at IS NULL",
    "a withdrawn lead that was an MQL": "UPDATE funnel_lead SET outcome = 'withdrawn', closed_at = now(), is_counted = false WHERE outcome IS NULL AND mql_at IS NOT NULL",
    "two readings of one header": "INSERT INTO funnel_importmapping (kind, header_sha256, columns) SELECT 'leads', repeat('a', 64), '{}' FROM generate_series(1, 2)",
    "a header known by no digest": "INSERT INTO funnel_importmapping (kind, header_sha256, columns) VALUES ('leads', 'x', '{}')",
    "a lead deleted": "DELETE FROM funnel_lead",
}  # fmt: skip


@pytest.fixture
def some_of_everything() -> None:
    now = moment.now()
    a_member("marketing", is_administrator=True)
    a_lead(now)
    mql = an_mql(now)
    leads.log(mql.pk, SYSTEM, now=now, kind="call", note="折り返し待ち")
    contract = a_contract(now)
    day = now.date()
    UsageReading.objects.create(customer=contract.customer, day=day, metric="active_users", value=3)
    SurveyResponse.objects.create(customer=contract.customer, wave="1", score=9, answered_on=day)
    TrafficReading.objects.create(day=day, visits=5)
    channel = Channel.objects.create(slug="fair", name="展示会")
    SpendEntry.objects.create(
        day=day, channel=channel, campaign=Campaign.objects.create(slug="c", name="c"), amount=1
    )
    for left in ({"ended_on": day}, {"voided_at": now}):
        Contract.objects.create(customer=contract.customer, signed_on=day, starts_on=day, **left)
    customers.refresh_health(contract.customer_id, day=day.replace(year=2020), now=now, by=SYSTEM)
    boss = Member.objects.get(is_administrator=True)
    Wording.objects.create(what="stage.sql", version=1, ja="商談", en="Opportunity")
    for token in ("open", "closed"):
        Invitation.objects.create(
            email=f"{token}@example.jp", token_hash=token, created_by=boss, expires_at=now + timedelta(days=1),
            revoked_at=now if token == "closed" else None,
        )  # fmt: skip
    FreshStart.objects.create(id=1, company="c", email="a@example.jp", name="n", password="h", asked_by=boss)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount != 0, "the statement touched no row, so it proved nothing"


@pytest.mark.usefixtures("some_of_everything")
@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_the_database_refuses(statement: str) -> None:
    with pytest.raises((IntegrityError, InternalError, DataError)), transaction.atomic():
        _execute(statement)


@pytest.mark.usefixtures("some_of_everything")
def test_recorded_at_is_the_database_clock_whatever_is_said() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO funnel_event (kind, occurred_at, recorded_at, source, department, reason, binding, inferred, data)"
            " VALUES ('data_exported', '2020-01-01', '2020-01-01', 'x', '', '', true, false, '{}')"
            " RETURNING recorded_at = revops_now()"
        )
        assert cursor.fetchone() == (True,)
