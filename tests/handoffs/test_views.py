"""The queue, the record and their acts, as a browser without scripts and with htmx asks for them."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from funnel import moment
from funnel.models import Activity, Event, Lead, Note, Organization
from funnel.stages import EventKind
from funnel.transitions import customers, deals, leads
from funnel.transitions.acting import SYSTEM, Actor
from funnel.transitions.ledger import record
from handoffs import promises
from handoffs.models import Handoff
from tests import builders

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def signed_in(*departments: str, **fields) -> Client:
    """A browser in which somebody of these departments has signed in, in English."""
    member = builders.a_member(*departments, language=fields.pop("language", "en"), **fields)
    client = Client()
    client.force_login(member)
    client.member = member
    return client


def once() -> str:
    return str(uuid.uuid4())


def text(response) -> str:
    """What a person reads, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def today(now) -> str:
    """The organisation's date."""
    return now.astimezone(Organization.current().tz).date().isoformat()


def companies(response) -> list[str]:
    """The companies of the rows, in order."""
    return [row.company for group in response.context["groups"] for row in group["rows"]]


def test_an_overdue_lead_stands_first_with_the_time_it_is_late(now):
    builders.an_mql(now, at=now - timedelta(hours=3), company="あおい商会")
    builders.an_mql(now, at=now - timedelta(hours=27, minutes=10), company="みなと物流")
    page = signed_in("inside_sales").get("/")
    assert page.status_code == 200
    said = text(page)
    assert said.index("みなと物流") < said.index("あおい商会")
    assert "3 h 10 min overdue" in said
    assert "Overdue 1" in said


def test_a_contact_is_logged_in_one_click_and_keeps_the_promise(now):
    lead = builders.an_mql(now)
    client = signed_in("inside_sales")
    page = client.get("/")
    form = re.search(r'<form method="post" action="(/leads/\d+/log/)".*?</form>', page.content.decode(), re.S)
    key = re.search(r'name="once" value="([^"]+)"', form[0])[1]
    answer = client.post(form[1], {"what": "called", "once": key})
    assert answer.status_code == 302
    assert Activity.objects.get(lead=lead).result == "connected"
    assert Handoff.objects.with_promise().get(lead=lead).promise == "kept"


def test_a_double_click_is_one_contact(now):
    lead = builders.an_mql(now)
    client = signed_in("inside_sales")
    key = once()
    for _ in range(2):
        assert client.post(f"/leads/{lead.pk}/log/", {"what": "no_answer", "once": key}).status_code == 302
    assert Activity.objects.filter(lead=lead).count() == 1


def test_with_htmx_the_row_comes_back_with_what_was_done(now):
    lead = builders.an_mql(now)
    handoff = Handoff.objects.get(lead=lead)
    row = f"promise-{handoff.pk}"
    answer = signed_in("inside_sales").post(
        f"/leads/{lead.pk}/log/", {"what": "mailed", "once": once(), "row": row, "tab": "do"}, headers=HTMX
    )
    body = answer.content.decode()
    assert answer.status_code == 200
    assert f'id="row-{row}"' in body
    assert "Mailed" in body
    assert 'hx-swap-oob="true"' in body


