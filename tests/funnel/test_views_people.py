"""The list of leads: search, filters, pages, export."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from funnel.models import Event, Lead, Member, Organization
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from tests.builders import a_contract, a_lead, a_member, an_mql

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Member:
    member = a_member("marketing", language="en")
    client.force_login(member)
    return member


@pytest.mark.parametrize(
    "asked",
    [
        "みなと",
        "ミナト物流",
        "ﾐﾅﾄ",
        "(株)みなと物流",
        "高橋",
        "高橋由美",
        "タカハシ",
        "たかはし",
        "T@EXAMPLE.jp",
        "03-1234",
        "x-77",
    ],
)
def test_a_lead_is_found_however_it_is_typed(client: Client, reader: Member, now, asked: str) -> None:
    leads.capture(
        SYSTEM,
        now=now,
        fields=leads.LeadFields(
            company="株式会社みなと物流",
            name="高橋 由美",
            name_kana="タカハシ ユミ",
            email="t@example.jp",
            phone="03-1234-5678",
            external_id="x-77",
        ),
    )
    a_lead(now, company="別会社", name="佐藤")
    page = client.get("/c/", {"q": asked})
    names = [lead.person.name for lead in page.context["page"].rows]
    assert names == ["高橋 由美"]


def test_filters_narrow_and_stand_in_the_address(client: Client, reader: Member, now) -> None:
    owner = a_member("inside_sales")
    mine = an_mql(now, owner=owner, channel="seminar")
    a_lead(now, channel="seminar")
    leads.disqualify(a_lead(now).pk, SYSTEM, now=now, reason="spam")
    assert _found(client, stage="mql") == [mine.pk]
    assert _found(client, owner=owner.pk) == [mine.pk]
    assert len(_found(client, channel="seminar")) == 2
    assert len(_found(client, outcome="open")) == 2
    assert len(_found(client, outcome="disqualified")) == 1
    assert _found(client, outcome="open", channel="seminar", stage="lead") != []


def test_a_value_that_is_no_choice_is_said_and_ignored(client: Client, reader: Member, now) -> None:
    a_lead(now)
    page = client.get("/c/", {"stage": "nonsense", "after": "x", "q": "\0"})
    assert page.status_code == 200
    assert page.context["form"].errors["stage"]
    assert len(page.context["page"].rows) == 1


def test_pages_follow_one_another_and_list_everybody_once(client: Client, reader: Member, now) -> None:
    made = {a_lead(now).pk for _ in range(60)}
    seen: list[int] = []
    address = "/c/?outcome=open"
    while address:
        page = client.get(address).context["page"]
        seen += [lead.pk for lead in page.rows]
        if len(seen) == 50:
            a_lead(now)
        address = f"/c/{page.next}" if page.next else ""
    assert len(seen) == len(made)
    assert set(seen) == made


def test_pages_go_back_to_where_they_came_from(client: Client, reader: Member, now) -> None:
    made = sorted((a_lead(now).pk for _ in range(120)), reverse=True)
    for query in ("", "order=oldest"):
        wanted = made if not query else made[::-1]
        seen, address = [], f"/c/?{query}"
        while address:
            page = client.get(address).context["page"]
            seen.append([lead.pk for lead in page.rows])
            last, address = page, f"/c/{page.next}" if page.next else ""
        assert [pk for rows in seen for pk in rows] == wanted
        back = []
        while last.previous:
            last = client.get(f"/c/{last.previous}").context["page"]
            back.append([lead.pk for lead in last.rows])
        assert back == seen[-2::-1]
        assert last.next


def test_leads_to_wake_come_in_the_order_of_their_days(client: Client, reader: Member, now) -> None:
    days = [30, 10, 20]
    nurtured = [an_mql(now) for _ in days]
    for lead, more in zip(nurtured, days, strict=True):
        leads.recycle(lead.pk, SYSTEM, now=now, reason="timing", wake_up_on=now.date() + timedelta(days=more))
    assert _found(client, order="wake") == [nurtured[i].pk for i in (1, 2, 0)]


@pytest.mark.parametrize("asked", ["", "?q=見込&stage=lead&owner=&order=oldest"])
@pytest.mark.parametrize("rows", [3, 50])
def test_the_list_takes_the_same_few_statements_whatever_its_size(
    client: Client, reader: Member, now, rows: int, asked: str, django_assert_max_num_queries
) -> None:
    for _ in range(rows):
        a_lead(now)
    for address in ("/c/", "/people/", "/customers/"):
        with django_assert_max_num_queries(8):
            assert client.get(f"{address}{asked}").status_code == 200


def test_a_lead_of_a_department_takes_the_list_out_and_the_ledger_knows(client: Client, now) -> None:
    client.force_login(a_member("marketing", role="lead", language="ja"))
    a_lead(now, company="=cmd|' /C calc'!A0", name="危険")
    a_lead(now)
    answer = client.post("/c/export/?q=危険")
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeffID,")
    assert "'=cmd" in text
    assert text.count("\n") == 2
    event = Event.objects.get(kind="data_exported")
    assert event.data == {"what": "leads", "rows": 1, "filters": ["q"]}


def test_a_member_may_not_export(client: Client, reader: Member, now) -> None:
    a_lead(now)
    assert client.post("/c/export/").status_code == 403
    assert b"Export CSV" not in client.get("/c/").content
    assert not Event.objects.filter(kind="data_exported").exists()


def test_old_spreadsheets_get_their_encoding_and_it_is_said_what_it_lacked(client: Client, now) -> None:
    client.force_login(a_member("marketing", role="lead", language="en"))
    a_lead(now, company="㈱髙﨑①", name="絵文字😀 — 鄧😀")
    answer = client.post("/c/export/", {"encoding": "cp932"})
    text = b"".join(answer.streaming_content).decode("cp932")
    assert "髙﨑" in text
    assert text.count("〓") == 3
    assert Event.objects.get(kind="data_exported").data == {
        "what": "leads", "rows": 1, "filters": [], "encoding": "cp932",
    }  # fmt: skip
    assert "3 characters that Shift_JIS lacks" in client.get("/c/").content.decode()


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_a_file_is_read_in_pieces_and_holds_each_row_once(
    client: Client, now, monkeypatch, encoding: str, django_assert_num_queries
) -> None:
    client.force_login(a_member("marketing", role="lead", language="en"))
    monkeypatch.setattr("funnel.querysets.PIECE", 2)
    known = [a_lead(now, name=f"人{n}").pk for n in range(5)]
    answer = client.post("/c/export/", {"encoding": encoding})
    assert Event.objects.filter(kind="data_exported").count() == 1
    with django_assert_num_queries(3):
        text = b"".join(answer.streaming_content).decode(encoding)
    rows = list(csv.reader(io.StringIO(text)))
    assert [int(row[0]) for row in rows[1:]] == known[::-1]
    at = Lead.objects.get(pk=known[0]).lead_at.astimezone(Organization.current().tz)
    assert rows[-1][-9:] == ["Leads", "", f"{at:%Y-%m-%d %H:%M}", *[""] * 6]


@pytest.mark.parametrize("what", ["people", "customers"])
def test_people_and_customers_are_taken_out_by_leads_only(client: Client, now, what: str) -> None:
    contract = a_contract(now)
    contract.customer.account.name = "@SUM(1)"
    contract.customer.account.save()
    client.force_login(a_member("marketing"))
    assert client.post(f"/{what}/export/").status_code == 403
    client.force_login(a_member("marketing", role="lead", language="en"))
    text = b"".join(client.post(f"/{what}/export/").streaming_content).decode()
    assert "'@SUM(1)" in text
    assert Event.objects.get(kind="data_exported").data == {"what": what, "rows": 1, "filters": []}


def test_people_are_listed_once_with_their_latest_lead(client: Client, reader: Member, now) -> None:
    first = an_mql(
        now, company="みなと", name="高橋 由美", email="yumi@example.jp", name_kana="タカハシ ユミ"
    )
    leads.recycle(first.pk, SYSTEM, now=now, reason="timing", wake_up_on=now.date() + timedelta(days=9))
    again = leads.reopen_pass(first.person_id, SYSTEM, now=now)
    a_lead(now, name="青木 亮", name_kana="アオキ リョウ", email="", phone="03-1")
    rows = client.get("/people/", {"q": "たかはし"}).context["page"].rows
    assert [(p.pk, p.latest["pk"], p.latest["stage"]) for p in rows] == [(first.person_id, again.pk, "lead")]
    assert [p.name for p in client.get("/people/?order=kana").context["page"].rows] == [
        "青木 亮",
        "高橋 由美",
    ]
    assert [p.name for p in client.get("/people/?reach=phone").context["page"].rows] == ["青木 亮"]
    assert client.get("/people/?lead=none").context["page"].rows == []


def test_the_list_is_in_the_readers_language(client: Client, now) -> None:
    client.force_login(a_member("marketing", language="ja"))
    an_mql(now)
    with translation.override("ja"):
        assert "対応中" in client.get("/c/").content.decode() or Lead.objects.count() == 1


def _found(client: Client, **query: object) -> list[int]:
    return [lead.pk for lead in client.get("/c/", query).context["page"].rows]
