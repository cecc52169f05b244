"""Leads come in, are certified, sent back and closed; a refusal leaves nothing behind."""

from datetime import timedelta
from decimal import Decimal

import pytest

from funnel import moment
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Account, Activity, Deal, Event, Lead, Note, Person
from funnel.stages import EventKind
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from funnel.transitions.leads import LeadFields
from tests.builders import BANT, Sheet, a_deal, a_lead, a_member, an_actor, an_mql, deal_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def kinds(lead: Lead) -> list[str]:
    return list(Event.objects.filter(lead=lead).order_by("id").values_list("kind", flat=True))


def rows() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (Account, Person, Lead, Deal, Activity, Note, Event))


def test_a_new_person_gets_account_person_lead_and_event(now) -> None:
    lead = a_lead(
        now, company="株式会社みなと物流", name="高橋 由美", email="Yumi@Example.JP", campaign="spring"
    )
    assert (lead.account.name_norm, lead.person.email_norm) == ("みなと物流", "yumi@example.jp")
    assert (lead.stage, lead.lead_at, lead.pass_no, lead.campaign.slug) == ("lead", now, 1, "spring")
    assert kinds(lead) == ["lead_captured"]


@pytest.mark.parametrize(
    "again",
    [
        {"external_id": "crm-1"},
        {"email": " YUMI@example.jp "},
        {"company": "(株)みなと物流", "name": "高橋由美"},
    ],
    ids=["external id", "e-mail", "company and name"],
)
def test_the_open_pass_is_found_again(now, again) -> None:
    first = a_lead(
        now, company="みなと物流株式会社", name="高橋 由美", email="yumi@example.jp", external_id="crm-1"
    )
    found = leads.capture(SYSTEM, now=now, fields=LeadFields(**again))
    assert (found.lead.pk, found.created) == (first.pk, False)
    assert Event.objects.count() == 1


def test_missing_details_are_filled_and_known_ones_kept(now) -> None:
    a_lead(now, email="yumi@example.jp", name="高橋 由美", phone="")
    found = leads.capture(
        SYSTEM, now=now, fields=LeadFields(email="yumi@example.jp", name="別名", phone="03-1234-5678")
    )
    assert (found.lead.person.name, found.lead.person.phone_norm) == ("高橋 由美", "0312345678")


def test_somebody_who_comes_back_after_an_outcome_gets_the_next_pass(now) -> None:
    first = a_lead(now, email="back@example.jp")
    leads.disqualify(first.pk, SYSTEM, now=now, reason="not_a_fit")
    second = leads.capture(SYSTEM, now=now, fields=LeadFields(email="back@example.jp"))
    assert (second.created, second.lead.pass_no, second.lead.previous_id) == (True, 2, first.pk)


def test_a_lead_known_only_by_external_id_is_accepted(now) -> None:
    lead = leads.capture(SYSTEM, now=now, fields=LeadFields(external_id="a1b2")).lead
    assert (lead.external_id, lead.person.name, lead.account) == ("a1b2", "", None)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "identity_required"),
        ({"name": "山田"}, "identity_required"),
        ({"company": "A社"}, "identity_required"),
        ({"email": "not an address"}, "bad_email"),
    ],
)
def test_a_lead_without_identity_is_refused_and_nothing_written(now, fields, code) -> None:
    with pytest.raises(BadValue) as refusal:
        leads.capture(SYSTEM, now=now, fields=LeadFields(**fields))
    assert refusal.value.code == code
    assert rows() == (0,) * 7


def test_nothing_happens_in_the_future(now) -> None:
    with pytest.raises(BadValue, match="in_future"):
        a_lead(now, at=now + HOUR)
    assert rows() == (0,) * 7


def test_certifying_opens_with_reason_and_moment(now) -> None:
    lead = leads.certify_mql(a_lead(now, at=now - HOUR).pk, SYSTEM, now=now, reason="資料を3回閲覧")
    event = Event.objects.get(lead=lead, kind=EventKind.MQL_CERTIFIED)
    assert (lead.stage, lead.mql_at, event.reason, event.note.text) == ("mql", now, "other", "資料を3回閲覧")
    assert "閲覧" not in str(event.data)


