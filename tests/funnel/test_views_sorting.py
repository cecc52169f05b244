"""Lists sorted by their columns: every row once whatever the page, who has none last, read from an index."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client

from funnel.models import Account, Customer, Lead, Member, Person
from funnel.views import keyset
from funnel.views.customers import listing as customers
from funnel.views.keyset import Order
from funnel.views.lists import leads, people
from tests.builders import a_lead, a_member, an_mql

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client, monkeypatch) -> Member:
    for module in (leads, people, customers):
        monkeypatch.setattr(module, "page", partial(keyset.page, size=2))
    member = a_member("marketing", language="en")
    client.force_login(member)
    return member


@pytest.fixture
def rows(now) -> None:
    """Seven passes, people and customers, with equals among them and some of whom little is known."""
    for n in range(7):
        made = (an_mql if n % 3 == 0 else a_lead)(now, at=now - timedelta(days=n % 4))
        kana = ("", "アベ", "ワダ", "アベ", "", "カトウ", "ｱﾍﾞ")[n]
        Person.objects.filter(pk=made.person_id).update(name_kana=kana, phone="")
        if n % 3 == 1:
            Person.objects.filter(pk=made.person_id).update(email="", email_norm=None)
        account = Account.objects.create(name=f"会社{n}", name_norm=f"会社{n}")
        Customer.objects.create(account=account, since=date(2025, 1, 1 + n % 4))


def walked(client: Client, address: str) -> list[Any]:
    """All rows of a list, page by page."""
    found: list[Any] = []
    seen = 0
    while address:
        page = client.get(address).context["page"]
        found += page.rows
        address = address.partition("?")[0] + page.next if page.next else ""
        seen += 1
        assert seen < 9
    return found


ASKED = [
    ("/c/", "captured", lambda row: row.lead_at, True),
    ("/c/", "stage", lambda row: row.stage, False),
    ("/people/", "kana", lambda row: row.name_kana or "\U0010ffff", False),
    ("/people/", "mail", lambda row: row.email_norm or "\U0010ffff", False),
    ("/customers/", "since", lambda row: row.since, True),
    ("/customers/", "renewal", lambda row: 0, False),
]


@pytest.mark.parametrize(("address", "order", "key", "descending"), ASKED)
@pytest.mark.parametrize("turned", [False, True])
def test_every_row_stands_once_in_the_order_asked(
    client: Client, reader, rows, address, order, key, descending, turned
) -> None:
    found = walked(client, f"{address}?order={'-' if turned else ''}{order}")
    assert len(found) == 7
    wanted = sorted(found, key=lambda row: (key(row), row.pk), reverse=descending != turned)
    assert [row.pk for row in found] == [row.pk for row in wanted]


def test_a_head_says_how_it_runs_and_turns_round_with_the_filters_kept(client: Client, reader, rows) -> None:
    text = client.get("/c/?stage=mql&order=captured").content.decode()
    head = re.search(r'<th scope="col" aria-sort="(\w+)"[^>]*><a class="sort" href="([^"]+)">Captured', text)
    assert head
    assert head[1] == "descending"
    assert head[2].replace("&amp;", "&") == "?stage=mql&order=-captured"
    assert text.count("aria-sort") == 1
    turned = client.get("/c/" + head[2].replace("&amp;", "&"))
    assert 'aria-sort="ascending"' in turned.content.decode()
    assert turned.context["form"].is_valid()


@pytest.mark.parametrize("order", ["nonsense", "-", "--stage", "-oldest", "stage%00"])
def test_an_order_that_is_none_is_said_and_ignored(client: Client, reader, rows, order: str) -> None:
    answer = client.get(f"/c/?order={order}")
    assert answer.status_code == 200
    assert answer.context["form"].errors["order"]
    assert len(answer.context["page"].rows) == 2


INDEXED = [
    ("lead_by_capture", Lead.objects.all(), leads.ORDERS["captured"], "2026-01-01T00:00:00+00:00~5"),
    ("lead_by_stage", Lead.objects.all(), leads.ORDERS["stage"], "mql~5"),
    ("person_by_kana", people.sortable(people.everybody()), people.ORDERS["kana"], "アベ~5"),
    ("person_by_mail", people.sortable(people.everybody()), people.ORDERS["mail"], "a@example.jp~5"),
    ("customer_by_since", Customer.objects.all(), customers.ORDERS["since"], "2025-01-01~5"),
]


@pytest.mark.parametrize(("index", "rows_of", "order", "cursor"), INDEXED)
def test_a_page_begins_in_its_index(index: str, rows_of: QuerySet[Any], order: Order, cursor: str) -> None:
    with connection.cursor() as asked:
        asked.execute("SET LOCAL enable_seqscan = off")
        asked.execute("SET LOCAL enable_sort = off")
        asked.execute("SET LOCAL enable_bitmapscan = off")
    beyond = keyset._beyond(order, *keyset._cursor(cursor, order), back=False)  # type: ignore[misc]
    plan = order.apply(rows_of.filter(beyond))[:3].explain()
    assert index in plan
    assert "Index Cond" in plan
