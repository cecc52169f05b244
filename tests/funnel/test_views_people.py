"""The list of leads: search, filters, pages, export."""

import pytest
from django.test import Client
from django.utils import translation

from funnel.models import Event, Lead, Member
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from tests.builders import a_lead, a_member, an_mql

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


@pytest.mark.parametrize("rows", [3, 50])
def test_the_list_takes_the_same_few_statements_whatever_its_size(
    client: Client, reader: Member, now, rows: int, django_assert_max_num_queries
) -> None:
    for _ in range(rows):
        a_lead(now)
    with django_assert_max_num_queries(8):
        assert client.get("/c/").status_code == 200


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


def test_the_list_is_in_the_readers_language(client: Client, now) -> None:
    client.force_login(a_member("marketing", language="ja"))
    an_mql(now)
    with translation.override("ja"):
        assert "対応中" in client.get("/c/").content.decode() or Lead.objects.count() == 1


def _found(client: Client, **query: object) -> list[int]:
    return [lead.pk for lead in client.get("/c/", query).context["page"].rows]