def test_a_lead_goes_from_form_to_customer_by_plain_forms(now):
    client = signed_in("marketing", "inside_sales", "field_sales", "customer_success")
    typed = {
        "company": "株式会社　ﾃｽﾄ商事",
        "name": "山田　太郎",
        "phone": "０３－１２３４－５６７８",
        "once": once(),
    }
    there = client.post("/leads/new/", typed)["Location"]
    lead = Lead.objects.get()
    assert there == f"/c/{lead.pk}/"
    assert lead.account.name == "株式会社 テスト商事"
    assert client.post(f"/leads/{lead.pk}/mql/", {"reason": "inquiry", "once": once()}).status_code == 302
    assert client.post(f"/leads/{lead.pk}/log/", {"what": "called", "once": once()}).status_code == 302
    form = client.get(f"/leads/{lead.pk}/sql/").context["form"]
    slot = form.fields["slot"].choices[0][0]
    bant = {"budget": "met", "authority": "met", "need": "met", "timeline": "met"}
    passed = {
        "company": "テスト商事",
        "name": "山田太郎",
        "contact": "03-1234-5678",
        "note": "4月までに切り替えたい",
    }
    answer = client.post(f"/leads/{lead.pk}/sql/", {**bant, **passed, "slot": slot, "once": once()})
    assert answer.status_code == 302, text(answer)
    deal = lead.deals.get()
    handoff = Handoff.objects.with_promise().get(boundary="sql", deal=deal)
    assert handoff.promise == "kept"
    if handoff.decision == "pending":
        assert client.post(f"/handoffs/{handoff.pk}/accept/", {"once": once()}).status_code == 302
    slot = client.get(f"/deals/{deal.pk}/win/").context["form"].fields["slot"].choices[0][0]
    won = {"amount": "１２０万", "reason": "fit", "signed_on": today(now), "slot": "", "once": once()}
    assert client.post(f"/deals/{deal.pk}/win/", won).status_code == 302
    deal.refresh_from_db()
    assert deal.amount == 1_200_000
    assert client.post(f"/deals/{deal.pk}/kickoff/", {"slot": slot, "once": once()}).status_code == 302
    assert Handoff.objects.with_promise().get(boundary="won", deal=deal).promise == "kept"
    record = text(client.get(f"/c/{lead.pk}/"))
    for words in (
        "Certified MQL",
        "Call Connected",
        "Certified SQL",
        "Won",
        "Kickoff set",
        "¥1,200,000",
        "Kickoff meeting set in 0 business days (agreed: 3 business days)",
    ):
        assert words in record


def test_the_record_shows_what_was_promised_with_the_customer(now):
    contract = builders.a_contract(now)
    customers.agree_advocacy(contract.customer_id, SYSTEM, now=now)
    client = signed_in("marketing")
    page = client.get(f"/c/{contract.deal.lead_id}/")
    assert "Referral or case taken up by" in text(page)
    assert client.post(f"/customers/{contract.customer_id}/case/", {"once": once()}).status_code == 302
    assert "Referral or case taken up in 0 business days" in text(client.get(f"/c/{contract.deal.lead_id}/"))


def test_nothing_typed_is_lost_when_an_act_is_refused(now):
    lead = builders.an_mql(now)
    client = signed_in("inside_sales")
    typed = {"budget": "met", "note": "急ぎです", "once": once(), "slot": ""}
    answer = client.post(f"/leads/{lead.pk}/sql/", typed)
    assert answer.status_code == 422
    assert "Set the date of the meeting." in text(answer)
    assert "急ぎです" in answer.content.decode()
    assert not lead.deals.exists()


def test_a_second_decision_is_told_who_was_first_and_leaves_nothing(now):
    deal = builders.a_deal(now)
    handoff = Handoff.objects.get(boundary="sql", deal=deal)
    client = signed_in("field_sales")
    assert client.post(f"/handoffs/{handoff.pk}/accept/", {"once": once()}).status_code == 302
    before = Event.objects.count(), Note.objects.count()
    row = {"row": f"handoff-{handoff.pk}", "tab": "waiting"}
    answer = client.post(
        f"/handoffs/{handoff.pk}/return/", {"reason": "no_budget", "note": "聞き直して", "once": once(), **row},
        headers=HTMX,
    )  # fmt: skip
    assert answer.status_code == 409
    assert "Somebody else has already accepted this handoff" in text(answer)
    assert "聞き直して" in answer.content.decode()
    assert (Event.objects.count(), Note.objects.count()) == before


def test_a_return_is_two_clicks_and_comes_back_to_the_sender(now):
    lead = builders.an_mql(now, company="戻り商店")
    handoff = Handoff.objects.get(lead=lead)
    receiver, sender = signed_in("inside_sales"), signed_in("marketing")
    form = receiver.get(f"/handoffs/{handoff.pk}/return/", headers=HTMX).content.decode()
    assert 'name="reason" value="no_budget"' in form
    assert (
        receiver.post(f"/handoffs/{handoff.pk}/return/", {"reason": "no_budget", "once": once()}).status_code
        == 302
    )
    came_back = text(sender.get("/?tab=returned"))
    assert "戻り商店" in came_back
    assert "No budget" in came_back
    assert companies(sender.get("/")) == ["戻り商店"]
    assert sender.post(f"/leads/{lead.pk}/mql/", {"reason": "inquiry", "once": once()}).status_code == 302
    assert companies(sender.get("/?tab=returned")) == companies(sender.get("/")) == []
    assert Handoff.objects.filter(lead=lead).count() == 2


