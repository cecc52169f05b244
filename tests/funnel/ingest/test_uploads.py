"""Files from the browser: looked at, kept out of reach, read by the worker's task, removed."""

import io

import pytest
from django.utils import timezone

from funnel import tasks
from funnel.errors import NotYours
from funnel.ingest import uploads
from funnel.ingest.read import Wanted
from funnel.ingest.reasons import FileRefused
from funnel.models import Customer, HealthRecord, ImportBatch, Lead, Member, Membership
from funnel.transitions.acting import Actor
from tests.funnel.ingest.conftest import table, totals


@pytest.fixture(autouse=True)
def _own_home(settings, tmp_path):
    settings.HOME = tmp_path


@pytest.fixture
def by(db, now):
    member = Member.objects.create_user("m@example.jp", name="m", password="x")
    Membership.objects.create(member=member, department="marketing", valid_from=timezone.localdate())
    return Actor.of(member, "csv", now=now)


def test_a_preview_shows_rows_and_columns_and_keeps_nothing(by):
    file = table("会社名,氏名,謎", ("甲", "山田", "1"), ("乙", "佐藤", "2"), encoding="cp932")
    seen = uploads.preview(file, Wanted("leads"))
    assert (seen.encoding, seen.delimiter, seen.rows[0], seen.ignored) == (
        "cp932",
        ",",
        ["甲", "山田", "1"],
        ("謎",),
    )
    assert seen.columns == {"company": "会社名", "name": "氏名"}
    assert list(uploads.folder().iterdir()) == []


def test_an_upload_is_read_by_the_task_and_then_removed(by):
    file = table("リードID,謎", ("1", "x"), ("", ""))
    batch = uploads.keep(file, "../../etc/リード\r\n.csv", Wanted("leads", mapping={"company": "謎"}), by)
    assert batch.status == "waiting"
    assert "/" not in batch.filename
    assert [p.name for p in uploads.folder().iterdir()] == [batch.stored_as]
    tasks.read_import(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, totals(batch)) == ("done", (2, 1, 0, 0, 1))
    assert Lead.objects.get().account is None or Lead.objects.get().account.name == "x"
    assert list(uploads.folder().iterdir()) == []
    tasks.read_import(batch.pk)
    assert Lead.objects.count() == 1


def test_a_file_longer_than_a_task_goes_on_in_the_next(by, monkeypatch):
    from funnel.ingest import read as reading

    monkeypatch.setattr(reading, "BATCH", 10)
    batch = uploads.keep(table("リードID", *[(i,) for i in range(35)]), "a.csv", Wanted("leads"), by)
    rounds = 0
    while not uploads.go_on(batch.pk, by=by, seconds=0):
        rounds += 1
        assert ImportBatch.objects.get().total == 10 * rounds
    batch.refresh_from_db()
    assert (rounds, totals(batch)) == (4, (35, 35, 0, 0, 0))


def test_a_file_that_is_too_large_or_not_ours_to_bring_is_refused(by, monkeypatch, now):
    monkeypatch.setattr(uploads, "LARGEST", 100)
    with pytest.raises(FileRefused) as refusal:
        uploads.keep(io.BytesIO(b"a,b\n" + b"1,2\n" * 100), "a.csv", Wanted("leads"), by)
    assert refusal.value.code == "file_too_large"
    looker = Actor.of(Member.objects.create_user("v@example.jp", name="v", is_viewer=True), "csv", now=now)
    with pytest.raises(NotYours):
        uploads.keep(table("リードID"), "a.csv", Wanted("leads"), looker)
    assert not ImportBatch.objects.exists()


def test_a_file_may_not_say_what_its_bringer_may_not(by):
    with pytest.raises(NotYours):
        uploads.keep(table("リードID,SQL日", ("1", "2024-01-01")), "a.csv", Wanted("leads", history=True), by)
    with pytest.raises(NotYours):
        uploads.keep(table("リードID,金額", ("1", "5")), "a.csv", Wanted("deals", history=True), by)
    assert uploads.keep(table("リードID,MQL日", ("1", "2024-01-01")), "a.csv", Wanted("leads", history=True), by)


def test_an_upload_that_has_gone_fails_with_its_reason(by):
    batch = uploads.keep(table("リードID", ("1",)), "a.csv", Wanted("leads"), by)
    (uploads.folder() / batch.stored_as).unlink()
    tasks.read_import(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.failure) == ("failed", "file_missing")


def test_the_health_of_every_customer_is_stored_once_a_day(take):
    take("leads", table("external_id,company,name,mql_at", ("L1", "甲", "山田", "2024-01-01")), history=True)
    take("deals", table("lead_external_id,amount,won_at", ("L1", "1", "2024-02-01")), history=True)
    tasks.health_daily()
    tasks.health_daily()
    assert HealthRecord.objects.filter(customer=Customer.objects.get()).count() == 1