def test_certifying_before_the_capture_moves_the_capture_back(now) -> None:
    lead = leads.certify_mql(a_lead(now).pk, SYSTEM, now=now, reason="inquiry", occurred_at=now - HOUR)
    assert lead.lead_at == lead.mql_at == now - HOUR
    correction = Event.objects.get(lead=lead, kind=EventKind.EVENT_CORRECTED)
    assert correction.inferred
    assert correction.corrects.kind == EventKind.LEAD_CAPTURED


def test_certifying_twice_is_refused(now) -> None:
    lead = an_mql(now)
    before = rows()
    with pytest.raises(MoveRefused, match="move_not_allowed"):
        leads.certify_mql(lead.pk, SYSTEM, now=now, reason="inquiry")
    assert rows() == before


def test_an_sql_before_its_mql_is_refused(now) -> None:
    lead = an_mql(now)
    before = rows()
    with pytest.raises(MoveRefused) as refusal:
        deal_of(lead, now, at=now - HOUR)
    assert refusal.value.code == "out_of_order"
    assert "MQL" in refusal.value.say("en")
    assert rows() == before


def test_history_keeps_dates_out_of_order_and_says_so(now) -> None:
    lead = a_lead(now, at=now - 2 * HOUR, history=True)
    leads.certify_mql(lead.pk, SYSTEM, now=now, reason="", occurred_at=now - HOUR, history=True)
    leads.certify_sql(
        lead.pk,
        SYSTEM,
        now=now,
        bant={},
        completeness=Sheet(Decimal(0)),
        occurred_at=now - 3 * HOUR,
        history=True,
    )
    lead.refresh_from_db()
    assert lead.date_conflict
    assert (lead.mql_at, lead.sql_at) == (now - HOUR, now - 3 * HOUR)
    assert not Event.objects.filter(lead=lead, binding=True).exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bant": {}}, "bant_required"),
        ({"bant": {"budget": "maybe"}}, "bad_choice"),
        ({"bant": {"mood": "met"}}, "bad_choice"),
        ({"meeting_at": None}, "meeting_required"),
        ({"completeness": Sheet(Decimal(50))}, "sheet_reason_required"),
    ],
)
def test_what_an_sql_needs(now, change, code) -> None:
    lead = an_mql(now)
    before = rows()
    known = {"bant": BANT, "completeness": Sheet(Decimal(100)), "meeting_at": now + HOUR}
    with pytest.raises(BadValue) as refusal:
        leads.certify_sql(lead.pk, SYSTEM, now=now, **(known | change))
    assert refusal.value.code == code
    assert refusal.value.say("ja")
    assert rows() == before


def test_certifying_sql_opens_a_deal_with_everything_that_was_heard(now) -> None:
    deal = a_deal(now)
    assert kinds(deal.lead)[-4:] == [
        "qualification_recorded",
        "meeting_booked",
        "sql_certified",
        "deal_opened",
    ]
    assert (deal.state, deal.opened_at, deal.lead.stage) == ("open", now, "sql")
    assert deal.lead.qualifications.latest().answers() == BANT


def test_an_mql_sent_back_keeps_its_place_in_the_counts(now) -> None:
    lead = an_mql(now, at=now - HOUR)
    leads.send_back(lead.pk, SYSTEM, now=now, boundary="mql", reason="incomplete")
    lead.refresh_from_db()
    assert (lead.stage, lead.mql_at) == ("lead", now - HOUR)
    again = leads.certify_mql(lead.pk, SYSTEM, now=now, reason="inquiry")
    assert (again.stage, again.mql_at) == ("mql", now - HOUR)


def test_a_returned_deal_comes_back_as_the_same_deal(now) -> None:
    deal = a_deal(now)
    leads.send_back(deal.lead_id, SYSTEM, now=now, boundary="sql", reason="no_budget", deal_id=deal.pk)
    deal.refresh_from_db()
    assert (deal.state, deal.lead.stage) == ("returned", "mql")
    assert deal_of(deal.lead, now).pk == deal.pk
    assert kinds(deal.lead).count("deal_opened") == 1