def test_a_lead_put_to_nurture_wakes_up_as_the_next_pass(now):
    lead = builders.an_mql(now, company="育成物産")
    client = signed_in("inside_sales")
    later = (now + timedelta(days=40)).date().isoformat()
    answer = client.post(
        f"/leads/{lead.pk}/recycle/", {"reason": "timing", "wake_up_on": later, "once": once()}
    )
    assert answer.status_code == 302
    assert "育成物産" in companies(client.get("/?tab=nurture"))
    assert client.post(f"/leads/{lead.pk}/wake/", {"once": once()}).status_code == 302
    assert "育成物産" not in companies(client.get("/?tab=nurture"))
    assert Lead.objects.filter(person=lead.person, outcome=None).get().pass_no == 2


def test_another_department_is_told_whose_act_it_is(now):
    lead = builders.an_mql(now)
    answer = signed_in("customer_success").post(
        f"/leads/{lead.pk}/disqualify/", {"reason": "not_a_fit", "once": once()}
    )
    assert answer.status_code == 403
    assert "This is done by Marketing, Inside Sales, Field Sales" in text(answer)


def test_a_viewer_sees_the_record_and_no_buttons(now):
    lead = builders.an_mql(now)
    client = signed_in(is_viewer=True)
    page = client.get(f"/c/{lead.pk}/")
    assert page.status_code == 200
    assert f"/leads/{lead.pk}/" not in page.content.decode()
    assert client.post(f"/leads/{lead.pk}/log/", {"what": "called", "once": once()}).status_code == 403
    assert not Activity.objects.exists()


@pytest.mark.parametrize("amount", ["-1", "NaN", "abc", "1.5", "9" * 30])
def test_an_amount_that_is_none_is_refused_in_its_field(now, amount):
    deal = builders.a_deal(now)
    client = signed_in("field_sales")
    answer = client.post(
        f"/deals/{deal.pk}/win/", {"amount": amount, "reason": "fit", "signed_on": today(now), "once": once()}
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors["amount"]
    deal.refresh_from_db()
    assert deal.state == "open"


@pytest.mark.parametrize("address", ["/leads/999999/log/", "/handoffs/999999/accept/", "/c/999999/"])
def test_a_record_that_is_not_there_is_a_plain_404(db, address):
    assert signed_in("inside_sales").get(address).status_code == 404


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"once": "x"},
        {"what": "flew", "once": once()},
        {"what": "called", "once": once(), "occurred_at": "2999-01-01T10:00"},
    ],
)
def test_a_broken_form_is_refused_and_nothing_is_written(now, posted):
    lead = builders.an_mql(now)
    assert signed_in("inside_sales").post(f"/leads/{lead.pk}/log/", posted).status_code == 422
    assert not Activity.objects.exists()


def test_pages_by_keyset_show_every_row_once(now):
    wanted = {builders.an_mql(now, at=now - timedelta(hours=n)).pk for n in range(30)}
    wanted |= {builders.a_lead(now).pk for _ in range(75)}
    client = signed_in("marketing", "inside_sales")
    address, seen, pages = "/", [], 0
    while address:
        page = client.get(address)
        seen += re.findall(r'<h3><a href="/c/(\d+)/"', page.content.decode())
        address, pages = page.context["next_page"], pages + 1
    assert pages == 3
    assert len(seen) == len(set(seen))
    assert {int(pk) for pk in seen} == wanted


@pytest.mark.parametrize("department", ["marketing", "inside_sales", "field_sales", "customer_success"])
@pytest.mark.parametrize("tab", ["do", "waiting", "returned", "nurture"])
def test_the_number_of_statements_does_not_grow_with_the_rows(
    now, department, tab, django_assert_max_num_queries
):
    client = signed_in(department)
    counted = []
    for _ in range(2):
        _in_every_state(now)
        _in_every_state(now)
        with django_assert_max_num_queries(30) as statements:
            assert client.get(f"/?tab={tab}").status_code == 200
        counted.append(len(statements))
    assert counted[1] <= counted[0]


