"""What else lies on whose desk: hot leads, returns with their clock, gaps, wins without a kickoff, renewals."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from funnel.models import Contract, Customer, Deal, Event, Lead, Organization
from funnel.stages import CustomerPhase, DealKind, EventKind
from funnel.transitions import customers, leads
from funnel.transitions.acting import SYSTEM
from handoffs import desk, promises
from handoffs.models import Handoff
from tests import builders
from tests.handoffs.test_views import once, signed_in, text

pytestmark = pytest.mark.django_db


def on(now, department: str, tab: str = "do", **more) -> list[tuple[str, int]]:
    """The rows of one department's desk today, in order."""
    today = now.astimezone(Organization.current().tz).date()
    wanted = desk.Desk(frozenset(department.split()), today=today, tonight=now + timedelta(hours=6), **more)
    found = desk.page(tab, wanted, desk.Cursor())
    return [(item.kind, item.record.pk) for item in found.items]


def ending(now, days: int) -> Contract:
    """A contract that ends so many days from the organisation's today."""
    today = now.astimezone(Organization.current().tz).date()
    return builders.a_contract(
        now,
        signed_on=today,
        starts_on=today - timedelta(days=300),
        ends_on=today + timedelta(days=days),
        mrr="90000",
    )


def test_what_a_lead_did_itself_makes_it_hot_until_it_is_decided(now):
    cold, hot, old = builders.a_lead(now), builders.a_lead(now), builders.a_lead(now)
    leads.log(hot.pk, SYSTEM, now=now, kind="form", direction="inbound", occurred_at=now - timedelta(days=3))
    leads.log(
        old.pk, SYSTEM, now=now, kind="visit", direction="inbound", occurred_at=now - timedelta(days=15)
    )
    assert on(now, "marketing") == [("hot", hot.pk), ("lead", old.pk), ("lead", cold.pk)]
    assert on(now, "inside_sales") == []
    leads.certify_mql(hot.pk, SYSTEM, now=now, reason="inquiry")
    assert ("hot", hot.pk) not in on(now, "marketing")


def test_whom_a_customer_referred_is_hot_and_the_row_names_who_it_was(now):
    contract = builders.a_contract(now)
    fields = leads.LeadFields(company="みどり工業", name="森", email="mori@example.jp")
    referred = customers.receive_referral(contract.customer_id, SYSTEM, now=now, fields=fields).lead
    assert ("hot", referred.pk) in on(now, "marketing")
    said = text(signed_in("marketing").get("/"))
    assert "Hot leads, not certified yet" in said
    assert f"referred by {contract.customer.account.name}" in said


def test_a_returned_lead_lies_with_marketing_until_the_end_of_the_next_business_day(now):
    zone = ZoneInfo("Asia/Tokyo")
    lead = builders.an_mql(now)
    caller = builders.an_actor("inside_sales", now=now)
    promises.give_back(lead.handoffs.get().pk, caller, now=now, reason="incomplete")
    assert on(now, "marketing") == [("returned", lead.handoffs.get().pk)]
    row = signed_in("marketing").get("/").context["groups"][0]["rows"][0]
    back = Handoff.objects.get().decided_at
    calendar = Organization.current().calendar()
    due = calendar.end_of_day(calendar.add_business_days(calendar.local_date(back), 1))
    assert row.clock.due == due
    assert due.astimezone(zone).strftime("%H:%M") == "00:00"


def test_of_very_many_returned_leads_the_latest_come_back_and_the_others_lie_in_hand(now, monkeypatch):
    caller = builders.an_actor("inside_sales", now=now)
    older, newer = builders.an_mql(now), builders.an_mql(now)
    for lead in (older, newer):
        promises.give_back(lead.handoffs.get().pk, caller, now=now, reason="incomplete")
    rows = {lead.pk: ("returned", lead.handoffs.get().pk) for lead in (older, newer)}
    assert set(on(now, "marketing")) == set(rows.values())
    monkeypatch.setattr("handoffs.desk.promised.RETURNED_TO", 1)
    assert on(now, "marketing") == [rows[newer.pk], ("lead", older.pk)]


