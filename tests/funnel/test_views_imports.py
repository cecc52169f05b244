"""Importing a file by the page: upload, columns, start, and what became of every row."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from funnel.ingest import errors_file
from funnel.ingest.columns import FIELDS
from funnel.ingest.uploads import folder
from funnel.models import ImportBatch, ImportRow, Lead, Membership, UsageReading
from funnel.tasks import forget_imported, read_import, undo_import
from funnel.transitions import leads
from funnel.views.imports.choices import FIELD_WORDS, KIND_WORDS, NEEDED, missing
from tests.builders import a_contract, a_lead, a_member, an_actor
from tests.funnel.uploading import batch_of, chosen, run, upload

pytestmark = pytest.mark.django_db

LEADS = (
    "会社名,氏名,メールアドレス,備考\n株式会社みなと,高橋 由美,t@example.jp,a\n株式会社やま,佐藤,bad-mail,b\n"
)


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(a_member("marketing", role="lead", language="en"))
    return client


def test_a_file_is_looked_at_read_and_every_row_is_accounted_for(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    answer = upload(client, LEADS.encode("cp932"))
    batch = ImportBatch.objects.get()
    assert answer["Location"] == f"/import/{batch.pk}/"
    assert batch.encoding == "cp932"
    page = client.get(answer["Location"])
    html = page.content.decode()
    assert "高橋 由美" in html
    assert [one["chosen"] for one in page.context["columns"]] == ["company", "name", "email", ""]
    assert not Lead.objects.exists()

    batch = run(client, batch, django_capture_on_commit_callbacks)
    assert (batch.total, batch.created, batch.rejected) == (2, 1, 1)
    html = client.get(f"/import/{batch.pk}/").content.decode()
    assert "is not an e-mail address" in html
    assert 'href="/people/duplicates/"' in html
    errors = client.get(f"/import/{batch.pk}/errors.csv").getvalue().decode()
    assert "3,bad_email" in errors
    assert list(folder().iterdir()) == []

    again = run(client, batch_of(upload(client, LEADS.encode("cp932"))), django_capture_on_commit_callbacks)
    assert (again.total, again.unchanged, again.rejected) == (2, 1, 1)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n\n  \n", "The file is empty."),
        (b"PK\x03\x04 and so on", "Excel workbook"),
        (b"a,b\n", "no rows"),
        (b"%PDF-1.7", "not a text file"),
        (bytes(range(128, 256)) * 40, "encoding"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(
    client: Client, content: bytes, sentence: str
) -> None:
    answer = upload(client, content)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not ImportBatch.objects.exists()
    assert not folder().exists() or list(folder().iterdir()) == []


def test_too_large_a_file_and_too_many_rows_are_refused(client: Client, settings) -> None:
    settings.IMPORT_MAX_BYTES = 1024 * 1024
    answer = upload(client, b"name,email\n" + b"a,a@example.jp\n" * 80_000)
    assert "larger than 1 MB" in answer.content.decode()
    settings.IMPORT_MAX_ROWS = 10
    answer = upload(client, "name,email\n" + "a,a@example.jp\n" * 12)
    assert "more than 10 rows" in answer.content.decode()
    assert list(folder().iterdir()) == []


def test_no_file_at_all_is_said(client: Client) -> None:
    answer = client.post("/import/", {"kind": "leads"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_starting_twice_reads_once(client: Client, django_capture_on_commit_callbacks) -> None:
    batch = batch_of(upload(client, LEADS))
    sent = chosen(client, batch)
    with django_capture_on_commit_callbacks() as sends:
        for _ in range(2):
            assert client.post(f"/import/{batch.pk}/start/", sent).status_code == 302
    assert len(sends) == 1


def test_progress_asks_for_the_page_when_it_is_done(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = batch_of(upload(client, LEADS))
    with django_capture_on_commit_callbacks():
        client.post(f"/import/{batch.pk}/start/", chosen(client, batch))
    waiting = client.get(f"/import/{batch.pk}/progress/")
    assert "<progress" in waiting.content.decode()
    read_import(batch.pk)
    assert client.get(f"/import/{batch.pk}/progress/")["HX-Refresh"] == "true"


def test_an_upload_that_was_not_started_can_be_thrown_away(client: Client) -> None:
    batch = batch_of(upload(client, LEADS))
    assert client.post(f"/import/{batch.pk}/discard/").status_code == 302
    assert not ImportBatch.objects.exists()
    assert list(folder().iterdir()) == []


def test_past_data_is_marked_so(client: Client, now, django_capture_on_commit_callbacks) -> None:
    batch = batch_of(upload(client, "external_id,created_at\na1,2019-05-01\n"))
    assert run(client, batch, django_capture_on_commit_callbacks).rejected == 1
    batch = batch_of(upload(client, "external_id,created_at\na1,2019-05-01\n"))
    assert run(client, batch, django_capture_on_commit_callbacks, history="on").created == 1
    assert batch.history is True


def test_usage_of_a_customer_arrives(client: Client, now, django_capture_on_commit_callbacks) -> None:
    contract = a_contract(now)
    name = contract.customer.account.name
    batch = batch_of(
        upload(client, f"会社名,日付,指標,値\n{name},{now:%Y-%m-%d},active_users,7\n", kind="usage")
    )
    assert run(client, batch, django_capture_on_commit_callbacks).created == 1
    assert UsageReading.objects.get().value == 7


def test_viewers_look_and_others_do_not_take_the_rejected_rows(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = run(client, batch_of(upload(client, LEADS)), django_capture_on_commit_callbacks)
    client.force_login(a_member(is_viewer=True, language="en"))
    assert client.get(f"/import/{batch.pk}/").status_code == 200
    assert client.get(f"/import/{batch.pk}/errors.csv").status_code == 403


@pytest.mark.parametrize("who", ["viewer", "member"])
def test_files_are_imported_by_leads_and_administrators_and_others_see_why_not(
    client: Client, now, who: str, django_capture_on_commit_callbacks
) -> None:
    other = a_member(is_viewer=True) if who == "viewer" else a_member("marketing", "inside_sales")
    other.language = "en"
    other.save()
    waiting = batch_of(upload(client, LEADS))
    sent = chosen(client, waiting)
    client.force_login(other)
    for address in ("/import/", f"/import/{waiting.pk}/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "Done by the lead of a department or an administrator." in page.content.decode()
        assert re.search(
            r'<button[^>]+type="submit" aria-describedby="why-not"[^>]* disabled', page.content.decode()
        )
    with django_capture_on_commit_callbacks() as sends:
        answers = [
            upload(client, LEADS),
            client.post(f"/import/{waiting.pk}/start/", sent | {"history": "on"}),
            client.post(f"/import/{waiting.pk}/discard/"),
            client.post(f"/import/{waiting.pk}/resume/"),
            client.post(f"/import/{waiting.pk}/undo/"),
        ]
    assert [answer.status_code for answer in answers] == [403] * 5
    assert "Done by the lead of a department" in answers[0].content.decode()
    assert sends == []
    assert list(ImportBatch.objects.values_list("status", "history")) == [("waiting", False)]


def test_a_file_whose_sender_leads_no_more_is_not_read_on(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = batch_of(upload(client, LEADS))
    with django_capture_on_commit_callbacks():
        client.post(f"/import/{batch.pk}/start/", chosen(client, batch))
    Membership.objects.update(role="member")
    read_import(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, Lead.objects.count()) == ("failed", 0)
    assert "lead of a department" in client.get(f"/import/{batch.pk}/").content.decode()


def test_an_administrator_of_no_department_imports_for_all(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    client.force_login(a_member(is_administrator=True, language="en"))
    batch = run(client, batch_of(upload(client, LEADS)), django_capture_on_commit_callbacks)
    assert (batch.created, batch.rejected) == (1, 1)


def test_known_records_are_counted_and_can_be_left_as_they_are(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    a_lead(now, company="みなと", name="高橋", email="t@example.jp", phone="03-1111-2222", title="")
    text = "会社名,氏名,メールアドレス,電話番号,役職\n株式会社みなと,高橋,,,部長\n"
    text += ",別人,b@example.jp,03(1111)2222,\n,新人,c@example.jp,,\n,x,bad,,\n"
    batch = batch_of(upload(client, text))
    sent = chosen(client, batch)
    found = client.get(f"/import/{batch.pk}/known/", sent).context["known"]
    assert (found.rows, found.known, found.alike, found.rejected, found.whole) == (4, 1, 1, 1, True)
    assert [(one.line, one.by) for one in found.examples] == [(2, "name"), (3, "phone")]
    page = client.post(f"/import/{batch.pk}/start/", sent | {"again": "count"})
    assert "1 of 4 rows speak of records" in page.content.decode()
    batch = run(client, batch, django_capture_on_commit_callbacks, known="skip")
    assert (batch.created, batch.updated, batch.unchanged, batch.rejected) == (2, 0, 1, 1)
    assert Lead.objects.get(person__name="高橋").person.title == ""
    assert batch.report["flag_counts"]["skipped"] == 1


def test_what_was_rejected_is_mended_and_sent_again(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    text = '会社名,氏名,メールアドレス,備考\n"みな,と",高橋,bad,"=SUM(1)\n二行目"\n'
    batch = run(client, batch_of(upload(client, text)), django_capture_on_commit_callbacks)
    sheet = client.get(f"/import/{batch.pk}/errors.csv").getvalue().decode("utf-8-sig")
    assert sheet.startswith("Error line,Error code,Error reason,会社名,氏名,メールアドレス,備考")
    mended = sheet.replace("bad,", "ok@example.jp,").replace("bad_email", "x")
    again = run(
        client, batch_of(upload(client, mended)), django_capture_on_commit_callbacks, **{"column-6": "title"}
    )
    assert (again.total, again.created) == (1, 1)
    person = Lead.objects.get().person
    assert (person.account.name, person.title) == ("みな,と", "=SUM(1)\n二行目")


def test_a_file_is_undone_by_the_page_and_by_its_sender_only_within_a_day(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = run(client, batch_of(upload(client, LEADS)), django_capture_on_commit_callbacks)
    page = client.get(f"/import/{batch.pk}/")
    assert page.context["may_undo"]
    assert "Undo this import" in page.content.decode()
    other = a_member("marketing", language="en")
    client.force_login(other)
    assert client.post(f"/import/{batch.pk}/undo/").status_code == 403
    client.force_login(a_member("marketing", role="lead", language="en"))
    with django_capture_on_commit_callbacks() as sends:
        for _ in range(2):
            assert client.post(f"/import/{batch.pk}/undo/").status_code == 302
    assert len(sends) == 1
    assert "0 rows undone, 0 kept" in client.get(f"/import/{batch.pk}/progress/").content.decode()
    undo_import(batch.pk)
    page = client.get(f"/import/{batch.pk}/").content.decode()
    assert "1 rows undone, 0 kept" in page
    assert Lead.objects.get().outcome == "withdrawn"
    assert client.get("/c/").content.decode().count("高橋") == 0

    late = run(client, batch_of(upload(client, LEADS)), django_capture_on_commit_callbacks)
    ImportBatch.objects.filter(pk=late.pk).update(finished_at=now - timedelta(hours=25))
    page = client.get(f"/import/{late.pk}/").content.decode()
    assert "A file can be undone for 24 hours." in page
    client.post(f"/import/{late.pk}/undo/")
    late.refresh_from_db()
    assert late.status == "done"


def test_what_was_kept_is_listed_with_its_reason(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = run(client, batch_of(upload(client, LEADS)), django_capture_on_commit_callbacks)
    lead = Lead.objects.get()
    leads.log(lead.pk, an_actor("inside_sales", now=now), now=now, kind="call")
    with django_capture_on_commit_callbacks():
        client.post(f"/import/{batch.pk}/undo/")
    undo_import(batch.pk)
    html = client.get(f"/import/{batch.pk}/").content.decode()
    assert "Somebody has worked on this record since." in html
    assert f'href="/c/{lead.pk}/"' in html


def test_every_kind_and_field_has_words_and_needs_what_exists() -> None:
    assert set(KIND_WORDS) == set(FIELDS) == set(NEEDED)
    for kind, fields in FIELDS.items():
        assert set(fields) <= set(FIELD_WORDS)
        assert not missing(kind, fields)
        assert missing(kind, ())


def test_the_text_of_rejected_rows_is_deleted_after_thirty_days(
    client, django_capture_on_commit_callbacks
) -> None:
    batch = run(client, batch_of(upload(client, LEADS.encode("cp932"))), django_capture_on_commit_callbacks)
    address, file = f"/import/{batch.pk}/", f"/import/{batch.pk}/errors.csv"
    row = ImportRow.objects.get(batch=batch, outcome="rejected")
    known, quoted = row.raw, row.params["value"]
    assert known
    assert file in client.get(address).content.decode()
    ended = batch.finished_at
    assert errors_file.forget(now=ended + timedelta(days=30)) == 0
    ImportBatch.objects.filter(pk=batch.pk).update(finished_at=ended - timedelta(days=30, seconds=1))
    page = client.get(address).content.decode()
    assert file not in page
    assert client.get(file).status_code == 404
    forget_imported()
    row.refresh_from_db()
    assert (row.raw, row.reason, row.line) == ("", "bad_email", 3)
    assert quoted not in client.get(address).content.decode()