def _in_every_state(now) -> None:
    builders.a_lead(now)
    builders.an_mql(now)
    builders.a_deal(now)
    builders.a_contract(now)
    started = builders.a_contract(now, kickoff_at=now + timedelta(days=3))
    deals.hold_kickoff(started.deal_id, SYSTEM, now=now)
    customers.agree_advocacy(started.customer_id, SYSTEM, now=now)


def test_the_filter_lives_in_the_address(now):
    builders.an_mql(now, company="株式会社さくら食品", name="中村 翔太")
    builders.an_mql(now, company="北斗メディカル")
    client = signed_in("inside_sales")
    found = text(client.get("/", {"q": "さくら"}))
    assert "さくら食品" in found
    assert "北斗" not in found
    assert "北斗" in text(client.get("/", {"q": "北斗ﾒﾃﾞｨｶﾙ"}))
    assert "Nothing matches" in text(client.get("/", {"q": "無い会社"}))


@pytest.mark.parametrize(
    "query", ["after=zzz", "after=9_9_9", "after=0_" + "9" * 40 + "_1", "tab=none", "q=%00"]
)
def test_a_strange_address_shows_the_queue(db, query):
    assert signed_in("inside_sales").get(f"/?{query}").status_code == 200


def test_a_stranger_is_sent_to_sign_in_and_back(db):
    answer = Client().get("/?tab=returned")
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('sign-in')}?next=/%3Ftab%3Dreturned"


def test_an_expired_session_in_a_row_goes_to_sign_in_as_a_whole_page(now):
    lead = builders.an_mql(now)
    answer = Client().post(f"/leads/{lead.pk}/log/", {"what": "called"}, headers=HTMX)
    assert answer["HX-Redirect"] == "/sign-in/?next=/"


def test_two_hundred_rows_cost_as_many_statements_as_ten(now, django_assert_max_num_queries):
    client = signed_in("marketing", "inside_sales", "field_sales", "customer_success")
    counted = []
    for rows in (10, 200):
        while Lead.objects.count() < rows:
            builders.a_lead(now)
        with django_assert_max_num_queries(30) as statements:
            assert len(companies(client.get("/"))) == min(rows, 50)
        counted.append(len(statements))
    assert counted[1] <= counted[0]


def test_a_slip_of_the_hand_is_undone_from_the_row(now):
    lead = builders.an_mql(now)
    client = signed_in("inside_sales")
    row = {"row": f"promise-{Handoff.objects.get(lead=lead).pk}", "tab": "do"}
    answer = client.post(f"/leads/{lead.pk}/log/", {"what": "called", "once": once(), **row}, headers=HTMX)
    undo = re.search(r'action="(/events/\d+/withdraw/)"', answer.content.decode())[1]
    assert not Handoff.objects.owed().exists()
    assert client.post(undo, {"once": once(), **row}, headers=HTMX).status_code == 200
    assert Handoff.objects.owed().get().lead == lead
    page = client.get(f"/c/{lead.pk}/")
    assert "withdrawn" in text(page)
    again = client.post(undo, {"once": once()})
    assert again.status_code == 409
    assert "This has already been undone." in text(again)


def test_a_deal_moves_on_by_its_step(now):
    deal = builders.a_deal(now)
    client = signed_in("field_sales")
    assert client.post(f"/deals/{deal.pk}/step/", {"step": "proposal", "once": once()}).status_code == 302
    deal.refresh_from_db()
    assert deal.step == "proposal"
    assert client.post(f"/deals/{deal.pk}/step/", {"step": "moon", "once": once()}).status_code == 422