def test_returning_needs_a_reason(now) -> None:
    with pytest.raises(BadValue, match="reason_required"):
        leads.send_back(an_mql(now).pk, SYSTEM, now=now, boundary="mql", reason=" ")


@pytest.mark.parametrize(
    ("kind", "direction", "is_human", "event"),
    [
        ("call", "outbound", True, "contact_attempted"),
        ("mail", "outbound", True, "contact_attempted"),
        ("mail", "outbound", False, "activity_logged"),
        ("call", "inbound", True, "activity_logged"),
        ("note", "internal", True, "activity_logged"),
        ("note", "outbound", True, "activity_logged"),
    ],
)
def test_only_human_outbound_contact_is_an_attempt(now, kind, direction, is_human, event) -> None:
    lead = an_mql(now)
    leads.log(lead.pk, SYSTEM, now=now, kind=kind, direction=direction, is_human=is_human)
    lead.refresh_from_db()
    assert kinds(lead)[-1] == event
    assert (lead.first_contact_at is not None) == (event == "contact_attempted")


def test_whoever_first_calls_owns_an_unowned_lead(now) -> None:
    actor = an_actor("inside_sales", now=now)
    lead = an_mql(now)
    leads.log(lead.pk, actor, now=now, kind="call", note="折り返し")
    lead.refresh_from_db()
    assert lead.owner == actor.member
    assert lead.activities.get().note.text == "折り返し"


def test_an_unknown_kind_of_activity_is_refused(now) -> None:
    with pytest.raises(BadValue) as refusal:
        leads.log(an_mql(now).pk, SYSTEM, now=now, kind="fax")
    assert refusal.value.code == "bad_choice"
    assert "call" in refusal.value.say("en")


def test_nurture_closes_the_pass_until_a_date(now) -> None:
    lead = leads.recycle(
        an_mql(now).pk, SYSTEM, now=now, reason="timing", wake_up_on=(now + 30 * 24 * HOUR).date()
    )
    assert (lead.outcome, lead.closed_at, lead.is_counted) == ("recycled", now, True)
    woken = leads.reopen_pass(lead.person_id, SYSTEM, now=now)
    assert (woken.pass_no, woken.previous_id) == (2, lead.pk)
    with pytest.raises(MoveRefused, match="lead_open"):
        leads.reopen_pass(lead.person_id, SYSTEM, now=now)


def test_nurture_until_yesterday_is_refused(now) -> None:
    with pytest.raises(BadValue, match="wake_up_past"):
        leads.recycle(an_mql(now).pk, SYSTEM, now=now, reason="timing", wake_up_on=now.date())


def test_nurture_ends_after_the_organisation_s_today_not_after_utc_s(now) -> None:
    evening = now.replace(hour=20, minute=0) + 24 * HOUR
    moment.simulate(evening)
    lead = an_mql(evening)
    already_today = (evening + 24 * HOUR).date()
    with pytest.raises(BadValue, match="wake_up_past"):
        leads.recycle(lead.pk, SYSTEM, now=evening, reason="timing", wake_up_on=already_today)
    tomorrow = already_today + timedelta(days=1)
    assert leads.recycle(lead.pk, SYSTEM, now=evening, reason="timing", wake_up_on=tomorrow).outcome


def test_a_closed_lead_takes_no_more_acts(now) -> None:
    lead = leads.disqualify(an_mql(now).pk, SYSTEM, now=now, reason="spam")
    with pytest.raises(MoveRefused, match="lead_closed"):
        deal_of(lead, now)


def test_a_second_contact_joins_the_deal_of_its_account(now) -> None:
    deal = a_deal(now, company="A社")
    second = a_lead(now, company="A社", name="別の人")
    joined = leads.join(second.pk, deal.pk, SYSTEM, now=now)
    assert (joined.outcome, joined.is_counted) == ("joined", True)
    with pytest.raises(BadValue, match="other_account"):
        leads.join(a_lead(now).pk, deal.pk, SYSTEM, now=now)


