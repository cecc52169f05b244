"""From record to record: J and K follow the list one came from, say which place this is, and find the way back."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from funnel.models import Lead
from funnel.transitions import leads
from funnel.transitions.acting import SYSTEM
from handoffs.models import Handoff
from handoffs.views import walking
from tests import builders

pytestmark = pytest.mark.django_db


def signed_in(*departments: str) -> Client:
    client = Client()
    client.force_login(builders.a_member(*departments, language="en"))
    return client


def walk(client: Client, address: str, **headers: str):
    page = client.get(address, headers=headers)
    assert page.status_code == 200, address
    return page.context["walk"]


def overdue(now, count: int) -> list[Lead]:
    """MQLs whose promise is late, the latest first."""
    return [builders.an_mql(now, at=now - timedelta(hours=100 - n)) for n in range(count)]


def test_the_record_knows_its_place_in_the_queue_one_came_from(now):
    first, second, third = overdue(now, 3)
    client = signed_in("inside_sales")
    here = walk(client, f"/c/{second.pk}/", referer="http://testserver/?tab=do")
    assert here.position == "2 of 3"
    assert urlsplit(here.previous).path == f"/c/{first.pk}/"
    assert urlsplit(here.next).path == f"/c/{third.pk}/"
    last = walk(client, here.next)
    assert (last.position, last.next) == ("3 of 3", "")
    assert urlsplit(walk(client, last.previous).previous).path == f"/c/{first.pk}/"


def test_back_leads_to_the_row_one_has_walked_to(now):
    first, second = overdue(now, 2)
    client = signed_in("inside_sales")
    there = walk(client, walk(client, f"/c/{first.pk}/?from=%2F%3Ftab%3Ddo%26mine%3D").next)
    handoff = Handoff.objects.get(lead=second)
    back = urlsplit(there.back)
    assert back.path == "/"
    assert parse_qs(back.query)["row"] == [f"promise-{handoff.pk}"]
    assert back.fragment == f"row-promise-{handoff.pk}"


def test_back_from_deep_in_the_list_opens_its_page_there(now):
    found = overdue(now, 53)
    client = signed_in("inside_sales")
    there = walk(client, f"/c/{found[51].pk}/?from=%2F")
    assert there.position == "52 of 53"
    assert f'href="/c/{found[51].pk}/' in client.get(there.back.partition("#")[0]).content.decode()


def test_a_row_that_is_done_keeps_its_place_and_the_next_is_what_came_after(now):
    first, second, third = overdue(now, 3)
    client = signed_in("inside_sales")
    here = walk(client, f"/c/{first.pk}/?from=%2F").next
    leads.recycle(second.pk, SYSTEM, now=now, reason="timing", wake_up_on=(now + timedelta(days=60)).date())
    gone = walk(client, here)
    assert gone.position == ""
    assert urlsplit(gone.previous).path == f"/c/{first.pk}/"
    assert urlsplit(gone.next).path == f"/c/{third.pk}/"


def test_filters_of_the_queue_are_those_of_the_walk(now):
    one = builders.an_mql(now, company="株式会社さくら食品")
    builders.an_mql(now, company="北斗メディカル")
    two = builders.an_mql(now, company="さくら運輸")
    client = signed_in("inside_sales")
    here = walk(client, f"/c/{one.pk}/?from=%2F%3Fq%3D%E3%81%95%E3%81%8F%E3%82%89")
    assert here.position == "1 of 2"
    assert urlsplit(here.next).path == f"/c/{two.pk}/"


def test_the_lists_of_leads_and_customers_are_walked_as_well(now):
    older, newer = builders.a_lead(now), builders.a_lead(now)
    client = signed_in("marketing")
    here = walk(client, f"/c/{newer.pk}/", referer="http://testserver/c/?stage=lead")
    assert here.position == "1 of 2"
    assert urlsplit(here.next).path == f"/c/{older.pk}/"
    assert here.back == "/c/?stage=lead"
    contracts = [builders.a_contract(now) for _ in range(2)]
    here = walk(client, f"/customers/{contracts[1].customer_id}/?from=%2Fcustomers%2F%3Forder%3Dnew")
    assert here.position == "1 of 2"
    assert urlsplit(here.next).path == f"/customers/{contracts[0].customer_id}/"


@pytest.mark.parametrize(
    "query",
    [
        "from=https%3A%2F%2Felsewhere.example%2F",
        "from=%2Ffunnel%2F",
        "from=%2F%2Fx%2F",
        "from=",
        "from=%2F%3Ftab%3Dnone&at=zzz.999999999999",
    ],
)
def test_a_strange_place_is_no_walk_and_no_fault(now, query):
    lead = builders.a_lead(now)
    here = walk(signed_in("field_sales"), f"/c/{lead.pk}/?{query}")
    assert here is None or here.position == ""


def test_acts_and_composer_come_back_with_the_place(now):
    first, _second = overdue(now, 2)
    client = signed_in("inside_sales")
    html = client.get(f"/c/{first.pk}/?from=%2F").content.decode()
    handoff = Handoff.objects.get(lead=first)
    assert f'name="next" value="/c/{first.pk}/?from=%2F&amp;at=promise-{handoff.pk}.0"' in html


def test_the_number_of_statements_does_not_grow_with_the_list(now, django_assert_max_num_queries):
    client = signed_in("marketing", "inside_sales", "field_sales", "customer_success")
    counted = []
    for _ in range(2):
        (lead, *_rest) = overdue(now, 20)
        builders.a_deal(now)
        builders.a_contract(now)
        with django_assert_max_num_queries(34) as statements:
            assert walk(client, f"/c/{lead.pk}/?from=%2F").position
        counted.append(len(statements))
    assert counted[1] <= counted[0]


def test_who_walks_beyond_what_is_read_at_first_walks_on(now, monkeypatch):
    monkeypatch.setattr(walking, "AT_ONCE", 2)
    monkeypatch.setattr(walking, "MOST", 5)
    all_of_them = overdue(now, 6)
    client = signed_in("inside_sales")
    here = walk(client, f"/c/{all_of_them[0].pk}/", referer="http://testserver/?tab=do")
    seen = [here.position]
    for lead in all_of_them[1:5]:
        assert urlsplit(here.next).path == f"/c/{lead.pk}/"
        here = walk(client, here.next)
        seen.append(here.position)
    assert seen == ["1 of 2+", "2 of 4+", "3 of 4+", "4 of 5+", "5 of 5+"]
    # As far as it goes; and who opens a row far down the list is found there.
    assert here.next == ""
    deep = walk(client, f"/c/{all_of_them[3].pk}/", referer="http://testserver/?tab=do")
    assert (deep.position, urlsplit(deep.previous).path) == ("4 of 5+", f"/c/{all_of_them[2].pk}/")