def test_several_handoffs_are_accepted_together_and_what_others_took_is_said(now):
    mine = [builders.an_mql(now).handoffs.get().pk for _ in range(3)]
    taken = builders.an_mql(now).handoffs.get().pk
    other = builders.a_deal(now).handoffs.get(boundary="sql").pk
    first, second = signed_in("inside_sales"), signed_in("inside_sales")
    assert first.post(f"/handoffs/{taken}/accept/", {"once": once()}).status_code == 302
    said = {"id": [*mine, taken, other], "once": once(), "next": "/?tab=waiting"}
    for _ in range(2):
        answer = second.post("/handoffs/accept/", said)
        assert answer["Location"] == "/?tab=waiting"
    page = text(second.get("/?tab=waiting"))
    assert "Accepted 3 handoffs" in page
    assert "2 could not be accepted" in page
    accepted = Handoff.objects.filter(pk__in=said["id"], decision="accepted")
    assert set(accepted.values_list("pk", flat=True)) == {*mine, taken}


def test_what_was_accepted_together_is_taken_back_together_and_what_cannot_be_is_named(now):
    owed = [builders.an_mql(now).handoffs.get() for _ in range(3)]
    client = signed_in("inside_sales")
    client.post("/handoffs/accept/", {"id": [h.pk for h in owed], "once": once(), "next": "/c/"})
    page = client.get("/c/").content.decode()
    address = re.search(r'action="(/acceptances/\d+/undo/\?next=%2Fc%2F)"', page)[1]
    asked = text(client.get(address))
    assert all(h.lead.account.name in asked for h in owed)
    # One of them has gone on meanwhile.
    used = owed[1].lead
    by = builders.an_actor("inside_sales", now=now)
    leads.recycle(used.pk, by, now=now, reason="timing", wake_up_on=now.date() + timedelta(days=9))
    assert client.post(address, {"once": once(), "next": "/c/"})["Location"] == "/c/"
    said = text(client.get("/c/"))
    assert "Taken back: 2 acceptances" in said
    assert f"Not taken back – {used.account.name}: “Back to nurture”" in said
    standing = Handoff.objects.filter(pk__in=[h.pk for h in owed], decision="accepted")
    assert [h.pk for h in standing] == [owed[1].pk]


@pytest.mark.parametrize("act", ["take", "wake", "notice", "renew", "end", "upsell", "refer", "agree"])
def test_every_act_offers_its_undo_beside_what_was_done(now, act):
    client = signed_in("inside_sales", "marketing", "customer_success", "field_sales")
    day = now.astimezone(Organization.current().tz).date()
    if act == "take":
        owed = builders.an_mql(now).handoffs.get()
        Handoff.objects.filter(pk=owed.pk).update(
            owner=None, owned_at=None, routed_by="", routed_count=None, routed_limit=None
        )
        address, sent = f"/handoffs/{owed.pk}/take/", {}
    elif act == "wake":
        lead = builders.an_mql(now)
        by = builders.an_actor("inside_sales", now=now)
        leads.recycle(lead.pk, by, now=now, reason="timing", wake_up_on=day + timedelta(days=2))
        address, sent = f"/leads/{lead.pk}/wake/", {}
    else:
        contract = builders.a_contract(now)
        sent = {
            "notice": {"notice_on": day},
            "end": {"ended_on": day, "reason": "予算"},
            "renew": {
                "signed_on": day,
                "starts_on": day,
                "ends_on": day + timedelta(days=365),
                "mrr": "1000",
            },
            "upsell": {"product": "追加席", "amount": "10000"},
            "refer": {"company": "紹介先", "name": "紹介 花子", "email": ""},
        }.get(act, {})
        of_contract = act in ("notice", "end", "renew")
        subject, pk = ("contract", contract.pk) if of_contract else ("customer", contract.customer_id)
        address = f"/{subject}s/{pk}/{act}/"
    answer = client.post(address, {**sent, "once": once(), "next": "/c/"})
    assert answer.status_code == 302, text(answer)
    page = client.get("/c/").content.decode()
    undo = re.search(r'action="(/events/\d+/withdraw/)\?next=%2Fc%2F"', page)[1]
    assert client.post(undo, {"once": once(), "note": "", "next": "/c/"}).status_code == 302
    assert Event.objects.filter(kind="event_corrected", data__withdrawn=True).exists()
    assert "Undone" in text(client.get("/c/"))