def test_merging_closes_the_younger_pass_and_uncounts_it(now) -> None:
    old, young = a_lead(now, at=now - HOUR), a_lead(now)
    leads.merge_people(old.person_id, young.person_id, SYSTEM, now=now)
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.is_open, young.outcome, young.is_counted) == (True, "merged", False)
    assert young.person.merged_into_id == old.person_id
    with pytest.raises(BadValue, match="same_person"):
        leads.merge_people(old.person_id, old.person_id, SYSTEM, now=now)


def test_assigning_is_recorded_once(now) -> None:
    lead, owner = an_mql(now), a_member("inside_sales")
    leads.assign(lead.pk, SYSTEM, now=now, owner=owner)
    leads.assign(lead.pk, SYSTEM, now=now, owner=owner)
    assert kinds(lead).count("owner_assigned") == 1


def test_side_facts_change_without_touching_the_stage(now) -> None:
    lead = an_mql(now)
    changed = leads.describe(lead.pk, SYSTEM, now=now, channel="展示会", title="部長", email="NEW@example.jp")
    assert (changed.channel.slug, changed.person.title, changed.person.email_norm) == (
        "展示会",
        "部長",
        "new@example.jp",
    )
    assert changed.stage == "mql"
    other = a_lead(now, email="taken@example.jp")
    with pytest.raises(BadValue, match="email_taken"):
        leads.describe(lead.pk, SYSTEM, now=now, email=other.person.email)


@pytest.mark.parametrize(
    ("department", "act"),
    [
        ("customer_success", lambda lead, by, now: leads.certify_mql(lead.pk, by, now=now, reason="inquiry")),
        ("field_sales", lambda lead, by, now: leads.certify_mql(lead.pk, by, now=now, reason="inquiry")),
        (
            "marketing",
            lambda lead, by, now: leads.send_back(lead.pk, by, now=now, boundary="mql", reason="other"),
        ),
        ("customer_success", lambda lead, by, now: leads.disqualify(lead.pk, by, now=now, reason="spam")),
    ],
)
def test_an_act_belongs_to_its_department(now, department, act) -> None:
    lead = a_lead(now)
    before = rows()
    with pytest.raises(NotYours, match="not_yours"):
        act(lead, an_actor(department, now=now), now)
    assert rows() == before


def test_who_belongs_nowhere_only_looks(now) -> None:
    with pytest.raises(NotYours, match="read_only"):
        a_lead(now, by=an_actor(now=now))


def test_who_writes_under_a_merged_record_is_the_one_it_was_merged_into(now) -> None:
    first, second, third = (
        a_lead(now, email=f"p{n}@example.jp", company="A社", name=f"名{n}") for n in "123"
    )
    leads.merge_people(second.person_id, first.person_id, SYSTEM, now=now)
    leads.merge_people(third.person_id, second.person_id, SYSTEM, now=now)
    known = Person.objects.count()
    by_mail = leads.capture(SYSTEM, now=now, fields=leads.LeadFields(email="P1@example.jp"))
    by_name = leads.capture(SYSTEM, now=now, fields=leads.LeadFields(company="A社", name="名2"))
    standing = Lead.objects.get(outcome=None)
    assert [(c.created, c.lead.pk) for c in (by_mail, by_name)] == [(False, standing.pk)] * 2
    leads.disqualify(standing.pk, SYSTEM, now=now, reason="spam")
    again = leads.capture(SYSTEM, now=now, fields=leads.LeadFields(email="p1@example.jp"))
    assert (again.created, again.lead.person_id) == (True, third.person_id)
    assert Person.objects.count() == known


def test_the_open_pass_of_a_merged_record_is_continued(now) -> None:
    old, open_one = a_lead(now, email="k@example.jp"), a_lead(now, email="m@example.jp")
    leads.disqualify(old.pk, SYSTEM, now=now, reason="spam")
    leads.merge_people(old.person_id, open_one.person_id, SYSTEM, now=now)
    for email in ("k@example.jp", "m@example.jp"):
        found = leads.capture(SYSTEM, now=now, fields=leads.LeadFields(email=email))
        assert (found.created, found.lead.pk) == (False, open_one.pk)
