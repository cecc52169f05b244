"""Leads from files: matched, created, filled in, never doubled."""

from datetime import timedelta

import pytest

from funnel.models import Account, Activity, Channel, Event, ImportRow, Lead, Member, Person
from funnel.stages import EventKind, Outcome, Stage
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from handoffs.models import Handoff
from tests.funnel.ingest.conftest import CSV, reasons, table, totals


def ago(now, **how):
    return (now - timedelta(**how)).isoformat()


def test_a_past_lead_brings_its_stages_and_owes_nobody_anything(take):
    batch = take(
        "leads",
        table(
            "external_id,company,name,email,channel,created_at,mql_at,first_contact_at,sql_at,inside_sales_owner",
            ("L1", "株式会社 東京商事", "山田 太郎", "T@Example.jp", "展示会", "2024-01-05", "2024-01-06", "2024-01-07",
             "2024-01-20", "sato"),
        ),
        history=True,
    )  # fmt: skip
    lead = Lead.objects.get(external_id="L1")
    assert totals(batch) == (1, 1, 0, 0, 0)
    assert (lead.stage, lead.inferred, lead.channel.name, lead.owner.is_active) == (
        Stage.SQL,
        [],
        "展示会",
        False,
    )
    assert lead.account.name_norm == "東京商事"
    assert lead.person.email_norm == "t@example.jp"
    assert lead.first_contact_at is not None
    assert lead.deals.get().state == "open"
    assert not Event.objects.filter(lead=lead, binding=True).exists()
    assert not Handoff.objects.exists()
    assert batch.report["new_channels"] == ["展示会"]
    assert batch.report["new_members"] == ["sato"]


def test_events_of_a_lead_are_those_that_single_acts_would_write(take, now):
    take("leads", table("external_id,created_at,mql_at", ("L1", ago(now, hours=3), ago(now, hours=2))))
    said = list(
        Event.objects.filter(lead__external_id="L1").order_by("id")
        .values_list("kind", "department", "source", "binding", "inferred", "reason")
    )  # fmt: skip
    assert said == [
        ("lead_captured", "marketing", "csv", True, False, ""),
        ("mql_certified", "marketing", "csv", True, False, "other"),
    ]


def test_a_second_reading_changes_nothing(take, now):
    file = table(
        "external_id,company,name,email,phone,title,channel,campaign,segment,created_at,mql_at,first_contact_at,owner",
        ("L1", "甲社", "山田", "a@example.jp", "03-1", "部長", "展示会", "春", "製造", ago(now, days=3), ago(now, days=2),
         ago(now, days=1), "sato"),
        ("L2", "", "", "", "", "", "", "", "", "", ago(now, days=2), "", ""),
        ("", "乙社", "佐藤", "", "", "", "", "", "", "", "", "", ""),
        ("", "", "", "c@example.jp", "", "", "", "", "", "", "", ago(now, days=2), ""),
    )  # fmt: skip
    assert totals(take("leads", file)) == (4, 4, 0, 0, 0)
    events = Event.objects.count()
    assert totals(take("leads", file)) == (4, 0, 0, 4, 0)
    assert Event.objects.count() == events + 1  # The reading itself.


def test_a_changed_row_updates_and_keeps_the_rest(take):
    take("leads", table("external_id,company,name,channel", ("L1", "甲社", "山田", "展示会")), history=True)
    batch = take(
        "leads", table("external_id,name,phone,channel", ("L1", "山田 花子", "03-1", "広告")), history=True
    )
    lead = Lead.objects.get()
    assert totals(batch) == (1, 0, 1, 0, 0)
    assert (lead.person.name, lead.person.phone, lead.channel.name) == ("山田 花子", "03-1", "広告")
    assert lead.account.name == "甲社"


def test_matching_goes_by_external_id_then_email_then_company_and_name(take):
    take("leads", table("external_id,email,company,name", ("L1", "a@example.jp", "株式会社甲", "山田 太郎")))
    batch = take(
        "leads",
        table(
            "external_id,email,company,name,title",
            ("L1", "", "", "", "課長"),
            ("", "A@EXAMPLE.JP", "", "", "課長"),
            ("", "", "㈱甲", "山田太郎", "課長"),
        ),
    )
    assert totals(batch) == (3, 0, 1, 2, 0)
    assert Lead.objects.count() == Person.objects.count() == Account.objects.count() == 1