@pytest.mark.parametrize("ids", [[], ["x"], ["-1"], ["9" * 40]])
def test_a_bundle_of_nothing_accepts_nothing(now, ids):
    client = signed_in("inside_sales")
    builders.an_mql(now)
    assert client.post("/handoffs/accept/", {"id": ids, "once": once()}).status_code == 302
    assert "Choose at least one row." in text(client.get("/"))
    assert Handoff.objects.get().decision == "pending"


def test_a_note_is_added_to_the_contact_just_logged(now):
    lead = builders.an_mql(now)
    client = signed_in("inside_sales")
    client.post(f"/leads/{lead.pk}/log/", {"what": "called", "once": once()})
    activity = Activity.objects.get(lead=lead)
    answer = client.post(
        f"/activities/{activity.pk}/note/", {"note": "折り返し待ち", "once": once()}, headers=HTMX
    )
    assert "Note saved" in text(answer)
    assert "折り返し待ち" in text(client.get(f"/c/{lead.pk}/"))
    answer = client.post(f"/activities/{activity.pk}/note/", {"note": " ", "once": once()}, headers=HTMX)
    assert answer.status_code == 422
    assert "Write a note." in text(answer)


def test_who_was_first_is_named_with_the_moment(now):
    deal = builders.a_deal(now)
    handoff = deal.handoffs.get(boundary="sql")
    quick, slow = signed_in("field_sales"), signed_in("field_sales")
    assert quick.post(f"/handoffs/{handoff.pk}/accept/", {"once": once()}).status_code == 302
    answer = slow.post(f"/handoffs/{handoff.pk}/return/", {"reason": "no_budget", "once": once()})
    assert answer.status_code == 409
    assert f"{quick.member.name} recorded “Handoff accepted” on" in text(answer)


def test_a_pass_put_to_sleep_is_back_among_what_is_to_be_done_that_morning(now):
    lead = builders.an_mql(now, company="朝一商事")
    client = signed_in("inside_sales")
    said = {"reason": "timing", "when": "month", "note": "4月に予算が出る", "once": once()}
    assert client.post(f"/leads/{lead.pk}/recycle/", said).status_code == 302
    assert "朝一商事" not in companies(client.get("/"))
    Lead.objects.filter(pk=lead.pk).update(wake_up_on=today(now))
    page = client.get("/")
    (row,) = [row for group in page.context["groups"] for row in group["rows"] if row.company == "朝一商事"]
    assert (row.group, row.note) == ("wake", "4月に予算が出る")
    assert "朝一商事" not in companies(signed_in("marketing").get("/"))
    body = {"once": once(), "row": row.dom, "tab": "do"}
    answer = client.post(f"/leads/{lead.pk}/wake/", body, headers=HTMX)
    fresh = Lead.objects.get(previous=lead)
    assert f'id="row-lead-{fresh.pk}"' in answer.content.decode()
    assert [row.dom for g in client.get("/").context["groups"] for row in g["rows"]] == [f"lead-{fresh.pk}"]


def test_a_customer_whose_health_fell_lies_on_the_desk_until_somebody_took_care(now):
    customer = builders.a_contract(now).customer
    lead = customer.origin_lead
    client = signed_in("customer_success")
    kickoff = [row.kind for g in client.get("/").context["groups"] for row in g["rows"]]
    assert kickoff == ["promise"]
    record(
        EventKind.HEALTH_CHANGED,
        SYSTEM,
        now=now,
        lead=lead,
        customer=customer,
        data={"from": "healthy", "to": "at_risk"},
    )
    rows = {row.kind: row for g in client.get("/").context["groups"] for row in g["rows"]}
    assert rows["health"].why == "Healthy → At risk"
    assert client.post(f"/leads/{lead.pk}/log/", {"what": "no_answer", "once": once()}).status_code == 302
    assert "health" in [row.kind for g in client.get("/").context["groups"] for row in g["rows"]]
    assert client.post(f"/leads/{lead.pk}/log/", {"what": "cared", "once": once()}).status_code == 302
    assert "health" not in [row.kind for g in client.get("/").context["groups"] for row in g["rows"]]
    record(
        EventKind.HEALTH_CHANGED,
        SYSTEM,
        now=moment.now(),
        lead=lead,
        customer=customer,
        data={"from": "at_risk", "to": "healthy"},
    )
    assert "health" not in [row.kind for g in client.get("/").context["groups"] for row in g["rows"]]


