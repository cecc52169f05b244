"""Importing a file by the page: upload, columns, start, and what became of every row."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from funnel.ingest.columns import FIELDS
from funnel.ingest.uploads import folder
from funnel.models import ImportBatch, Lead, Membership, UsageReading
from funnel.tasks import read_import
from funnel.views.imports.choices import FIELD_WORDS, KIND_WORDS, NEEDED, missing
from tests.builders import a_contract, a_member

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


def upload(client: Client, content: bytes | str, kind: str = "leads", name: str = "leads.csv"):
    raw = content.encode() if isinstance(content, str) else content
    return client.post("/import/", {"kind": kind, "file": SimpleUploadedFile(name, raw)})


def chosen(client: Client, batch: ImportBatch) -> dict[str, str]:
    """The form as the page shows it."""
    context = client.get(f"/import/{batch.pk}/").context
    fields = {f"column-{one['column'].place}": one["chosen"] for one in context["columns"]}
    return {"kind": context["chosen_kind"], "encoding": context["chosen_encoding"]} | fields


def run(client: Client, batch: ImportBatch, capture, **more: str) -> ImportBatch:
    with capture(execute=False):
        answer = client.post(f"/import/{batch.pk}/start/", chosen(client, batch) | more)
    assert answer.status_code == 302, answer.content.decode()
    read_import(batch.pk)
    batch.refresh_from_db()
    return batch


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
    errors = client.get(f"/import/{batch.pk}/errors.csv").content.decode()
    assert "3,bad_email" in errors
    assert list(folder().iterdir()) == []

    again = run(client, _batch_of(upload(client, LEADS.encode("cp932"))), django_capture_on_commit_callbacks)
    assert (again.total, again.unchanged, again.rejected) == (2, 1, 1)


def test_columns_chosen_by_hand_win_over_the_guess(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = _batch_of(upload(client, "会社名,氏名,a,b\n会社,山田,y@example.jp,課長\n"))
    batch = run(
        client,
        batch,
        django_capture_on_commit_callbacks,
        **{"column-1": "name", "column-2": "email", "column-3": "title"},
    )
    person = Lead.objects.get().person
    assert (person.email, person.title) == ("y@example.jp", "課長")


def test_a_column_that_is_not_to_be_read_is_not_guessed_again(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = _batch_of(upload(client, LEADS))
    run(client, batch, django_capture_on_commit_callbacks, **{"column-2": ""})
    assert Lead.objects.count() == 2
    assert {lead.person.email for lead in Lead.objects.all()} == {""}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n\n  \n", "The file is empty."),
        (b"PK\x03\x04 and so on", "not a text file"),
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


def test_unknown_columns_are_shown_and_the_missing_ones_are_named(client: Client) -> None:
    batch = _batch_of(upload(client, "x,y\n1,2\n", kind="usage"))
    answer = client.post(f"/import/{batch.pk}/start/", chosen(client, batch))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "External ID of the customer or Company" in html
    assert "Metric" in html
    batch.refresh_from_db()
    assert batch.status == "waiting"


def test_one_field_for_two_columns_is_refused_and_the_choice_stays(client: Client) -> None:
    batch = _batch_of(upload(client, LEADS))
    sent = chosen(client, batch) | {"column-3": "email"}
    answer = client.post(f"/import/{batch.pk}/start/", sent)
    assert answer.status_code == 422
    assert "Choose “E-mail” for one column only." in answer.content.decode()
    assert answer.context["columns"][3]["chosen"] == "email"


def test_another_encoding_can_be_looked_at_before_the_start(client: Client) -> None:
    batch = _batch_of(upload(client, LEADS))
    answer = client.post(
        f"/import/{batch.pk}/start/", chosen(client, batch) | {"encoding": "euc_jp", "again": "1"}
    )
    assert answer.status_code == 200
    assert answer.context["chosen_encoding"] == "euc_jp"
    assert "高橋" not in answer.content.decode()
    assert "cannot be read as a header" in answer.content.decode()


def test_starting_twice_reads_once(client: Client, django_capture_on_commit_callbacks) -> None:
    batch = _batch_of(upload(client, LEADS))
    sent = chosen(client, batch)
    with django_capture_on_commit_callbacks() as sends:
        for _ in range(2):
            assert client.post(f"/import/{batch.pk}/start/", sent).status_code == 302
    assert len(sends) == 1


def test_progress_asks_for_the_page_when_it_is_done(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = _batch_of(upload(client, LEADS))
    with django_capture_on_commit_callbacks():
        client.post(f"/import/{batch.pk}/start/", chosen(client, batch))
    waiting = client.get(f"/import/{batch.pk}/progress/")
    assert "<progress" in waiting.content.decode()
    read_import(batch.pk)
    assert client.get(f"/import/{batch.pk}/progress/")["HX-Refresh"] == "true"


def test_an_upload_that_was_not_started_can_be_thrown_away(client: Client) -> None:
    batch = _batch_of(upload(client, LEADS))
    assert client.post(f"/import/{batch.pk}/discard/").status_code == 302
    assert not ImportBatch.objects.exists()
    assert list(folder().iterdir()) == []


def test_past_data_is_marked_so(client: Client, now, django_capture_on_commit_callbacks) -> None:
    batch = _batch_of(upload(client, "external_id,created_at\na1,2019-05-01\n"))
    assert run(client, batch, django_capture_on_commit_callbacks).rejected == 1
    batch = _batch_of(upload(client, "external_id,created_at\na1,2019-05-01\n"))
    assert run(client, batch, django_capture_on_commit_callbacks, history="on").created == 1
    assert batch.history is True


def test_usage_of_a_customer_arrives(client: Client, now, django_capture_on_commit_callbacks) -> None:
    contract = a_contract(now)
    name = contract.customer.account.name
    batch = _batch_of(
        upload(client, f"会社名,日付,指標,値\n{name},{now:%Y-%m-%d},active_users,7\n", kind="usage")
    )
    assert run(client, batch, django_capture_on_commit_callbacks).created == 1
    assert UsageReading.objects.get().value == 7


def test_viewers_look_and_others_do_not_take_the_rejected_rows(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = run(client, _batch_of(upload(client, LEADS)), django_capture_on_commit_callbacks)
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
    waiting = _batch_of(upload(client, LEADS))
    sent = chosen(client, waiting)
    client.force_login(other)
    for address in ("/import/", f"/import/{waiting.pk}/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "Done by the lead of a department or an administrator." in page.content.decode()
        assert 'type="submit" disabled aria-describedby="why-not"' in page.content.decode()
    with django_capture_on_commit_callbacks() as sends:
        answers = [
            upload(client, LEADS),
            client.post(f"/import/{waiting.pk}/start/", sent | {"history": "on"}),
            client.post(f"/import/{waiting.pk}/discard/"),
            client.post(f"/import/{waiting.pk}/resume/"),
        ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert "Done by the lead of a department" in answers[0].content.decode()
    assert sends == []
    assert list(ImportBatch.objects.values_list("status", "history")) == [("waiting", False)]


def test_a_file_whose_sender_leads_no_more_is_not_read_on(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = _batch_of(upload(client, LEADS))
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
    batch = run(client, _batch_of(upload(client, LEADS)), django_capture_on_commit_callbacks)
    assert (batch.created, batch.rejected) == (1, 1)


def test_every_kind_and_field_has_words_and_needs_what_exists() -> None:
    assert set(KIND_WORDS) == set(FIELDS) == set(NEEDED)
    for kind, fields in FIELDS.items():
        assert set(fields) <= set(FIELD_WORDS)
        assert not missing(kind, fields)
        assert missing(kind, ())


def _batch_of(answer) -> ImportBatch:
    assert answer.status_code == 302, answer.content.decode()
    return ImportBatch.objects.get(pk=int(answer["Location"].split("/")[2]))