def test_a_deal_handed_over_incomplete_is_to_be_accepted_or_returned(now):
    builders.a_deal(now)
    gap = builders.a_deal(now, score=60).handoffs.get(boundary="sql")
    assert on(now, "field_sales") == [("gap", gap.pk)]
    page = signed_in("field_sales").get("/")
    assert "Handed over incomplete" in text(page)
    row = page.context["groups"][0]["rows"][0]
    assert {b.slug for b in row.buttons[:3]} >= {"accept", "return"}
    seller = builders.an_actor("field_sales", now=now)
    promises.accept(gap.pk, seller, now=now)
    assert ("gap", gap.pk) not in on(now, "field_sales")


def test_a_win_without_a_kickoff_lies_with_its_seller_too_and_he_may_set_it(now):
    contract = builders.a_contract(now)
    handoff = Handoff.objects.get(boundary="won")
    assert ("sold", handoff.pk) in on(now, "field_sales")
    assert ("promise", handoff.pk) in on(now, "customer_success")
    both = on(now, "field_sales customer_success")
    assert ("promise", handoff.pk) in both
    assert ("sold", handoff.pk) not in both
    client = signed_in("field_sales")
    row = next(r for g in client.get("/").context["groups"] for r in g["rows"] if r.kind == "sold")
    assert [b.slug for b in row.buttons] == ["kickoff"]
    slot = client.get(row.buttons[0].url).context["form"].fields["slot"].choices[0][0]
    sent = {"slot": slot, "once": once(), "acting": row.department}
    assert client.post(row.buttons[0].url, sent).status_code == 302
    contract.refresh_from_db()
    assert contract.kickoff_at is not None
    assert ("sold", handoff.pk) not in on(now, "field_sales")


@pytest.mark.parametrize(
    ("days", "group", "tone"),
    [(-1, "renewal-0", "bad"), (0, "renewal-30", "warn"), (30, "renewal-30", "warn"), (31, "renewal-60", ""),
     (60, "renewal-60", ""), (61, "renewal-90", ""), (90, "renewal-90", "")],
)  # fmt: skip
def test_a_contract_comes_up_ninety_days_before_it_ends(now, days, group, tone):
    contract = ending(now, days)
    assert ("renewal", contract.pk) in on(now, "customer_success")
    page = signed_in("customer_success").get("/")
    found = next(g for g in page.context["groups"] if g["key"].startswith("renewal"))
    assert (found["key"], found["rows"][0].clock.tone) == (group, tone)
    assert "¥90,000 a month" in text(page)


def test_contracts_that_run_longer_or_are_over_do_not_come_up(now):
    ending(now, 91)
    renewed, ended = ending(now, 10), ending(now, 10)
    today = now.astimezone(Organization.current().tz).date()
    ends = renewed.ends_on + timedelta(days=365)
    customers.renew(
        renewed.customer_id, SYSTEM, now=now, signed_on=today, starts_on=renewed.ends_on, ends_on=ends
    )
    customers.end_contract(ended.customer_id, SYSTEM, now=now, ended_on=today)
    assert [row for row in on(now, "customer_success") if row[0] == "renewal"] == []


