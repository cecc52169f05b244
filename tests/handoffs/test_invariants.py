"""One raw statement per invariant of the promises, all refused by the database itself."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError

from funnel import moment
from funnel.transitions import corrections, leads
from handoffs import notices
from handoffs.models import Handoff, Notice, Outlet
from tests.handoffs.conftest import HOUR, Story, deaf, fresh

Refusal = (IntegrityError, InternalError)
SET = "UPDATE handoffs_handoff SET {} WHERE id = %(open)s"
COPY = """
INSERT INTO handoffs_handoff (boundary, round, lead_id, deal_id, customer_id, opened_by_id, terms_id, from_department,
  to_department, done_by_department, is_self, opened_at, due_at, decision, return_reason, excuse_reason,
  below_threshold_reason, routed_by, closed_at, kept_at, kept_recorded_at, kept_by_id)
SELECT {boundary}, {round}, {lead}, {deal}, {customer}, {opened_by}, terms_id, from_department, to_department,
  done_by_department, false, opened_at, {due_at}, 'pending', '', '', '', '', {closed_at},
  opened_at + 0 * ({kept_by} * interval '1 s'), opened_at + 0 * ({kept_by} * interval '1 s'), {kept_by}
FROM handoffs_handoff WHERE id = %({of})s
"""


def copy(**changed: str) -> str:
    """A second handoff like one of the first (`of`: open, gate, won, advocacy), differing in what is named."""
    same = {
        "of": "open", "boundary": "boundary", "round": "round + 1", "lead": "lead_id", "deal": "deal_id",
        "customer": "customer_id", "opened_by": "%(event)s", "due_at": "due_at", "closed_at": "now()",
        "kept_by": "NULL::int",
    }  # fmt: skip
    return COPY.format(**(same | changed))


def deliver(way: str, *, member: str = "NULL", outlet: str = "NULL", ended: str = "NULL", read: str = "NULL",
            times: int = 1) -> str:  # fmt: skip
    """A delivery of some notice, laid down once or more often."""
    return (
        "INSERT INTO handoffs_delivery (notice_id, kind, way, member_id, outlet_id, is_digest, attempts, failure, "
        "delivered_at, read_at) SELECT (SELECT min(id) FROM handoffs_notice), 'missed', "
        f"'{way}', {member}, {outlet}, false, 0, '', {ended}, {read} FROM generate_series(1, {times})"
    )


def outlet(way: str, department: str, url: str) -> str:
    """One more way out."""
    return (
        "INSERT INTO handoffs_outlet (way, department, url, kinds, is_active, failures, failure) "
        f"VALUES ({way}, {department}, {url}, '{{}}', true, 0, '')"
    )


def choice(*, start: str = "NULL", end: str = "NULL", mail: str = "'{}'", chat: str = "'{}'",
           chat_id: str = "''") -> str:  # fmt: skip
    """What a member chose who had chosen before."""
    return (
        "INSERT INTO handoffs_noticechoice (member_id, by_mail, by_chat, chat_id, quiet_from, quiet_to) "
        f"VALUES (%(member)s, {mail}, {chat}, {chat_id}, {start}, {end})"
    )


FORBIDDEN = {
    # who, what, by when
    "handoff_boundary_known": [copy(boundary="'ops'")],
    "handoff_has_subject": [
        copy(lead="NULL"),
        copy(boundary="'sql'", due_at="NULL"),
        copy(boundary="'advocacy'"),
    ],
    "handoff_due_unless_gate": [copy(due_at="NULL"), copy(boundary="'sql'", deal="%(deal)s")],
    "handoff_mql_round_once": [copy(round="round")],
    "handoff_sql_round_once": [copy(of="gate", round="round")],
    "handoff_won_round_once": [copy(of="won", round="round")],
    "handoff_advocacy_round_once": [copy(of="advocacy", round="round")],
    "handoff_mql_one_live": [copy(closed_at="NULL")],
    "handoff_deal_one_live": [copy(of="gate", closed_at="NULL"), copy(of="won", closed_at="NULL")],
    "handoffs_handoff_round_check": [copy(round="-1")],
    "handoffs_handoff_opened_by_id_key": [copy(opened_by="opened_by_id")],
    "handoff_binding_event": [copy(opened_by="%(history)s")],
    "handoff_terms_fixed": [
        SET.format("due_at = due_at + interval '1 day'"),
        SET.format("due_at = NULL"),
        SET.format("opened_at = opened_at - interval '1 day'"),
        SET.format("round = 9"),
        SET.format("opened_by_id = %(event)s"),
        SET.format("boundary = 'won'"),
        SET.format("lead_id = NULL"),
        SET.format("terms_id = (SELECT max(id) FROM handoffs_laneterms)"),
    ],
    # whose it is
    "handoff_owned_since": [
        SET.format("owned_at = NULL"),
        SET.format("owner_id = NULL, routed_by = 'full', routed_count = NULL"),
        SET.format("owner_id = NULL, owned_at = NULL, routed_by = 'full', routed_count = 3"),
    ],
    "handoff_routed_why": [
        SET.format("routed_by = 'full'"),
        SET.format("routed_by = ''"),
        SET.format("routed_by = 'dice'"),
        SET.format("owner_id = NULL, owned_at = NULL, routed_count = NULL, routed_by = 'assigned'"),
    ],
    "handoffs_handoff_routed_count_check": [SET.format("routed_count = -1")],
    "handoffs_handoff_routed_limit_check": [SET.format("routed_limit = -1")],
    # verdicts
    "handoff_missed_as_of_due": [SET.format("missed_at = due_at + interval '1 s'")],
    "handoff_kept_with_recording": [SET.format("kept_at = now()"), SET.format("kept_recorded_at = now()")],
    "handoff_late_is_missed": [
        SET.format("kept_at = due_at + interval '1 us', kept_recorded_at = due_at"),
        SET.format("kept_at = due_at, kept_recorded_at = due_at + interval '1 us'"),
    ],
    "handoff_cancelled_has_no_verdict": [
        SET.format("cancelled_at = now(), closed_at = now(), missed_at = due_at"),
        SET.format("cancelled_at = now(), closed_at = now(), kept_at = now(), kept_recorded_at = now()"),
    ],
    "handoff_ended_is_closed": [SET.format("cancelled_at = now()")],
    "handoff_verdict_final": [
        "UPDATE handoffs_handoff SET kept_at = NULL, kept_recorded_at = NULL WHERE id = %(kept)s",
        "UPDATE handoffs_handoff SET kept_at = kept_at - interval '1 h' WHERE id = %(kept)s",
        "UPDATE handoffs_handoff SET missed_at = due_at WHERE id = %(kept)s",
        "UPDATE handoffs_handoff SET kept_by_id = NULL WHERE id = %(kept)s",
        "UPDATE handoffs_handoff SET missed_at = NULL WHERE id = %(missed)s",
        # what the ledger withdrew may fall, its miss may not
        "UPDATE handoffs_handoff SET kept_at = NULL, kept_recorded_at = NULL, kept_by_id = NULL, missed_at = NULL "
        "WHERE id = %(unkept_late)s",
        "UPDATE handoffs_handoff SET cancelled_at = NULL WHERE id = %(returned)s",
        "UPDATE handoffs_handoff SET cancelled_at = NULL, missed_at = due_at WHERE id = %(returned)s",
    ],
    # decisions
    "handoff_decision_known": [SET.format("decision = 'maybe', decided_at = now()")],
    "handoff_decision_with_date": [SET.format("decision = 'accepted'"), SET.format("decided_at = now()")],
    "handoff_return_with_reason": [
        SET.format("decision = 'returned', decided_at = now(), closed_at = now()"),
        SET.format("return_reason = 'other'"),
    ],
    "handoff_decided_once": [
        "UPDATE handoffs_handoff SET decision = 'returned', return_reason = 'other', closed_at = now() "
        "WHERE id = %(accepted)s",
        "UPDATE handoffs_handoff SET decided_at = now() + interval '1 s' WHERE id = %(accepted)s",
        "UPDATE handoffs_handoff SET decision = 'pending', decided_at = NULL, return_reason = '' "
        "WHERE id = %(returned)s",
        "UPDATE handoffs_handoff SET decision = 'pending', decided_at = NULL WHERE id = %(accepted)s",
    ],
    "handoff_kept_by_what_stands": [
        SET.format("kept_at = now(), kept_recorded_at = now(), kept_by_id = %(withdrawn)s"),
        copy(kept_by="%(withdrawn)s"),
    ],
    "handoff_closed_once": ["UPDATE handoffs_handoff SET closed_at = NULL WHERE id = %(closed)s"],
    "handoff_excuse_of_a_miss": [
        SET.format("excused_at = now(), excuse_reason = 'system'"),
        "UPDATE handoffs_handoff SET excused_at = now() WHERE id = %(missed)s",
        "UPDATE handoffs_handoff SET excuse_reason = 'system' WHERE id = %(missed)s",
    ],
    # rows that stay
    "append-only": [
        "DELETE FROM handoffs_handoff WHERE id = %(open)s",
        "TRUNCATE handoffs_handoff CASCADE",
        "UPDATE handoffs_laneterms SET target = 1000",
        "DELETE FROM handoffs_laneterms",
        "TRUNCATE handoffs_laneterms CASCADE",
    ],
    # terms, sheets, outbox, sweep
    "terms_version_once": [
        "INSERT INTO handoffs_laneterms (boundary, version, target, unit, warn_at_percent, items) "
        "VALUES ('mql', 1, 24, 'elapsed_hours', '[]', '[]')"
    ],
    "terms_target_with_unit": [
        "INSERT INTO handoffs_laneterms (boundary, version, target, unit, threshold, warn_at_percent, items) "
        f"VALUES ('mql', 9, {target}, '{unit}', 100, '[]', '[]')"
        for target, unit in [(24, ""), ("NULL", "elapsed_hours"), (0, "elapsed_hours"), (1, "fortnights")]
    ],
    "terms_clock_or_gate": [
        "INSERT INTO handoffs_laneterms (boundary, version, unit, warn_at_percent, items) "
        "VALUES ('sql', 9, '', '[]', '[]')",
        "INSERT INTO handoffs_laneterms (boundary, version, unit, threshold, warn_at_percent, items) "
        "VALUES ('sql', 9, '', 101, '[]', '[]')",
    ],
    "handoffs_laneterms_target_check": [
        "INSERT INTO handoffs_laneterms (boundary, version, target, unit, warn_at_percent, items) "
        "VALUES ('mql', 9, -1, 'elapsed_hours', '[]', '[]')"
    ],
    "handoffs_laneterms_version_check": [
        "INSERT INTO handoffs_laneterms (boundary, version, target, unit, warn_at_percent, items) "
        "VALUES ('mql', -1, 1, 'elapsed_hours', '[]', '[]')"
    ],
    "handoffs_customersheet_handoff_id_key": [
        "INSERT INTO handoffs_customersheet (deal_id, handoff_id, terms_id, values, score, missing, submitted_at) "
        "SELECT deal_id, handoff_id, terms_id, '{}', 1, '[]', now() FROM handoffs_customersheet LIMIT 1"
    ],
    "handoffs_sweeprun_marked_check": [
        "INSERT INTO handoffs_sweeprun (id, ran_at, marked, worst_lag_seconds) VALUES (1, now(), -1, 0)"
    ],
    "handoffs_sweeprun_worst_lag_seconds_check": [
        "INSERT INTO handoffs_sweeprun (id, ran_at, marked, worst_lag_seconds) VALUES (1, now(), 0, -1)"
    ],
    "sheet_score_frozen": ["UPDATE handoffs_customersheet SET score = 50"],
    "sheet_score_range": [
        "INSERT INTO handoffs_customersheet (deal_id, terms_id, values, score, missing, submitted_at) "
        "SELECT deal_id, terms_id, '{}', 100.01, '[]', now() FROM handoffs_customersheet LIMIT 1"
    ],
    "handoffs_notice_key": [
        "INSERT INTO handoffs_notice (key, kind, handoff_id, department) "
        "SELECT key, kind, handoff_id, '' FROM handoffs_notice LIMIT 1"
    ],
    "notice_kind_known": ["UPDATE handoffs_notice SET kind = 'rumour'"],
    "notice_about_something": ["UPDATE handoffs_notice SET handoff_id = NULL"],
    # deliveries: to whom, once, with one end
    "delivery_once_a_member": [deliver("app", member="%(member)s", ended="now()", times=2)],
    "delivery_once_a_room": [deliver("chat", outlet="%(room)s", times=2)],
    "delivery_to_somebody": [
        deliver("app", ended="now()"),
        deliver("app", member="%(member)s", outlet="%(room)s", ended="now()"),
        deliver("mail", member="%(member)s"),
        deliver("mail", outlet="%(mail)s"),
        deliver("chat", member="%(member)s", outlet="%(room)s"),
        deliver("chat"),
        deliver("fax", member="%(member)s"),
    ],
    "delivery_app_at_once": [deliver("app", member="%(member)s")],
    "delivery_read_in_the_app": [deliver("mail", member="%(member)s", outlet="%(mail)s", read="now()")],
    "delivery_one_end": ["UPDATE handoffs_delivery SET given_up_at = now() WHERE way = 'app'"],
    "delivery_attempts_bounded": ["UPDATE handoffs_delivery SET attempts = 51"],
    "handoffs_delivery_attempts_check": ["UPDATE handoffs_delivery SET attempts = -1"],
    "delivery_within_another": [
        "UPDATE handoffs_delivery SET within_id = id",
        "UPDATE handoffs_delivery SET is_digest = true, within_id = (SELECT max(id) + 1 FROM handoffs_delivery)",
    ],
    # outlets and choices
    "outlet_mail_once": [outlet("'mail'", "''", "''")],
    "outlet_room_once": [outlet("'chat'", "''", "'https://chat.example/x'")],
    "outlet_room_has_url": [
        outlet("'chat'", "'marketing'", "''"),
        outlet("'mail'", "'marketing'", "''"),
        outlet("'mail'", "''", "'https://chat.example/x'"),
        outlet("'fax'", "''", "''"),
        "UPDATE handoffs_outlet SET url = '' WHERE way = 'chat'",
    ],
    "outlet_kinds_known": ["UPDATE handoffs_outlet SET kinds = '{rumour}'"],
    "outlet_failure_in_full": [
        "UPDATE handoffs_outlet SET failures = 1",
        "UPDATE handoffs_outlet SET failing_since = now()",
        "UPDATE handoffs_outlet SET failure = 'HTTP 404'",
        "UPDATE handoffs_outlet SET failures = 1, failing_since = now()",
    ],
    "handoffs_outlet_failures_check": [
        "UPDATE handoffs_outlet SET failures = -1, failing_since = NULL, failure = ''"
    ],
    "handoffs_noticechoice_member_id_key": [choice(), choice()],
    "notice_choice_quiet_hours": [
        choice(start="'08:00'"),
        choice(end="'08:00'"),
        choice(start="'08:00'", end="'08:00'"),
    ],
    "notice_choice_kinds_known": [choice(mail="'{rumour}'"), choice(chat="'{rumour}'")],
    "notice_choice_chat_id": [choice(chat_id="'<!here>'")],
    "sweep_run_only_one": [
        "INSERT INTO handoffs_sweeprun (id, ran_at, marked, worst_lag_seconds) VALUES (2, now(), 0, 0)"
    ],
}
# Triggers whose refusal does not carry their own name.
# These refuse nothing: they write, and tests/handoffs/test_owed_since.py writes against them.
WRITING = {"handoff_dates_its_lead"}
APPEND_ONLY = {"handoff_no_delete", "handoff_no_truncate", "terms_append_only", "terms_no_truncate"}


@pytest.fixture
def rows(story: Story) -> dict[str, int]:
    """One handoff in each state, and events that no handoff was opened by."""
    made = {name: story.mql() for name in ("open", "kept", "returned", "accepted")}
    story.call(made["kept"])
    story.give_back(made["returned"])
    story.accept(made["accepted"])
    gate = story.sql()
    advocacy = story.advocacy()
    won = Handoff.objects.get(boundary="won")
    with deaf():
        unheard = story.lead()
        leads.certify_mql(unheard.pk, story.people["marketing"], now=moment.now(), reason="inquiry")
        past = story.lead()
        leads.certify_mql(past.pk, story.people["marketing"], now=moment.now(), reason="", history=True)
    late = story.mql(moment.now() - 30 * HOUR)
    story.call(late)
    with deaf():
        call = fresh(late).kept_by
        corrections.withdraw(call.pk, story.people["inside_sales"], now=moment.now(), reason="誤り")
    missed = story.sql(sheet={}, below_threshold_reason="meeting_soon")
    assert Notice.objects.exists()
    notices.spread()
    member = story.people["marketing"].member
    notices.choose(member, by_mail=["missed"], by_chat=[])
    room = Outlet.objects.create(way="chat", url="https://chat.example/x")
    return {
        "member": member.pk,
        "mail": Outlet.objects.get(way="mail").pk,
        "room": room.pk,
        **{name: handoff.pk for name, handoff in made.items()},
        "closed": made["returned"].pk,
        "unkept_late": late.pk,
        "withdrawn": call.pk,
        "missed": missed.pk,
        "gate": gate.pk,
        "won": won.pk,
        "advocacy": advocacy.pk,
        "deal": gate.deal_id,
        "event": unheard.events.get(kind="mql_certified").pk,
        "history": past.events.get(kind="mql_certified").pk,
    }


def test_each_is_refused_by_the_database_and_by_its_own_rule(rows: dict[str, int]) -> None:
    passed: list[str] = []
    with connection.cursor() as cursor:
        # A table with checks still to come cannot be truncated, whoever asks.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name, statement in ((n, s) for n, statements in FORBIDDEN.items() for s in statements):
            try:
                with transaction.atomic():
                    cursor.execute(statement, rows)
            except Refusal as refused:
                if name not in str(refused):
                    passed.append(f"{statement}: {refused}")
            else:
                passed.append(statement)
    assert passed == []


def test_the_row_that_every_refused_copy_is_made_from_is_allowed(rows: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(copy(), rows)
    assert Handoff.objects.filter(lead=Handoff.objects.get(pk=rows["open"]).lead).count() == 2


def test_every_rule_of_these_tables_has_its_statement(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid::regclass::text LIKE 'handoffs_%' "
            "UNION SELECT tgname FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'handoffs_%' "
            "UNION SELECT indexrelid::regclass::text FROM pg_index "
            "WHERE indisunique AND NOT indisprimary AND indrelid::regclass::text LIKE 'handoffs_%'"
        )
        found = {name for (name,) in cursor.fetchall()} - APPEND_ONLY - WRITING
    assert [n for n in sorted(found) if not any(n.startswith(tried) for tried in FORBIDDEN)] == []