def test_what_changed_is_told_by_name_and_strangers_are_not(now):
    first = builders.an_mql(now).handoffs.get()
    client = signed_in("inside_sales")
    assert client.get("/queue/changes/?tab=do").json()["rows"] == [f"promise-{first.pk}"]
    second = builders.an_mql(now, at=now - timedelta(hours=2)).handoffs.get()
    told = client.get("/queue/changes/?tab=do").json()
    assert told["rows"] == [f"promise-{second.pk}", f"promise-{first.pk}"]
    assert told["counts"]["do"] == 2
    assert client.get("/queue/nothing/1/").status_code == 404
    assert client.get("/queue/promise/999999/").status_code == 404
    assert "Shift" in client.get(f"/queue/promise/{first.pk}/?tab=do").content.decode()


def test_what_was_heard_is_kept_without_handing_over(now):
    lead = builders.an_mql(now)
    client = signed_in("inside_sales")
    assert client.post(f"/leads/{lead.pk}/bant/", {"need": "met", "once": once()}).status_code == 302
    assert lead.qualifications.latest().need == "met"
    form = client.get(f"/leads/{lead.pk}/sql/").context["form"]
    assert form["need"].value() == "met"
    assert form.completeness.filled == ("company", "name", "contact", "need")


def test_a_deal_whose_next_step_is_due_stands_before_what_is_due_later(now):
    deal = builders.a_deal(now)
    client = signed_in("field_sales")
    handoff = deal.handoffs.get(boundary="sql")
    assert client.post(f"/handoffs/{handoff.pk}/accept/", {"once": once()}).status_code == 302
    rows = [row for g in client.get("/").context["groups"] for row in g["rows"]]
    assert [row.dom for row in rows] == [f"deal-{deal.pk}"]
    day = now.astimezone(Organization.current().tz).date()
    deals.plan(deal.pk, SYSTEM, now=now, next_step="見積を送る", next_step_on=day)
    (row,) = [row for g in client.get("/").context["groups"] for row in g["rows"]]
    assert (row.dom, row.group, row.note, row.clock.tone) == (f"step-{deal.pk}", "step", "見積を送る", "warn")
    deals.plan(deal.pk, SYSTEM, now=now, next_step="見積を送る", next_step_on=day + timedelta(days=1))
    (row,) = [row for g in client.get("/").context["groups"] for row in g["rows"]]
    assert (row.dom, row.clock.tone) == (f"deal-{deal.pk}", "")


def test_a_win_is_undone_from_its_toast_and_from_the_timeline(now):
    deal = builders.a_deal(now)
    client = signed_in("field_sales")
    accepted = client.post(f"/handoffs/{deal.handoffs.get().pk}/accept/", {"once": once(), "next": "/"})
    link = re.search(
        r'action="(/events/\d+/withdraw/\?next=%2F)"',
        client.get(accepted["Location"]).content.decode(),
    )
    assert link
    row = {"row": f"deal-{deal.pk}", "tab": "do"}
    today = now.astimezone(Organization.current().tz).date().isoformat()
    slot = (now + timedelta(days=1)).isoformat()
    typed = {"amount": "120万", "signed_on": today, "kickoff_at": "", "slot": slot, "reason": "fit"}
    for _ in range(2):
        answer = client.post(f"/deals/{deal.pk}/win/", {**typed, "once": once(), **row}, headers=HTMX)
        undo = re.search(r'action="(/events/\d+/withdraw/)"', answer.content.decode())[1]
        won = Event.objects.filter(deal=deal, kind="deal_won").latest("id")
        assert undo == f"/events/{won.pk}/withdraw/"
        assert f'href="{undo}?next=' in client.get(f"/c/{deal.lead_id}/").content.decode()
        assert "Undone" in client.post(undo, {"once": once(), **row}, headers=HTMX).content.decode()
        deal.refresh_from_db()
        assert (deal.state, deal.amount, deal.lead.won_at) == ("open", None, None)
    assert f'id="row-deal-{deal.pk}"' in client.get("/").content.decode()


