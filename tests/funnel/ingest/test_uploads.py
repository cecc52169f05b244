"""Files from the browser: kept out of reach, read by the worker's task, removed."""

import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from funnel import tasks
from funnel.ingest import read as reading
from funnel.ingest import uploads
from funnel.models import Customer, Event, HealthRecord, ImportBatch, Lead, Member, Membership
from funnel.transitions.acting import Actor
from tests.funnel.ingest.conftest import CSV, table, totals


@pytest.fixture(autouse=True)
def _own_home(settings, tmp_path):
    settings.HOME = tmp_path


@pytest.fixture
def member(db):
    member = Member.objects.create_user("m@example.jp", name="m", password="x")
    Membership.objects.create(
        member=member, department="marketing", role="lead", valid_from=timezone.localdate()
    )
    return member


def kept(file, member, **columns):
    """A batch whose file lies in the folder of uploads."""
    (uploads.folder() / "x.csv").write_bytes(file.getvalue())
    return ImportBatch.objects.create(
        kind="leads", filename="a.csv", stored_as="x.csv", sha256="0" * 64, status="running", by=member,
        history=True, columns={"mapping": columns},
    )  # fmt: skip


def test_an_upload_is_read_by_the_task_and_then_removed(member):
    batch = kept(table("リードID,SQL日", ("1", "2024-01-01"), ("", "")), member)
    tasks.read_import(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, totals(batch)) == ("done", (2, 1, 0, 0, 1))
    assert list(uploads.folder().iterdir()) == []
    tasks.read_import(batch.pk)
    assert Lead.objects.count() == 1


def test_rows_are_recorded_for_the_departments_that_did_what_they_say(member):
    tasks.read_import(kept(table("リードID,MQL日,SQL日", ("1", "2024-01-01", "2024-01-05")), member).pk)
    departments = Event.objects.filter(lead__external_id="1").values_list("kind", "department", "actor__name")
    assert ("mql_certified", "marketing", "m") in departments
    assert ("sql_certified", "inside_sales", "m") in departments


def test_a_file_longer_than_a_task_goes_on_in_the_next(member, monkeypatch):
    monkeypatch.setattr(reading, "BATCH", 10)
    batch = kept(table("リードID", *[(i,) for i in range(35)]), member)
    rounds = 0
    while not uploads.go_on(batch.pk, by=CSV, seconds=0):
        rounds += 1
        assert ImportBatch.objects.get().total == min(10 * rounds, 35)
    batch.refresh_from_db()
    assert (rounds, totals(batch)) == (4, (35, 35, 0, 0, 0))


def test_an_upload_that_has_gone_fails_with_its_reason(member):
    batch = kept(table("リードID", ("1",)), member)
    (uploads.folder() / "x.csv").unlink()
    tasks.read_import(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.failure) == ("failed", "file_missing")


def test_who_may_not_write_brings_no_file(member, now):
    Membership.objects.all().delete()
    batch = kept(table("リードID", ("1",)), member)
    assert uploads.go_on(batch.pk, by=Actor.of(member, "csv", now=now), seconds=1)
    batch.refresh_from_db()
    assert (batch.status, batch.failure, Lead.objects.count()) == ("failed", "leads_only", 0)


def test_a_batch_that_another_process_reads_is_left_to_it(member, monkeypatch):
    batch = kept(table("リードID", *[(i,) for i in range(5)]), member)
    real = reading.records

    def overtaken(file, source):
        ImportBatch.objects.update(rows_read=3)
        return real(file, source)

    monkeypatch.setattr(reading, "records", overtaken)
    assert uploads.go_on(batch.pk, by=CSV, seconds=1)
    batch.refresh_from_db()
    assert (batch.status, Lead.objects.count()) == ("running", 0)
    assert (uploads.folder() / "x.csv").exists()


def test_the_health_of_every_customer_is_stored_once_a_day(take):
    take("leads", table("external_id,company,name,mql_at", ("L1", "甲", "山田", "2024-01-01")), history=True)
    take("deals", table("lead_external_id,amount,won_at", ("L1", "1", "2024-02-01")), history=True)
    tasks.health_daily()
    tasks.health_daily()
    assert HealthRecord.objects.filter(customer=Customer.objects.get()).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_customer_that_somebody_holds_does_not_stop_the_health_of_the_others(take, caplog):
    names = ("甲", "乙", "丙")
    rows = [(f"L{n}", name, f"山田{n}", "2024-01-01") for n, name in enumerate(names)]
    take("leads", table("external_id,company,name,mql_at", *rows), history=True)
    won = [(f"L{n}", "1", "2024-02-01") for n in range(len(names))]
    take("deals", table("lead_external_id,amount,won_at", *won), history=True)
    held, *free = Customer.objects.order_by("pk")
    holding, tried = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Lead.objects.select_for_update().get(pk=held.origin_lead_id)
            Customer.objects.select_for_update().get(pk=held.pk)
            holding.set()
            tried.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert holding.wait(30)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    try:
        tasks.health_daily()
    finally:
        tried.set()
        holder.join()
    stored = set(HealthRecord.objects.values_list("customer_id", flat=True))
    assert stored == {customer.pk for customer in free}
    assert f"customer {held.pk} is held" in caplog.text
    assert "甲" not in caplog.text
    tasks.health_daily()
    assert HealthRecord.objects.filter(customer=held).exists()
