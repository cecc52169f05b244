"""A file undone: what it made is taken back by corrections, what others used since stays, and all counts agree."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection

from dashboards import counts
from dashboards.counts.ledger import findings
from funnel import moment
from funnel.errors import BadValue
from funnel.ingest import undoing
from funnel.models import (
    Activity,
    Contract,
    Customer,
    Deal,
    Event,
    ImportBatch,
    ImportRow,
    Lead,
    Person,
    SpendEntry,
    TrafficReading,
    UsageReading,
)
from funnel.stages import EventKind, Outcome
from funnel.transitions import customers, leads
from funnel.transitions.acting import SYSTEM
from handoffs.models import Handoff
from tests.builders import a_contract, a_lead, an_actor, an_mql
from tests.funnel.ingest.conftest import CSV, table, totals

pytestmark = pytest.mark.django_db


def undo(batch: ImportBatch) -> ImportBatch:
    now = moment.now()
    assert undoing.begin(batch.pk, CSV, now=now)
    assert undoing.go_on(batch.pk, by=CSV, seconds=60)
    batch.refresh_from_db()
    assert batch.status == "undone"
    assert batch.undone + batch.kept == batch.created + batch.updated
    return batch


def clean() -> None:
    assert [(f.check, f.examples) for f in findings() if f.count] == []


def counted() -> dict:
    """Every count that is not zero, folded or not."""
    counts.fold()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT measure, stage, day, channel_id, inferred, n FROM dashboards_dailycount WHERE n <> 0"
        )
        return {row[:5]: row[5] for row in cursor.fetchall()}


def days_ago(now, days: float) -> str:
    return (now - timedelta(days=days)).isoformat()


def two_leads(now) -> object:
    return table(
        "external_id,company,name,email,mql_at,first_contact_at,sql_at",
        ("a", "みなと", "高橋", "t@example.jp", days_ago(now, 0.3), days_ago(now, 0.2), days_ago(now, 0.1)),
        ("b", "やま", "佐藤", "s@example.jp", days_ago(now, 0.3), "", ""),
        ("c", "", "", "", "", "", "nonsense"),
    )


def test_leads_are_withdrawn_with_their_counts_deals_and_promises(take, now):
    standing = a_lead(now)
    before = counted()
    batch = take("leads", two_leads(now))
    assert totals(batch) == (3, 2, 0, 0, 1)
    assert Handoff.objects.filter(boundary="mql", closed_at=None).count() == 1
    undo(batch)
    assert (batch.undone, batch.kept) == (2, 0)
    assert counted() == before
    gone = Lead.objects.exclude(pk=standing.pk)
    assert {(x.outcome, x.is_counted, x.mql_at, x.external_id) for x in gone} == {
        ("withdrawn", False, None, None)
    }
    assert [d.state for d in Deal.objects.all()] == ["void"]
    rounds = {h.lead.pk: h for h in Handoff.objects.filter(boundary="mql", opened_by__source="csv")}
    assert len(rounds) == 2
    assert all(h.closed_at for h in rounds.values())
    assert all(h.cancelled_at for h in rounds.values())
    assert Event.objects.filter(kind="lead_captured").count() == 3, "facts are never deleted"
    assert Event.objects.get(kind=EventKind.IMPORT_UNDONE).data["undone"] == 2
    assert set(ImportRow.objects.filter(batch=batch).values_list("undo", flat=True)) == {"undone", ""}
    clean()


def test_the_same_file_is_imported_anew_and_undone_again(take, now):
    before = counted()
    for turn in (1, 2, 3):
        batch = take("leads", two_leads(now))
        assert totals(batch) == (3, 2, 0, 0, 1), turn
        assert Lead.objects.filter(outcome=None).count() == 2
        clean()
        undo(batch)
        assert counted() == before
    assert Person.objects.count() == 2, "the people are the same"
    assert sorted(Lead.objects.values_list("pass_no", flat=True)) == [1, 1, 2, 2, 3, 3]
    assert not Lead.objects.exclude(previous=None).exists(), "a withdrawn pass was none to come back from"
    clean()


def test_a_lead_somebody_worked_on_is_kept_and_says_why(take, now):
    batch = take("leads", two_leads(now))
    used = Lead.objects.get(external_id="b")
    leads.log(used.pk, an_actor("inside_sales", now=now), now=now, kind="call")
    undo(batch)
    assert (batch.undone, batch.kept) == (1, 1)
    used.refresh_from_db()
    assert used.is_open
    assert used.external_id == "b"
    row = ImportRow.objects.get(batch=batch, undo="kept")
    assert (row.record_id, row.undo_reason) == (used.pk, "worked_on")
    clean()


def test_what_happens_by_itself_is_nobodys_work(take, now):
    batch = take("leads", two_leads(now))
    lead = Lead.objects.get(external_id="b")
    leads.assign(lead.pk, SYSTEM, now=now, owner=an_actor("inside_sales", now=now).member)
    assert undo(batch).kept == 0


def test_a_later_file_holds_an_earlier_one_until_it_is_undone(take, now):
    first = take("leads", two_leads(now))
    second = take("leads", table("external_id,sql_at", ("b", days_ago(now, 0.05))))
    assert totals(second) == (1, 0, 1, 0, 0)
    assert Lead.objects.get(external_id="b").stage == "sql"
    undo(second)
    lead = Lead.objects.get(external_id="b")
    assert (lead.stage, lead.sql_at) == ("mql", None)
    assert [d.state for d in lead.deals.all()] == ["void"]
    clean()
    assert undo(first).kept == 0
    clean()


def test_undone_in_the_wrong_order_the_earlier_file_keeps_what_the_later_one_uses(take, now):
    first = take("leads", two_leads(now))
    take("leads", table("external_id,sql_at", ("b", days_ago(now, 0.05))))
    undo(first)
    assert ImportRow.objects.get(batch=first, undo="kept").undo_reason == "imported_since"
    clean()


def test_changes_of_side_facts_are_put_back(take, now):
    lead = a_lead(
        now, company="", name="旧姓", email="one@example.jp", external_id="x1", segment="IT", channel="web"
    )
    before = counted()
    batch = take(
        "leads",
        table(
            "external_id,company,name,email,phone,segment,channel,campaign,created_at,inside_sales_owner",
            (
                "x1",
                "みなと",
                "新姓",
                "two@example.jp",
                "03-1111-2222",
                "製造",
                "fair",
                "c1",
                days_ago(now, 1),
                "E9",
            ),
        ),
    )
    assert totals(batch) == (1, 0, 1, 0, 0)
    undo(batch)
    lead.refresh_from_db()
    person = lead.person
    assert (person.name, person.email, person.email_norm) == ("旧姓", "one@example.jp", "one@example.jp")
    assert (person.phone, person.account_id, lead.account_id) == ("", None, None)
    assert (lead.segment, lead.channel.slug, lead.campaign_id, lead.owner_id) == ("IT", "web", None, None)
    assert counted() == before
    clean()


def test_a_fact_somebody_changed_since_is_not_overwritten(take, now):
    lead = a_lead(now, external_id="x1", segment="IT")
    batch = take("leads", table("external_id,segment", ("x1", "製造")))
    Lead.objects.filter(pk=lead.pk).update(segment="小売")
    undo(batch)
    lead.refresh_from_db()
    assert lead.segment == "小売"
    assert ImportRow.objects.get(batch=batch).undo_reason == "worked_on"


def test_two_rows_of_one_person_are_taken_back_together(take, now):
    batch = take(
        "leads",
        table("email,name,phone", ("t@example.jp", "高橋", ""), ("t@example.jp", "高橋", "03-1111-2222")),
    )
    assert totals(batch) == (2, 1, 1, 0, 0)
    assert undo(batch).undone == 2
    assert Lead.objects.get().outcome == Outcome.WITHDRAWN
    clean()


def deals_file(now) -> object:
    return table(
        "external_id,lead_external_id,company,name,stage,amount,won_at,lost_at,inside_sales_owner,field_sales_owner",
        ("d1", "m1", "", "", "won", "1000000", days_ago(now, 1), "", "I1", "F1"),
        ("d2", "m2", "", "", "lost", "500000", "", days_ago(now, 1), "", ""),
        ("d3", "m3", "", "", "提案", "300000", "", "", "", ""),
        ("d4", "", "自社開拓", "田中", "won", "200000", days_ago(now, 2), "", "", ""),
    )


def test_deals_are_void_and_their_leads_as_before(take, now):
    for name in ("m1", "m2", "m3"):
        an_mql(now, at=now - timedelta(days=3), external_id=name)
    before = counted()
    for _ in range(2):
        batch = take("deals", deals_file(now))
        assert totals(batch) == (4, 4, 0, 0, 0)
        assert Contract.objects.filter(voided_at=None).count() == 2
        assert Customer.objects.standing().count() == 2
        clean()
        undo(batch)
        assert (batch.undone, batch.kept) == (4, 0)
        assert counted() == before
        assert set(Deal.objects.values_list("state", "external_id")) == {("void", None)}
        assert not Contract.objects.filter(voided_at=None).exists()
        known = Lead.objects.filter(external_id__isnull=False)
        assert {(x.stage, x.outcome, x.sql_at, x.won_at, x.owner_id) for x in known} == {
            ("mql", None, None, None, None)
        }
        assert not Handoff.objects.filter(boundary__in=["sql", "won"], closed_at=None).exists()
        clean()
    assert Customer.objects.count() == 2, "the customers are met again, not doubled"
    assert not Customer.objects.standing().exists()


def test_a_win_dated_before_its_lead_leaves_the_lead_when_only_the_deals_are_undone(take, now):
    leads_file = take("leads", table("external_id,mql_at", ("m1", "2024-05-03")), history=True)
    lead = Lead.objects.get()
    before, as_it_was = counted(), (lead.lead_at, lead.mql_at, lead.inferred, lead.date_conflict)
    deals_file = take(
        "deals", table("lead_external_id,amount,won_at", ("m1", "1", "2024-05-01")), history=True
    )
    assert Event.objects.filter(kind="lead_captured").count() == 2, "the inferred capture was dated anew"
    undo(deals_file)
    lead.refresh_from_db()
    assert (lead.outcome, lead.stage) == (None, "mql")
    assert (lead.lead_at, lead.mql_at, lead.inferred, lead.date_conflict) == as_it_was
    assert counted() == before
    clean()
    assert undo(leads_file).kept == 0
    assert counted() == {}
    clean()


def test_a_known_deal_goes_back_to_where_it_stood(take, now):
    an_mql(now, at=now - timedelta(days=3), external_id="m1")
    first = take("deals", table("external_id,lead_external_id,stage,amount", ("d1", "m1", "open", "100")))
    second = take(
        "deals",
        table("external_id,stage,amount,won_at", ("d1", "won", "200", days_ago(now, 0.5))),
    )
    assert totals(second) == (1, 0, 1, 0, 0)
    undo(second)
    deal = Deal.objects.get()
    assert (deal.state, str(deal.amount), deal.closed_at) == ("open", "100.00", None)
    assert deal.lead.outcome is None
    assert deal.lead.won_at is None
    clean()
    undo(first)
    assert Deal.objects.get().state == "void"
    clean()


def test_a_win_that_others_went_on_with_is_kept(take, now):
    an_mql(now, at=now - timedelta(days=3), external_id="m1")
    batch = take(
        "deals",
        table("lead_external_id,stage,amount,won_at", ("m1", "won", "100", days_ago(now, 0.5))),
    )
    from funnel.transitions import deals

    success = an_actor("customer_success", now=now)
    deals.kickoff(Deal.objects.get().pk, success, now=now, kickoff_at=now + timedelta(days=2))
    undo(batch)
    assert batch.kept == 1
    assert Deal.objects.get().state == "won"
    clean()


def test_activities_are_withdrawn_though_the_lead_was_worked_on(take, now):
    lead = an_mql(now, at=now - timedelta(days=2), external_id="m1")
    batch = take(
        "activities",
        table("external_id,lead_external_id,kind,occurred_at", ("k1", "m1", "call", days_ago(now, 1))),
    )
    later = leads.log(lead.pk, an_actor("inside_sales", now=now), now=now, kind="call")
    undo(batch)
    lead.refresh_from_db()
    assert lead.first_contact_at == later.occurred_at
    assert not Activity.objects.filter(external_id="k1").exists()
    assert totals(take("activities", table("external_id,lead_external_id,kind,occurred_at",
                                           ("k1", "m1", "call", days_ago(now, 1))))) == (1, 1, 0, 0, 0)  # fmt: skip
    clean()


def test_figures_go_back_to_what_stood_before(take, now):
    contract = a_contract(now)
    Customer.objects.filter(pk=contract.customer_id).update(external_id="c1")
    day = (now - timedelta(days=3)).date()
    customers.record_usage(
        contract.customer_id, SYSTEM, now=now, readings=[(day, "active_users", Decimal(5))]
    )
    TrafficReading.objects.create(day=day, visits=7)
    usage = take(
        "usage",
        table(
            "customer_external_id,day,metric,value", ("c1", day, "active_users", 9), ("c1", day, "logins", 4)
        ),
    )
    traffic = take("traffic", table("day,channel,visits", (day, "", 70), (day, "web", 8)))
    spend = take("spend", table("day,channel,amount", (day, "web", 1000)))
    for batch in (usage, traffic, spend):
        assert undo(batch).kept == 0
    assert list(UsageReading.objects.values_list("metric", "value")) == [("active_users", 5)]
    assert list(TrafficReading.objects.values_list("channel", "visits")) == [(None, 7)]
    assert not SpendEntry.objects.exists()


def test_a_figure_changed_since_is_kept(take, now):
    day = (now - timedelta(days=3)).date()
    batch = take("traffic", table("day,visits", (day, 70)))
    TrafficReading.objects.update(visits=71)
    assert undo(batch).kept == 1
    assert TrafficReading.objects.get().visits == 71


def test_a_day_later_it_is_too_late(take, now):
    batch = take("leads", two_leads(now))
    assert undoing.until(batch) - batch.finished_at == timedelta(hours=24)
    with pytest.raises(BadValue, match="undo_too_late"):
        undoing.begin(batch.pk, CSV, now=batch.finished_at + timedelta(hours=24, seconds=1))
    assert undoing.begin(batch.pk, CSV, now=batch.finished_at + timedelta(hours=23))


def test_what_stood_before_is_deleted_once_a_file_can_no_longer_be_undone(take, now):
    a_lead(now, external_id="x1", name="旧姓")
    batch = take("leads", table("external_id,name", ("x1", "新姓")))
    assert "旧姓" in str(ImportRow.objects.get(batch=batch).before)
    assert undoing.forget(now=batch.finished_at + timedelta(hours=24)) == 0
    assert undoing.forget(now=batch.finished_at + timedelta(hours=24, seconds=1)) == 1
    assert ImportRow.objects.get(batch=batch).before == {}


@pytest.mark.parametrize("kind", ["leads", "deals", "activities"])
def test_erasing_a_person_erases_what_files_kept_of_it(take, now, kind):
    lead, other = (a_lead(now, external_id=f"x{n}", name=f"旧姓{n}") for n in (1, 2))
    batch = take("leads", table("external_id,name", ("x1", "新姓"), ("x2", "新姓")))
    if kind != "leads":
        speaks_of = {"deals": _a_deal_of, "activities": _an_activity_of}[kind]
        for row in ImportRow.objects.filter(batch=batch):
            ImportRow.objects.filter(pk=row.pk).update(record_id=speaks_of(now, row.record_id))
        ImportBatch.objects.filter(pk=batch.pk).update(kind=kind)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE funnel_person SET erased_at = now(), email = '', email_norm = NULL, name = '', name_norm = '', "
            "name_kana = '', phone = '', phone_norm = '' WHERE id = %s",
            [lead.person_id],
        )
    kept = ["旧姓" in str(row.before) for row in ImportRow.objects.filter(batch=batch).order_by("line")]
    assert kept == [False, True]


def _a_deal_of(now, lead_id: int) -> int:
    return Deal.objects.create(lead_id=lead_id, name="x", opened_at=now).pk


def _an_activity_of(now, lead_id: int) -> int:
    logged = leads.log(
        lead_id,
        an_actor("inside_sales", now=now),
        now=now,
        kind="call",
        direction="outbound",
        result="no_answer",
    )
    return logged.pk


def test_undoing_twice_changes_nothing(take, now):
    batch = undo(take("leads", two_leads(now)))
    events = Event.objects.count()
    assert not undoing.begin(batch.pk, CSV, now=now)
    assert undoing.go_on(batch.pk, by=CSV, seconds=60)
    assert Event.objects.count() == events


def test_an_unchanged_file_has_nothing_to_undo(take, now):
    take("leads", two_leads(now))
    batch = take("leads", two_leads(now))
    with pytest.raises(BadValue, match="undo_nothing"):
        undoing.begin(batch.pk, CSV, now=now)


def test_an_undo_that_was_killed_goes_on_where_it_stood(take, now, monkeypatch):
    rows = [(f"k{i}", f"p{i}@example.jp", days_ago(now, 0.5)) for i in range(30)]
    batch = take("leads", table("external_id,email,mql_at", *rows))
    monkeypatch.setattr(undoing, "ROWS", 7)
    undoing.begin(batch.pk, CSV, now=now)
    assert not undoing.go_on(batch.pk, by=CSV, seconds=0)
    batch.refresh_from_db()
    assert (batch.status, batch.undone) == ("undoing", 7)
    while not undoing.go_on(batch.pk, by=CSV, seconds=0):
        pass
    batch.refresh_from_db()
    assert (batch.status, batch.undone, batch.kept) == ("undone", 30, 0)
    assert counted() == {}
    clean()


def test_the_file_of_history_leaves_no_trace_in_counts(take, now):
    rows = [(f"k{i}", "2024-05-01", f"ch{i % 3}") for i in range(40)]
    batch = take("leads", table("external_id,mql_at,channel", *rows), history=True)
    assert sum(counted().values())
    undo(batch)
    assert counted() == {}
    clean()


def test_reconcile_says_so_when_a_withdrawn_pass_still_has_its_capture(take, now, capsys):
    batch = take("leads", two_leads(now))
    Lead.objects.filter(external_id="b").update(
        outcome="withdrawn",
        closed_at=now,
        is_counted=False,
        external_id=None,
        stage="lead",
        mql_at=None,
        inferred=[],
    )
    with pytest.raises(SystemExit):
        call_command("reconcile")
    assert "its capture stands" in capsys.readouterr().out
    assert batch.created == 2
