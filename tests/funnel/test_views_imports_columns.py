"""The column step of the import page: columns, encodings, values for every row, and which way dates are read."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from funnel.models import Account, Deal, Lead, UsageReading
from tests.builders import a_contract, a_member
from tests.funnel.uploading import batch_of, chosen, run, upload

pytestmark = pytest.mark.django_db
TOKYO = ZoneInfo("Asia/Tokyo")

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


def test_columns_chosen_by_hand_win_over_the_guess(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = batch_of(upload(client, "会社名,氏名,a,b\n会社,山田,y@example.jp,課長\n"))
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
    batch = batch_of(upload(client, LEADS))
    run(client, batch, django_capture_on_commit_callbacks, **{"column-2": ""})
    assert Lead.objects.count() == 2
    assert {lead.person.email for lead in Lead.objects.all()} == {""}


def test_unknown_columns_are_shown_and_the_missing_ones_are_named(client: Client) -> None:
    batch = batch_of(upload(client, "x,y\n1,2\n", kind="usage"))
    answer = client.post(f"/import/{batch.pk}/start/", chosen(client, batch))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "External ID of the customer or Company" in html
    assert "Metric" in html
    batch.refresh_from_db()
    assert batch.status == "waiting"


def test_one_field_for_two_columns_is_refused_and_the_choice_stays(client: Client) -> None:
    batch = batch_of(upload(client, LEADS))
    sent = chosen(client, batch) | {"column-3": "email"}
    answer = client.post(f"/import/{batch.pk}/start/", sent)
    assert answer.status_code == 422
    assert "Choose “E-mail” for one column only." in answer.content.decode()
    assert answer.context["columns"][3]["chosen"] == "email"


def test_another_encoding_can_be_looked_at_before_the_start(client: Client) -> None:
    batch = batch_of(upload(client, LEADS))
    answer = client.post(
        f"/import/{batch.pk}/start/", chosen(client, batch) | {"encoding": "euc_jp", "again": "1"}
    )
    assert answer.status_code == 200
    assert answer.context["chosen_encoding"] == "euc_jp"
    assert "高橋" not in answer.content.decode()
    assert "cannot be read as a header" in answer.content.decode()


def test_the_first_rows_are_shown_as_they_will_be_read(client: Client) -> None:
    page = client.get(
        upload(
            client,
            "会社名,氏名,メールアドレス,電話番号,作成日\n"
            "㈱髙﨑①,山田　太郎,Y@EXAMPLE.JP,０３－１２３４－５６７８,2026/5/1\n,,bad,,\n".encode("cp932"),
        )["Location"]
    )
    cells = [[c["read"] for c in column["cells"]] for column in page.context["columns"]]
    assert cells == [
        ["㈱髙﨑①", ""],
        ["山田　太郎", ""],
        ["y@example.jp", ""],
        ["0312345678", ""],
        ["2026-05-01", ""],
    ]
    assert [bool(row["why"]) for row in page.context["judged"]] == [False, True]
    html = page.content.decode()
    assert "is not an e-mail address" in html
    assert "<del" in html


def test_a_separator_can_be_said(client: Client, now, django_capture_on_commit_callbacks) -> None:
    batch = batch_of(upload(client, "氏名;メール,アドレス\n山田;a@example.jp,x\n"))
    assert client.get(f"/import/{batch.pk}/").context["chosen_delimiter"] == ","
    look = {"kind": "leads", "encoding": "utf-8-sig", "delimiter": ";", "again": "1"}
    answer = client.post(f"/import/{batch.pk}/start/", look)
    assert [column["heading"] for column in answer.context["columns"]] == ["氏名", "メール,アドレス"]


def test_a_standard_export_is_recognised_and_its_columns_are_chosen(client: Client) -> None:
    header = "Record ID,First Name,Last Name,Email,Contact owner,Company Name,Original Source,Create Date"
    page = client.get(
        upload(client, f"{header}\n1,Yumi,Takahashi,t@example.jp,E1,Minato,Offline,2026-11-01\n")["Location"]
    )
    assert page.context["look"].preset == "hubspot"
    assert [c["chosen"] for c in page.context["columns"]] == [
        "external_id", "first_name", "last_name", "email", "inside_sales_owner", "company", "channel", "created_at",
    ]  # fmt: skip


def test_columns_chosen_before_are_offered_again(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    header = "会社名,氏名,a,メールアドレス"
    batch = batch_of(upload(client, f"{header}\n会社,山田,課長,y@example.jp\n"))
    run(client, batch, django_capture_on_commit_callbacks, **{"column-2": "title"})
    client.force_login(a_member("marketing", role="lead", language="en"))
    page = client.get(
        upload(client, "会社名, 氏名,Ａ,メールアドレス\n会社,山田,部長,y@example.jp\n")["Location"]
    )
    assert page.context["look"].preset == "last"
    assert [c["chosen"] for c in page.context["columns"]] == ["company", "name", "title", "email"]
    guessed = client.post(f"{page.request['PATH_INFO']}start/", {"preset": "", "again": "1"})
    assert [c["chosen"] for c in guessed.context["columns"]] == ["company", "name", "", "email"]


def test_headings_that_stand_twice_can_each_be_chosen(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = batch_of(upload(client, "氏名,担当,担当,メールアドレス\n山田,部長,x,y@example.jp\n"))
    sent = {"column-1": "title", "column-2": ""}
    run(client, batch, django_capture_on_commit_callbacks, **sent)
    assert Lead.objects.get().person.title == "部長"


def us_dates(*days: str) -> str:
    return "会社名,氏名,作成日\n" + "".join(f"会社{n},山田{n},{day}\n" for n, day in enumerate(days))


def test_dates_of_two_readings_are_asked_about_and_read_as_said(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = batch_of(upload(client, us_dates("03/04/2026 2:30 PM", "05/06/2026")))
    page = client.get(f"/import/{batch.pk}/")
    assert page.context["look"].must_say_dates
    assert "03/04/2026 2:30 PM in line 2 can be read in two ways" in page.content.decode()
    refused = client.post(f"/import/{batch.pk}/start/", chosen(client, batch) | {"history": "on"})
    assert refused.status_code == 422
    assert "Say whether the day or the month comes first" in refused.content.decode()

    look = client.post(f"/import/{batch.pk}/start/", chosen(client, batch) | {"dates": "mdy", "again": "1"})
    assert [cell["read"] for cell in look.context["columns"][2]["cells"]] == [
        "2026-03-04 14:30",
        "2026-05-06",
    ]
    run(client, batch, django_capture_on_commit_callbacks, history="on", dates="mdy")
    assert [f"{lead.lead_at.astimezone(TOKYO):%m-%d %H:%M}" for lead in Lead.objects.order_by("pk")] == [
        "03-04 14:30",
        "05-06 00:00",
    ]


def test_one_date_that_can_be_read_in_one_way_settles_the_others(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = batch_of(upload(client, us_dates("03/04/2026", "25/03/2026")))
    page = client.get(f"/import/{batch.pk}/")
    assert page.context["look"].dates == "dmy"
    assert "25/03/2026 in line 3 can be read in one way only" in page.content.decode()
    assert [cell["read"] for cell in page.context["columns"][2]["cells"]] == ["2026-04-03", "2026-03-25"]
    other = client.post(f"/import/{batch.pk}/start/", chosen(client, batch) | {"dates": "mdy", "again": "1"})
    assert [row["why"] != "" for row in other.context["judged"]] == [False, True]
    batch = run(client, batch, django_capture_on_commit_callbacks, history="on")
    assert (batch.created, batch.columns["dates"]) == (2, "dmy")


def test_files_that_write_dates_both_ways_are_asked_about(client: Client, now) -> None:
    batch = batch_of(upload(client, us_dates("25/03/2026", "03/25/2026")))
    assert client.get(f"/import/{batch.pk}/").context["look"].must_say_dates
    batch = batch_of(upload(client, us_dates("2026-03-25", "2026/3/4")))
    assert b'name="dates"' not in client.get(f"/import/{batch.pk}/").content


def test_what_the_file_has_no_column_for_is_said_once_for_every_row(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    batch = batch_of(upload(client, "企業名,氏名,金額,受注日\n会社,山田,1000.5,2026-05-01\n", kind="deals"))
    more = {"constant-currency": "BRL", "constant-stage": "受注", "history": "on"}
    look = client.post(f"/import/{batch.pk}/start/", chosen(client, batch) | more | {"again": "1"})
    assert {one["label"]: one["cells"][0]["read"] for one in look.context["fixed"]} == {
        "Currency": "BRL",
        "Stage": "won",
    }
    both = client.post(f"/import/{batch.pk}/start/", chosen(client, batch) | more | {"constant-amount": "7"})
    assert both.status_code == 422
    assert "“Amount” has a column and a value for every row" in both.content.decode()
    assert b'value="BRL"' in both.content
    run(client, batch, django_capture_on_commit_callbacks, **more)
    deal = Deal.objects.get()
    assert (deal.currency, deal.state, str(deal.amount)) == ("BRL", "won", "1000.50")


def test_a_value_for_every_row_can_be_what_the_kind_cannot_do_without(
    client: Client, now, django_capture_on_commit_callbacks
) -> None:
    contract = a_contract(now)
    Account.objects.filter(pk=contract.customer.account_id).update(name="みなと", name_norm="みなと")
    day = (now - timedelta(days=2)).date().isoformat()
    batch = batch_of(upload(client, f"日付,値\n{day},12\n", kind="usage"))
    run(
        client, batch, django_capture_on_commit_callbacks,
        **{"constant-company": "みなと", "constant-metric": "logins"},
    )  # fmt: skip
    assert UsageReading.objects.get().metric == "logins"