def test_the_same_lead_twice_in_one_file_is_one_lead(take):
    batch = take(
        "leads", table("external_id,email", *[(f"L{i % 3}", f"p{i % 3}@example.jp") for i in range(9)])
    )
    assert totals(batch) == (9, 3, 0, 6, 0)


def test_another_id_for_the_same_mailbox_does_not_open_a_second_lead(take):
    file = table("external_id,email,title", ("L1", "a@example.jp", "課長"), ("L2", "a@example.jp", "部長"))
    batch = take("leads", file)
    assert totals(batch) == (2, 1, 0, 1, 0)
    assert batch.report["flags"]["same_person"] == [3]
    assert totals(take("leads", file)) == (2, 0, 0, 2, 0)


def test_a_person_who_comes_back_after_an_end_gets_a_new_pass(take, now):
    take("leads", table("external_id,email,created_at", ("L1", "a@example.jp", ago(now, days=9))))
    Lead.objects.update(outcome=Outcome.DISQUALIFIED, closed_at=now - timedelta(days=5))
    again = table("external_id,email,created_at", ("L2", "a@example.jp", ago(now, days=1)))
    assert totals(take("leads", again)) == (1, 1, 0, 0, 0)
    new = Lead.objects.get(external_id="L2")
    assert (new.pass_no, new.previous.external_id, new.is_open) == (2, "L1", True)
    assert totals(take("leads", again)) == (1, 0, 0, 1, 0)


def test_stages_arrive_one_file_after_another(take, now):
    take("leads", table("external_id,created_at", ("L1", ago(now, hours=30))))
    assert totals(take("leads", table("external_id,mql_at", ("L1", ago(now, hours=20))))) == (1, 0, 1, 0, 0)
    lead = Lead.objects.get()
    assert (lead.stage, lead.inferred) == (Stage.MQL, [])
    promise = Handoff.objects.get()
    assert promise.opened_at == lead.mql_at
    assert promise.due_at == lead.mql_at + timedelta(hours=24)
    contact = table("external_id,first_contact_at", ("L1", ago(now, hours=19)))
    assert totals(take("leads", contact)) == (1, 0, 1, 0, 0)
    promise.refresh_from_db()
    assert promise.kept_at == now - timedelta(hours=19)
    assert promise.missed_at is None
    assert totals(take("leads", contact)) == (1, 0, 0, 1, 0)


def test_a_date_for_an_inferred_stage_takes_its_place(take):
    take("leads", table("external_id,mql_at", ("L1", "2024-02-01")), history=True)
    assert Lead.objects.get().inferred == ["lead"]
    batch = take(
        "leads", table("external_id,created_at,mql_at", ("L1", "2024-01-01", "2024-02-01")), history=True
    )
    lead = Lead.objects.get()
    assert totals(batch) == (1, 0, 1, 0, 0)
    assert (lead.inferred, lead.lead_at.isoformat()) == ([], "2023-12-31T15:00:00+00:00")


def test_a_corrected_date_is_a_correction(take):
    take("leads", table("external_id,created_at,mql_at", ("L1", "2024-01-01", "2024-02-01")), history=True)
    moved = table("external_id,created_at,mql_at", ("L1", "2024-01-01", "2024-02-03"))
    assert totals(take("leads", moved, history=True)) == (1, 0, 1, 0, 0)
    assert Event.objects.filter(kind=EventKind.EVENT_CORRECTED).count() == 1
    assert Lead.objects.get().mql_at.isoformat() == "2024-02-02T15:00:00+00:00"
    assert totals(take("leads", moved, history=True)) == (1, 0, 0, 1, 0)


def test_dates_out_of_order_are_kept_flagged_and_reported(take):
    file = table("external_id,created_at,mql_at", ("L1", "2024-03-01", "2024-02-01"))
    batch = take("leads", file, history=True)
    lead = Lead.objects.get()
    assert lead.date_conflict
    assert lead.mql_at < lead.lead_at
    assert batch.report["flags"]["date_conflict"] == [2]
    assert totals(take("leads", file, history=True)) == (1, 0, 0, 1, 0)


def test_rows_older_than_thirty_days_need_history(take, now):
    file = table("external_id,mql_at", ("L1", ago(now, days=31)), ("L2", ago(now, days=29)))
    batch = take("leads", file)
    assert totals(batch) == (2, 1, 0, 0, 1)
    assert reasons(batch) == {2: "too_old"}