def test_a_contact_logged_late_can_be_said_to_have_been_earlier(now):
    lead = builders.an_mql(now, at=now - timedelta(hours=24, minutes=10))
    client = signed_in("inside_sales")
    handoff = Handoff.objects.get(lead=lead)
    row = {"row": f"promise-{handoff.pk}", "tab": "do"}
    logged = client.post(f"/leads/{lead.pk}/log/", {"what": "called", "once": once(), **row}, headers=HTMX)
    assert 'name="ago" value="just_now"' in logged.content.decode()
    first = Activity.objects.get(lead=lead)
    moved = client.post(
        f"/activities/{first.pk}/note/", {"once": once(), "ago": "just_now", "note": "決裁者と話せた", **row}, headers=HTMX
    )  # fmt: skip
    assert "Recorded afterwards" in text(moved)
    latest = Activity.objects.filter(lead=lead).latest("pk")
    assert (latest.result, latest.note.text) == ("connected", "決裁者と話せた")
    assert now - latest.occurred_at >= timedelta(minutes=30) - timedelta(seconds=1)
    assert first.event.corrections.get().data == {"withdrawn": True}
    # It occurred in time and was recorded too late: kept late, and the card says why.
    judged = Handoff.objects.with_promise().get(pk=handoff.pk)
    assert (judged.promise, judged.kept_at, judged.kept_by) == ("kept_late", latest.occurred_at, latest.event)
    assert judged.kept_at <= judged.due_at < judged.kept_recorded_at
    page = text(client.get(f"/c/{lead.pk}/"))
    assert "recorded late" in page
    # It is told once, of the moment it was; the ledger holds both.
    assert page.count("決裁者と話せた") == 1
    shown = client.get(f"/c/{lead.pk}/").content.decode()
    assert f'id="event-{latest.event_id}"' in shown or f"/events/{latest.event_id}/withdraw/" in shown
    assert "withdrawn by" not in page
    undo = re.search(r'action="(/events/\d+/withdraw/)"', moved.content.decode())[1]
    assert undo == f"/events/{latest.event_id}/withdraw/"
    again = client.post(f"/activities/{first.pk}/note/", {"once": once(), "ago": "just_now"}, headers=HTMX)
    assert (again.status_code, Activity.objects.count()) == (422, 2)


def test_the_form_of_a_contact_asks_when_it_was(now):
    lead = builders.an_mql(now, at=now - timedelta(hours=5))
    client = signed_in("inside_sales")
    assert 'name="ago" value="just_now"' in client.get(f"/leads/{lead.pk}/log/").content.decode()
    client.post(f"/leads/{lead.pk}/log/", {"what": "mailed", "once": once(), "ago": "just_now"})
    kept = Handoff.objects.with_promise().get(lead=lead)
    assert (kept.promise, Activity.objects.get().occurred_at < now) == ("kept", True)


def test_what_was_heard_stands_in_the_form_of_a_win(now):
    lead = builders.an_mql(now)
    client = signed_in("inside_sales", "field_sales")
    by = Actor.of(client.member, "html", now=now)
    deal = promises.submit_sql(
        lead.pk, by, now=now, bant=builders.BANT, sheet={"note": "在庫を拠点ごとに見たい"},
        below_threshold_reason="meeting_soon", meeting_at=now + timedelta(days=1),
    )  # fmt: skip
    page = client.get(f"/deals/{deal.pk}/win/").content.decode()
    assert "在庫を拠点ごとに見たい</textarea>" in page


def test_the_next_step_is_edited_in_the_head_of_the_record_and_in_the_row(now):
    deal = builders.a_deal(now)
    deals.plan(deal.pk, SYSTEM, now=now, next_step="見積を送る", next_step_on=None)
    client = signed_in("field_sales")
    client.post(f"/handoffs/{deal.handoffs.get().pk}/accept/", {"once": once()})
    head = client.get(f"/c/{deal.lead_id}/").content.decode()
    assert head.index("head-next") < head.index("見積を送る") < head.index('class="timeline"')
    for page in (head, client.get("/").content.decode()):
        assert f'hx-get="/deals/{deal.pk}/next/' in page
