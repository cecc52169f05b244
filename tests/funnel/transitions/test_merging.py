"""Two records of one person become one: what goes over, what closes, who may, and two who try at once."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from funnel.errors import BadValue, MoveRefused, NotYours, Refused
from funnel.models import Account, Event, Lead, Person
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM, Actor
from tests.builders import a_lead, a_member, an_actor, an_mql, deal_of

pytestmark = pytest.mark.django_db


def pair(now, **of_second):
    """Two records of 高橋 由美: the older with a mailbox, the younger with a phone and a title."""
    first = a_lead(
        now, at=now - timedelta(hours=1), company="みなと", name="高橋 由美", email="yumi@example.jp"
    )
    known = {
        "company": "みなと物流",
        "name": "髙橋由美",
        "email": "y.takahashi@example.jp",
        "phone": "03-1234-5678",
        "title": "部長",
        "name_kana": "タカハシ ユミ",
    }
    second = a_lead(now, **(known | of_second))
    return first, second


def test_what_only_the_other_record_knows_goes_over(now) -> None:
    first, second = pair(now)
    kept = leads.merge_people(first.person_id, second.person_id, SYSTEM, now=now)
    kept.refresh_from_db()
    assert (kept.name, kept.email, kept.account.name) == ("高橋 由美", "yumi@example.jp", "みなと")
    assert (kept.phone, kept.phone_norm, kept.title) == ("03-1234-5678", "0312345678", "部長")
    event = Event.objects.get(kind="records_merged")
    assert event.data == {
        "kept": first.person_id, "absorbed": second.person_id, "taken": ["name_kana", "title", "phone"],
    }  # fmt: skip
    assert (event.lead_id, Lead.objects.get(pk=second.pk).outcome) == (second.pk, "merged")


def test_what_is_asked_for_goes_over_with_its_normal_form(now) -> None:
    first, second = pair(now)
    chosen = ("name", "email", "account")
    kept = leads.merge_people(first.person_id, second.person_id, SYSTEM, now=now, take=chosen)
    kept.refresh_from_db()
    assert (kept.name_norm, kept.email_norm) == ("髙橋由美", "y.takahashi@example.jp")
    assert kept.account == Account.objects.get(name="みなと物流")
    assert "ミナト物流" in kept.search_text
    again = leads.capture(SYSTEM, now=now, fields=leads.LeadFields(email="yumi@example.jp"))
    assert (again.created, again.lead.pk) == (False, first.pk)


def test_a_merge_that_closes_no_lead_is_in_the_ledger_too(now) -> None:
    first, second = pair(now)
    leads.disqualify(second.pk, SYSTEM, now=now, reason="spam")
    leads.merge_people(first.person_id, second.person_id, SYSTEM, now=now)
    event = Event.objects.get(kind="records_merged")
    assert (event.lead_id, event.data["kept"]) == (None, first.person_id)
    assert Lead.objects.get(pk=second.pk).outcome == "disqualified"


@pytest.mark.parametrize("role", ["lead", "administrator", "administering lead"])
def test_leads_and_administrators_merge(now, role: str) -> None:
    member = a_member(
        *(["marketing"] if "lead" in role else []), role="lead", is_administrator="administ" in role
    )
    first, second = pair(now)
    leads.merge_people(first.person_id, second.person_id, Actor.of(member, "html", now=now), now=now)
    assert Event.objects.get(kind="records_merged").department == ("marketing" if "lead" in role else "")


def test_a_member_and_a_viewer_do_not_merge(now) -> None:
    first, second = pair(now)
    for by, code in ((an_actor("marketing", now=now), "leads_only"), (an_actor(now=now), "leads_only")):
        with pytest.raises(NotYours, match=code):
            leads.merge_people(first.person_id, second.person_id, by, now=now)
    assert not Person.objects.exclude(merged_into=None).exists()


def test_what_cannot_be_merged_is_refused_and_nothing_is_written(now) -> None:
    first, second = pair(now)
    with pytest.raises(BadValue, match="bad_choice"):
        leads.merge_people(first.person_id, second.person_id, SYSTEM, now=now, take=["salary"])
    deal_of(leads.certify_mql(second.pk, SYSTEM, now=now, reason="inquiry"), now)
    with pytest.raises(MoveRefused, match="move_not_allowed"):
        leads.merge_people(first.person_id, second.person_id, SYSTEM, now=now)
    assert not Person.objects.exclude(merged_into=None).exists()
    third = an_mql(now)
    leads.merge_people(first.person_id, third.person_id, SYSTEM, now=now)
    for keep, absorb in ((second, third), (third, second)):
        with pytest.raises(MoveRefused, match="already_done"):
            leads.merge_people(keep.person_id, absorb.person_id, SYSTEM, now=now)


def test_the_database_refuses_two_standing_records_with_one_mailbox_and_a_merged_pass_opened_again(
    now,
) -> None:
    first, second = pair(now)
    leads.merge_people(first.person_id, second.person_id, SYSTEM, now=now, take=["email"])
    for statement, pk in (
        ("UPDATE funnel_person SET merged_into_id = NULL, email_norm = (SELECT email_norm FROM funnel_person"
         " WHERE merged_into_id IS NULL AND name = '高橋 由美') WHERE id = %s", second.person_id),
        ("UPDATE funnel_lead SET outcome = NULL, closed_at = NULL WHERE id = %s", second.pk),
        ("UPDATE funnel_lead SET is_counted = true WHERE id = %s", second.pk),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [pk])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_the_same_pair_at_once_one_is_refused(now) -> None:
    first, second = pair(now)
    gate, said = threading.Barrier(2), []

    def merge(keep: int, absorb: int) -> None:
        gate.wait()
        try:
            leads.merge_people(keep, absorb, SYSTEM, now=now)
            said.append("merged")
        except Refused as refused:
            said.append(refused.code)
        finally:
            connections.close_all()

    ids = (first.person_id, second.person_id)
    hands = [threading.Thread(target=merge, args=pair_of) for pair_of in (ids, ids[::-1])]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sorted(said) == ["already_done", "merged"]
    assert Person.objects.filter(merged_into=None).count() == 1
    assert Lead.objects.filter(outcome=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_is_captured_while_being_merged_keeps_one_open_lead(now) -> None:
    first, second = pair(now)
    gate = threading.Barrier(2)

    def capture() -> None:
        gate.wait()
        leads.capture(SYSTEM, now=now, fields=leads.LeadFields(email="y.takahashi@example.jp"))
        connections.close_all()

    hand = threading.Thread(target=capture)
    hand.start()
    gate.wait()
    leads.merge_people(first.person_id, second.person_id, SYSTEM, now=now)
    hand.join()
    assert Lead.objects.filter(outcome=None).count() == 1