def test_live_leads_open_promises_that_are_judged_by_when_they_happened(take, now):
    take(
        "leads",
        table(
            "external_id,mql_at,first_contact_at",
            ("kept", ago(now, hours=10), ago(now, hours=9)),
            ("open", ago(now, hours=10), ""),
            ("missed", ago(now, hours=30), ""),
            ("late", ago(now, hours=30), ago(now, hours=1)),
            ("recorded late", ago(now, hours=30), ago(now, hours=29)),
            ("before", ago(now, hours=10), ago(now, hours=11)),
        ),
    )
    found = dict(Handoff.objects.with_promise(now).values_list("lead__external_id", "promise"))
    assert found == {
        "kept": "kept", "open": "open", "missed": "missed", "late": "kept_late", "recorded late": "kept_late",
        "before": "open",
    }  # fmt: skip
    assert Activity.objects.count() == 4


def test_company_and_channel_are_shared_by_the_rows_of_a_file(take):
    take("leads", table("company,name,channel", *[("株式会社甲", f"担当{i}", "展示会") for i in range(20)]))
    assert Account.objects.count() == Channel.objects.count() == 1
    assert Lead.objects.count() == 20


def test_an_owner_is_found_by_id_login_or_name(take):
    known = Member.objects.create_user("ito@example.jp", name="伊藤", password="x")
    take("leads", table("external_id,owner", ("1", "ITO@example.jp"), ("2", "伊藤"), ("3", "unknown")))
    owners = dict(Lead.objects.values_list("external_id", "owner__name"))
    assert owners == {"1": "伊藤", "2": "伊藤", "3": "unknown"}
    assert known.leads.count() == 2


def test_an_erased_person_stays_erased(take, now):
    take("leads", table("external_id,name,email", ("L1", "山田", "a@example.jp")))
    Person.objects.update(name="", name_norm="", email="", email_norm=None, erased_at=now)
    assert totals(take("leads", table("external_id,name,email", ("L1", "山田", "a@example.jp")))) == (
        1,
        0,
        0,
        1,
        0,
    )
    assert Person.objects.get().name == ""


def test_a_mailbox_of_somebody_else_rejects_the_change_and_only_that(take):
    take("leads", table("external_id,email", ("L1", "a@example.jp"), ("L2", "b@example.jp")))
    batch = take(
        "leads", table("external_id,email,title", ("L1", "b@example.jp", "x"), ("L2", "b@example.jp", "部長"))
    )
    assert reasons(batch) == {2: "email_taken"}
    assert dict(Lead.objects.values_list("external_id", "person__title")) == {"L1": "", "L2": "部長"}


@pytest.mark.django_db
def test_queries_do_not_grow_with_the_rows(django_assert_max_num_queries):
    from funnel.ingest.read import read

    for count, name in ((10, "a"), (900, "b")):
        rows = [(f"{name}{i}", f"会社{name}{i}", "山田", "2024-01-01", "2024-01-02") for i in range(count)]
        with django_assert_max_num_queries(45):
            read(table("external_id,company,name,created_at,mql_at", *rows), "leads", by=CSV, history=True)


def test_a_row_of_a_merged_record_speaks_of_the_one_it_was_merged_into(take, now):
    file = table(
        "company,name,email", ("甲", "山田", "a@example.jp"), ("乙", "佐藤", "b@example.jp"), ("丙", "林", "")
    )
    take("leads", file)
    one, two, three = Person.objects.order_by("id")
    for kept, merged in ((two, one), (two, three)):
        leads.merge_people(kept.pk, merged.pk, SYSTEM, now=now)
    rows = table("company,name,email", ("", "", "A@example.jp"), ("丙", "林", ""), ("", "", "b@example.jp"))
    assert totals(take("leads", rows)) == (3, 0, 0, 3, 0)
    assert (Person.objects.count(), Lead.objects.filter(outcome=None).count()) == (3, 1)


def test_a_row_that_is_too_old_is_named_by_its_local_day(take):
    batch = take("leads", table("external_id,created_at", ("L1", "2020-01-04T15:30:00+00:00")))
    row = ImportRow.objects.get(batch=batch)
    assert (row.reason, row.params) == ("too_old", {"at": "2020-01-05"})