def test_a_renewal_is_recorded_from_its_row(now):
    contract = ending(now, 20)
    client = signed_in("customer_success")
    url = f"/contracts/{contract.pk}/renew/"
    form = client.get(url).context["form"]
    sent = {name: form.initial.get(name, field.initial) for name, field in form.fields.items()}
    answer = client.post(
        url,
        {**sent, "once": once(), "row": f"renewal-{contract.pk}", "tab": "do"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200, text(answer)
    assert "The renewal is recorded" in text(answer)
    new = Contract.objects.get(renewal_of=contract)
    assert new.starts_on == contract.ends_on + timedelta(days=1)
    assert [row for row in on(now, "customer_success") if row[0] == "renewal"] == []


def test_notice_and_end_of_a_contract_are_recorded_from_its_row(now):
    contract = ending(now, 5)
    client = signed_in("customer_success")
    today = now.astimezone(Organization.current().tz).date().isoformat()
    assert (
        client.post(f"/contracts/{contract.pk}/notice/", {"notice_on": today, "once": once()}).status_code
        == 302
    )
    page = client.get("/")
    assert "Notice of cancellation received" in text(page)
    row = next(r for g in page.context["groups"] for r in g["rows"] if r.kind == "renewal")
    assert "notice" not in [b.slug for b in row.buttons]
    sent = {"ended_on": today, "reason": "予算", "once": once()}
    assert client.post(f"/contracts/{contract.pk}/end/", sent).status_code == 302
    assert Customer.objects.get(pk=contract.customer_id).phase == CustomerPhase.CHURNED
    assert ("renewal", contract.pk) not in on(now, "customer_success")


def test_customer_success_opens_an_upsell_that_field_sales_works_on(now):
    contract = ending(now, 50)
    client = signed_in("customer_success")
    sent = {"product": "追加ID 20", "amount": "60万", "once": once()}
    assert client.post(f"/customers/{contract.customer_id}/upsell/", sent).status_code == 302
    deal = Deal.objects.get(kind=DealKind.UPSELL)
    assert (deal.product, deal.amount, deal.lead_id) == ("追加ID 20", 600_000, contract.deal.lead_id)
    assert Event.objects.get(kind=EventKind.DEAL_OPENED, deal=deal).department == "customer_success"
    assert ("deal", deal.pk) in on(now, "field_sales")


def test_a_referral_from_the_queue_is_a_lead_of_marketing_with_the_customer_as_its_source(now):
    contract = ending(now, 50)
    client = signed_in("customer_success")
    sent = {"company": "みどり工業", "name": "森", "email": "", "once": once()}
    assert client.post(f"/customers/{contract.customer_id}/refer/", sent).status_code == 302
    lead = Lead.objects.get(referred_by=contract.customer_id)
    assert ("hot", lead.pk) in on(now, "marketing")


def test_an_agreement_to_help_is_a_promise_of_marketing_kept_by_the_referral(now):
    contract = builders.a_contract(now)
    success, marketing = signed_in("customer_success"), signed_in("marketing")
    assert success.post(f"/customers/{contract.customer_id}/agree/", {"once": once()}).status_code == 302
    owed = Handoff.objects.get(boundary="advocacy")
    row = next(r for g in marketing.get("/").context["groups"] for r in g["rows"] if r.pk == owed.pk)
    assert [b.slug for b in row.buttons[:2]] == ["case", "refer"]
    sent = {"company": "みどり工業", "name": "森", "email": "", "once": once(), "acting": "marketing"}
    assert marketing.post(f"/customers/{contract.customer_id}/refer/", sent).status_code == 302
    owed.refresh_from_db()
    assert owed.kept_at is not None


def test_another_department_may_not_do_what_customer_success_does(now):
    contract = ending(now, 20)
    client = signed_in("inside_sales")
    for url in (
        f"contracts/{contract.pk}/renew",
        f"contracts/{contract.pk}/end",
        f"customers/{contract.customer_id}/upsell",
    ):
        assert client.post(f"/{url}/", {"once": once()}).status_code == 403
    assert not Deal.objects.filter(kind=DealKind.UPSELL).exists()
    assert Contract.objects.get(pk=contract.pk).ended_on is None


def test_every_kind_of_row_opens_its_strip_and_can_be_walked_to(now):
    ending(now, 20)
    builders.a_deal(now, score=60)
    hot = builders.a_lead(now)
    leads.log(hot.pk, SYSTEM, now=now, kind="form", direction="inbound", occurred_at=now)
    departments = ["marketing", "inside_sales", "field_sales", "customer_success"]
    for department in departments:
        client = signed_in(department)
        page = client.get("/")
        for row in [r for g in page.context["groups"] for r in g["rows"]]:
            assert client.get(f"/queue/{row.kind}/{row.pk}/?tab=do").status_code == 200
            assert client.get(f"{row.record_url}?from=/").status_code == 200
