"""The bar of search and commands, and its page."""

import pytest
from django.test import Client

from funnel.models import Member
from funnel.search import hits
from funnel.transitions import deals
from funnel.transitions.acting import SYSTEM
from tests.builders import a_contract, a_deal, a_lead, a_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Member:
    member = a_member("marketing", language="en")
    client.force_login(member)
    return member


def found(client: Client, q: str, address: str = "/search/", **more: str) -> dict[str, list[str]]:
    rows = client.get(address, {"q": q, **more}).context["found"]
    return {kind: [entry.title for entry in entries] for kind, entries in rows.items() if entries}


def test_every_kind_of_a_company_is_found_in_the_same_order_in_bar_and_page(
    client: Client, reader, now
) -> None:
    deal = a_deal(now, company="株式会社みなと", name="高橋 由美")
    deals.win(deal.pk, SYSTEM, now=now, amount="100")
    a_lead(now, company="株式会社みなと", name="木村 亮", email="kimura@example.jp")
    a_lead(now, company="別会社")
    wanted = {
        "customer": ["株式会社みなと"],
        "deal": [deal.name],
        "lead": ["株式会社みなと"] * 2,
        "person": ["木村 亮", "高橋 由美"],
    }
    assert found(client, "ミナト") == wanted
    assert found(client, "ﾐﾅﾄ", "/search/suggest/") == wanted
    assert list(wanted) == list(client.get("/search/", {"q": "みなと"}).context["found"])
    of_kimura = {"customer": ["株式会社みなと"], "lead": ["株式会社みなと"], "person": ["木村 亮"]}
    assert found(client, "みなと 木村") == of_kimura
    assert found(client, "みなと", kind="person") == {"person": wanted["person"]}


def test_frequent_words_find_the_same_entries(client: Client, reader, now, monkeypatch) -> None:
    contract = a_contract(now)
    company = contract.customer.account.name
    few = found(client, company)
    assert set(few) == {"customer", "deal", "lead", "person"}
    monkeypatch.setattr("funnel.search.kinds.hits", lambda text, **_bounds: hits(text, dense=0))
    assert found(client, company) == few


def test_a_command_is_found_in_both_languages(client: Client, reader) -> None:
    for typed in ("funnel", "ファネル", "ﾌｧﾈﾙ", "ふぁねる", "FUNNEL"):
        assert [one.href for one in client.get("/search/", {"q": typed}).context["commands"]] == ["/funnel/"]
    assert not client.get("/search/", {"q": "みなと"}).context["commands"]
    forms = {one.form for one in client.get("/search/suggest/").context["commands"]}
    assert forms == {"", "ja", "out"}


def test_commands_are_links_and_forms_without_scripts(client: Client, reader) -> None:
    page = client.get("/search/", {"q": ""}).content.decode()
    assert 'href="/leads/new/"' in page
    assert 'action="/sign-out/"' in page
    assert 'name="language" value="ja"' in page


@pytest.mark.parametrize("q", ["\x00", "!?", "%", "_", "\\", "' OR 1=1", "a" * 500, "｡｡", "🙂"])
def test_odd_input_finds_nobody_and_breaks_nothing(client: Client, reader, now, q: str) -> None:
    a_lead(now)
    for address in ("/search/", "/search/suggest/"):
        answer = client.get(address, {"q": q})
        assert answer.status_code == 200
        assert not any(answer.context["found"].values())


def test_what_is_typed_is_never_markup(client: Client, reader) -> None:
    page = client.get("/search/suggest/", {"q": "<b>x"}).content.decode()
    assert "<b>x" not in page
    assert "&lt;b&gt;x" in page


@pytest.mark.parametrize("rows", [3, 30])
def test_a_search_takes_the_same_few_statements(
    client: Client, reader, now, rows: int, django_assert_max_num_queries
):
    for _ in range(rows):
        a_contract(now)
    for q in ("株式会社", "member", "テスト"):
        with django_assert_max_num_queries(12):
            client.get("/search/", {"q": q})
