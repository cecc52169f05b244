"""Deals as a board and as a list: what they show, what they add up, what they ask of the database."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from funnel.models import Deal, Event
from funnel.transitions import deals, leads
from funnel.transitions.acting import SYSTEM
from handoffs import promises
from handoffs.models import Handoff
from tests.builders import a_deal, a_member

pytestmark = pytest.mark.django_db


def signed_in(*departments: str, language: str = "en", **more) -> Client:
    client = Client()
    client.force_login(a_member(*departments, language=language, **more))
    return client


def today(now) -> date:
    return now.astimezone(ZoneInfo("Asia/Tokyo")).date()


def worth(now, amount: str | None, step: str = "first_meeting", **facts) -> Deal:
    deal = a_deal(now)
    if amount is not None:
        facts["amount"] = Decimal(amount)
    deals.describe(deal.pk, SYSTEM, now=now, **facts)
    return deals.move_step(deal.pk, SYSTEM, now=now, step=step)


def text(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def once(n: int = 1) -> str:
    return f"00000000-0000-4000-8000-{n:012d}"


def test_a_column_says_what_its_deals_are_worth_and_what_is_likely(now) -> None:
    (
        worth(now, "1000000"),
        worth(now, "500000", "proposal"),
        worth(now, "2500000", "proposal"),
        worth(now, None),
    )
    page = signed_in("field_sales").get("/deals/")
    lanes = {lane.step: lane for lane in page.context["lanes"]}
    assert [(s, one.number) for s, one in lanes.items()] == [
        ("first_meeting", 2), ("proposal", 2), ("negotiation", 0), ("contracting", 0),
    ]  # fmt: skip
    (first,), (proposal,) = lanes["first_meeting"].worths, lanes["proposal"].worths
    assert (first.amount, first.weighted, first.unknown) == (1_000_000, 200_000, 1)
    assert (proposal.amount, proposal.weighted) == (3_000_000, 1_200_000)
    (total,) = page.context["totals"]
    assert (total.number, total.amount, total.weighted) == (4, 4_000_000, 1_400_000)
    assert "¥4M 4 deals ・ weighted ¥1.4M" in text(page)
    assert "400万円 4件" in text(signed_in("field_sales", language="ja").get("/deals/"))


def test_currencies_are_never_added_together(now) -> None:
    lead = worth(now, "1000000").lead_id
    dollars = deals.DealFields(amount=Decimal("9800.50"), currency="USD")
    deals.open_deal(lead, SYSTEM, now=now, fields=dollars)
    totals = signed_in("field_sales").get("/deals/").context["totals"]
    assert [(one.currency, one.amount, one.weighted) for one in totals] == [
        ("JPY", 1_000_000, 200_000),
        ("USD", Decimal("9800.50"), 1960),
    ]


def test_a_card_says_what_is_next_how_late_and_how_long_it_stands(now) -> None:
    deal = a_deal(now, at=now - timedelta(days=45))
    deals.plan(deal.pk, SYSTEM, now=now, next_step="見積", next_step_on=today(now) - timedelta(days=3))
    due = deals.plan(a_deal(now).pk, SYSTEM, now=now, next_step="電話", next_step_on=today(now))
    a_deal(now)
    page = signed_in("field_sales").get("/deals/")
    said = text(page)
    assert "3 days late" in said
    assert "Today" in said
    assert "45 days still" in said
    assert "No next step" in said
    assert '<span class="badge bad num">' in page.content.decode()
    # What is late comes first, what has no day last.
    assert [one.pk for one in page.context["cards"]][:2] == [deal.pk, due.pk]


def test_a_deal_whose_handoff_waits_says_so(now) -> None:
    deal = a_deal(now)
    handoff = Handoff.objects.filter(deal=deal, boundary="sql").first()
    client = signed_in("field_sales")
    for address in ("/deals/", "/deals/?view=list"):
        assert ("Waits to be accepted" in text(client.get(address))) == (handoff.decision == "pending")
    if handoff.decision == "pending":
        promises.accept(handoff.pk, SYSTEM, now=now)
    assert "Waits to be accepted" not in text(client.get("/deals/"))


def test_filters_narrow_the_board_and_the_list_alike(now) -> None:
    me = a_member("field_sales", language="en")
    client = Client()
    client.force_login(me)
    mine = worth(now, "1", owner=me, expected_close_on=today(now))
    old = a_deal(now, at=now - timedelta(days=40), company="株式会社あおば工業")
    nobodys = worth(now, "2", "proposal", expected_close_on=today(now) - timedelta(days=400))
    asked = {
        "owner=me": {mine},
        f"owner={me.pk}": {mine},
        "owner=none": {old, nobodys},
        "still=30": {old},
        "step=proposal": {nobodys},
        "closing=month": {mine},
        "closing=late": {nobodys},
        "closing=none": {old},
        "q=あおば": {old},
        "owner=99999999": {mine, old, nobodys},
        "still=x&step=x&column=nowhere&after=~~&before=1~": {mine, old, nobodys},
    }
    for query, found in asked.items():
        for view in ("board", "list"):
            page = client.get(f"/deals/?view={view}&{query}")
            assert set(page.context["cards"]) == found, (query, view)
            assert sum(one.number for one in page.context["totals"]) == len(found), (query, view)


def test_the_board_and_the_list_ask_as_much_of_the_database_for_many_as_for_few(now) -> None:
    client = signed_in("field_sales")

    def asked(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    for n in range(3):
        deals.plan(
            worth(now, "1000", "proposal").pk, SYSTEM, now=now, next_step=f"次{n}", next_step_on=today(now)
        )
    few = [asked(address) for address in ("/deals/", "/deals/?view=list", "/deals/?view=list&state=won")]
    for n in range(24):
        deals.plan(
            worth(now, "1000", "proposal").pk, SYSTEM, now=now, next_step=f"次{n}", next_step_on=today(now)
        )
    many = [asked(address) for address in ("/deals/", "/deals/?view=list", "/deals/?view=list&state=won")]
    assert few == many
    assert max(many) <= 14


def test_a_column_shows_more_by_key_with_and_without_a_script(now) -> None:
    made = [worth(now, "1", "proposal").pk for _ in range(23)]
    client = signed_in("field_sales")
    page = client.get("/deals/")
    lane = next(one for one in page.context["lanes"] if one.step == "proposal")
    assert (lane.number, len(lane.cards)) == (23, 20)
    rest = client.get(f"/deals/{lane.more}", headers={"HX-Request": "true"})
    assert "<html" not in rest.content.decode()
    assert rest.content.decode().count('class="deal"') == 3
    whole = client.get(f"/deals/{lane.more}")
    assert [lane.step for lane in whole.context["lanes"]] == ["proposal"]
    assert sorted([one.pk for one in lane.cards] + [one.pk for one in whole.context["cards"]]) == sorted(made)


def test_a_move_without_a_script_goes_back_to_where_one_was(now) -> None:
    deal = a_deal(now)
    client = signed_in("field_sales")
    sent = {"step": "negotiation", "seen": "first_meeting", "next": "/deals/?owner=me"}
    answer = client.post(f"/deals/{deal.pk}/move/", sent)
    assert (answer.status_code, answer["Location"]) == (302, "/deals/?owner=me")
    deal.refresh_from_db()
    assert deal.step == "negotiation"
    assert Event.objects.get(deal=deal, kind="deal_step_changed").department == "field_sales"
    assert client.get(f"/deals/{deal.pk}/move/").status_code == 200
    assert (
        client.post(f"/deals/{deal.pk}/move/", {**sent, "next": "https://evil.example/"})["Location"]
        == "/deals/"
    )


def test_a_move_answers_with_the_card_the_sums_and_an_undo(now) -> None:
    deal = worth(now, "1000000")
    client = signed_in("field_sales")
    there, script = f"/deals/{deal.pk}/move/", {"HX-Request": "true"}
    moved = client.post(there, {"step": "contracting", "seen": "first_meeting"}, headers=script)
    html = moved.content.decode()
    assert moved.status_code == 200
    assert f'id="deal-{deal.pk}" data-step="contracting"' in html
    assert 'id="sums-first_meeting" hx-swap-oob="true"' in html
    assert 'id="sums-contracting" hx-swap-oob="true"' in html
    assert "weighted ¥900K" in text(moved)
    undone = client.post(there, {"step": "first_meeting", "seen": "contracting"}, headers=script)
    assert undone.status_code == 200
    deal.refresh_from_db()
    assert deal.step == "first_meeting"


def test_who_moves_what_somebody_else_moved_is_told_who_did(now) -> None:
    deal = a_deal(now)
    other = a_member("field_sales", language="en")
    first = Client()
    first.force_login(other)
    first.post(f"/deals/{deal.pk}/move/", {"step": "proposal", "seen": "first_meeting"})
    late = signed_in("field_sales").post(
        f"/deals/{deal.pk}/move/",
        {"step": "contracting", "seen": "first_meeting"},
        headers={"HX-Request": "true"},
    )
    assert late.status_code == 409
    assert f"{other.name} moved this to “Proposal”" in text(late)
    assert f'id="deal-{deal.pk}" data-step="proposal"' in late.content.decode()
    deal.refresh_from_db()
    assert deal.step == "proposal"


@pytest.mark.parametrize("sent", [{}, {"step": "won"}, {"step": "proposal", "seen": "x"}])
def test_a_move_to_nowhere_is_refused_and_says_so(now, sent) -> None:
    deal = a_deal(now)
    answer = signed_in("field_sales").post(f"/deals/{deal.pk}/move/", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert 'class="errors"' in answer.content.decode()
    assert not Event.objects.filter(deal=deal, kind="deal_step_changed").exists()


def test_a_closed_deal_is_not_moved(now) -> None:
    deal = a_deal(now)
    deals.lose(deal.pk, SYSTEM, now=now, reason="price")
    client = signed_in("field_sales")
    assert (
        client.post(
            f"/deals/{deal.pk}/move/", {"step": "proposal"}, headers={"HX-Request": "true"}
        ).status_code
        == 409
    )
    assert client.post(f"/deals/{deal.pk}/move/", {"step": "proposal"}, follow=True).status_code == 200
    assert "Lost" in text(client.get(f"/deals/{deal.pk}/move/"))


def test_inside_sales_sees_the_board_and_moves_nothing(now) -> None:
    a_deal(now)
    page = signed_in("inside_sales").get("/deals/")
    assert 'form class="move"' not in page.content.decode()
    assert "data-may-move" not in page.content.decode()


def test_a_next_step_is_said_where_the_deal_stands(now) -> None:
    deal = a_deal(now)
    client = signed_in("field_sales")
    there, script = f"/deals/{deal.pk}/next/", {"HX-Request": "true"}
    assert "<html" not in client.get(there, headers=script).content.decode()
    sent = {
        "once": once(),
        "seen": deal.next_step_seen,
        "next_step": "　見積を送る ",
        "next_step_on": "2027-05-10",
    }
    said = client.post(there, sent, headers=script)
    assert said.status_code == 200
    assert "見積を送る" in text(said)
    assert client.post(there, sent, headers=script).status_code == 200
    assert Event.objects.filter(deal=deal, kind="details_changed").count() == 1
    late = client.post(there, {**sent, "once": once(2), "next_step": "訪問"}, headers=script)
    assert late.status_code == 409
    assert "It says now: 見積を送る" in text(late)
    deal.refresh_from_db()
    again = client.post(there, {**sent, "once": once(3), "next_step": "訪問", "seen": deal.next_step_seen})
    assert (again.status_code, again["Location"]) == (302, "/deals/")
    bad = client.post(there, {"once": once(4), "next_step": "", "next_step_on": "2027-05-10"})
    assert bad.status_code == 422
    assert "Say what is to be done on that day" in text(bad)
    assert client.post(there, {"once": once(5), "next_step": "x", "next_step_on": "soon"}).status_code == 422


def test_the_list_is_sorted_by_its_heads_and_paged_by_key(now) -> None:
    made = [worth(now, str(1000 * n)) for n in range(1, 53)]
    worth(now, None)
    client = signed_in("field_sales")
    for order in ("", "amount", "still", "closing", "owner", "new"):
        first = client.get(f"/deals/?view=list&order={order}")
        rest = client.get(f"/deals/{first.context['page'].next}")
        seen = [one.pk for page in (first, rest) for one in page.context["page"].rows]
        assert len(seen) == len(set(seen)) == 53, order
    amounts = [one.amount for one in client.get("/deals/?view=list&order=amount").context["page"].rows]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] == made[-1].amount
    for cursor in ("NaN~1", "%00~1", "Infinity~1", "2020-01-01~1", "x~y"):
        for order in ("amount", "owner", "still", "closing"):
            assert client.get(f"/deals/?view=list&order={order}&after={cursor}").status_code == 200


def test_won_and_lost_deals_are_listed_with_their_reason(now) -> None:
    lost, won = worth(now, "1000000"), worth(now, "2000000")
    deals.lose(lost.pk, SYSTEM, now=now, reason="price")
    deals.win(won.pk, SYSTEM, now=now, amount=2_000_000, reason="speed")
    client = signed_in("field_sales")
    assert "Price" in text(client.get("/deals/?view=list&state=lost&order=still"))
    assert "Fast response" in text(client.get("/deals/?view=list&state=won"))
    ended = client.get("/deals/").context["ended"]
    assert {state: one[0].amount for state, one in ended.items()} == {"won": 2_000_000, "lost": 1_000_000}


def test_leads_take_the_list_out_and_the_ledger_knows(now) -> None:
    deal = worth(now, "1000000", "proposal")
    deals.plan(deal.pk, SYSTEM, now=now, next_step="見積", next_step_on=today(now))
    assert signed_in("field_sales").post("/deals/export/").status_code == 403
    client = Client()
    client.force_login(a_member("field_sales", role="lead", language="ja"))
    answer = client.post("/deals/export/?view=list&step=proposal&q=")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[0][:4] == ["ID", "外部ID", "会社名", "商談名"]
    assert rows[1][0] == str(deal.pk)
    assert rows[1][5:9] == ["提案", "1000000", "JPY", "40"]
    assert Event.objects.get(kind="data_exported").data == {"what": "deals", "rows": 1, "filters": ["step"]}


def test_a_call_is_movement(now) -> None:
    deal = a_deal(now, at=now - timedelta(days=45))
    client = signed_in("field_sales")
    assert client.get("/deals/?still=30").context["cards"] == [deal]
    leads.log(deal.lead_id, SYSTEM, now=now, kind="call")
    assert client.get("/deals/?still=30").context["cards"] == []
