"""Deals are won, lost, reopened and voided; the lead and its counts follow."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from funnel import moment
from funnel.errors import BadValue, MoveRefused
from funnel.models import Contract, Customer, Deal, Event
from funnel.transitions import deals
from funnel.transitions.acting import SYSTEM
from funnel.transitions.deals import DealFields
from tests.builders import a_contract, a_deal, an_actor

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_win_makes_contract_and_customer_and_closes_the_lead(now) -> None:
    deal = a_deal(now)
    contract = deals.win(
        deal.pk, SYSTEM, now=now, amount="1000000", mrr=Decimal(80000), kickoff_at=now + 3 * DAY
    )
    deal.refresh_from_db()
    deal.lead.refresh_from_db()
    assert (deal.state, deal.amount, deal.lead.outcome, deal.lead.won_at) == ("won", 1000000, "won", now)
    assert (contract.customer.origin_lead_id, contract.kickoff_at) == (deal.lead_id, now + 3 * DAY)
    assert list(Event.objects.filter(deal=deal).order_by("-id").values_list("kind", flat=True)[:3]) == [
        "kickoff_scheduled",
        "contract_signed",
        "deal_won",
    ]


def test_zero_is_an_amount(now) -> None:
    assert deals.win(a_deal(now).pk, SYSTEM, now=now, amount=0).deal.amount == 0


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (None, "amount_required"),
        ("-1", "amount_negative"),
        ("NaN", "amount_not_a_number"),
        ("Infinity", "amount_not_a_number"),
        ("１２０万", "amount_not_a_number"),
        ("0.5", "amount_fraction"),
        ("9" * 30, "amount_too_large"),
    ],
)
def test_what_is_not_an_amount_is_refused(now, amount, code) -> None:
    deal = a_deal(now)
    with pytest.raises(BadValue) as refusal:
        deals.win(deal.pk, SYSTEM, now=now, amount=amount)
    deal.refresh_from_db()
    assert (refusal.value.code, deal.state) == (code, "open")
    assert Contract.objects.count() == Customer.objects.count() == 0


def test_winning_twice_is_refused(now) -> None:
    contract = a_contract(now)
    with pytest.raises(MoveRefused, match="deal_not_open"):
        deals.win(contract.deal_id, SYSTEM, now=now, amount=1)
    assert Contract.objects.count() == 1


def test_a_win_counts_on_its_signing_day(now) -> None:
    deal = a_deal(now - 10 * DAY, at=now - 10 * DAY)
    signed = (now - 3 * DAY).date()
    contract = deals.win(deal.pk, SYSTEM, now=now, amount=1, signed_on=signed)
    deal.refresh_from_db()
    assert contract.signed_on == signed
    assert deal.closed_at == deals.winning.Organization.current().calendar().start_of_day(signed)


@pytest.mark.parametrize(
    ("certified", "signed", "verdict"),
    [
        ("2026-05-13 23:50", "2026-05-13", "2026-05-13 23:50"),
        ("2026-05-13 00:10", "2026-05-13", "2026-05-13 00:10"),
        ("2026-05-13 23:50", "2026-05-14", "2026-05-14 00:00"),
        ("2026-05-13 00:10", "2026-05-12", "signed_before_sql"),
        ("2026-05-13 23:50", "2026-05-12", "signed_before_sql"),
    ],
)
def test_signed_on_the_local_day_of_the_certification_or_later(now, certified, signed, verdict) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    deal = a_deal(now, at=datetime.fromisoformat(certified).replace(tzinfo=tokyo))

    def win(**more) -> None:
        deals.win(deal.pk, SYSTEM, now=now, amount=1, signed_on=date.fromisoformat(signed), **more)

    if verdict == "signed_before_sql":
        with pytest.raises(MoveRefused) as refused:
            win()
        assert (refused.value.code, refused.value.field) == ("signed_before_sql", "signed_on")
        assert "2026-05-13" in refused.value.say("ja")
        win(history=True)
    else:
        win()
        deal.lead.refresh_from_db()
        assert deal.lead.won_at.astimezone(tokyo).strftime("%Y-%m-%d %H:%M") == verdict


def test_signed_tomorrow_is_refused(now) -> None:
    with pytest.raises(BadValue, match="in_future"):
        deals.win(a_deal(now).pk, SYSTEM, now=now, amount=1, signed_on=(now + 2 * DAY).date())


def test_a_contract_cannot_end_before_it_starts(now) -> None:
    with pytest.raises(BadValue, match="bad_dates"):
        deals.win(a_deal(now).pk, SYSTEM, now=now, amount=1, ends_on=date(2020, 1, 1))


def test_a_loss_needs_a_reason_and_closes_the_lead(now) -> None:
    deal = a_deal(now)
    with pytest.raises(BadValue, match="reason_required"):
        deals.lose(deal.pk, SYSTEM, now=now, reason="")
    deals.lose(deal.pk, SYSTEM, now=now, reason="price")
    deal.lead.refresh_from_db()
    assert (deal.lead.outcome, deal.lead.outcome_reason) == ("lost", "price")


def test_a_loss_beside_an_open_deal_leaves_the_lead_open(now) -> None:
    deal = a_deal(now)
    deals.open_deal(deal.lead_id, SYSTEM, now=now, fields=DealFields(product="追加"))
    deals.lose(deal.pk, SYSTEM, now=now, reason="price")
    deal.lead.refresh_from_db()
    assert deal.lead.is_open


def test_a_lost_deal_reopens_within_ninety_days(now) -> None:
    deal = a_deal(now)
    deals.lose(deal.pk, SYSTEM, now=now, reason="price")
    moment.simulate(now + 90 * DAY)
    reopened = deals.reopen(deal.pk, SYSTEM, now=now + 90 * DAY, reason="予算が付いた")
    reopened.lead.refresh_from_db()
    assert (reopened.state, reopened.lead.outcome) == ("open", None)
    deals.lose(deal.pk, SYSTEM, now=now, reason="price")
    moment.simulate(now + 91 * DAY)
    with pytest.raises(MoveRefused, match="reopen_too_late"):
        deals.reopen(deal.pk, SYSTEM, now=now + 91 * DAY, reason="x")


def test_a_reopened_win_leaves_the_counts(now) -> None:
    contract = a_contract(now)
    deal = deals.reopen(contract.deal_id, SYSTEM, now=now, reason="契約前に取消")
    deal.lead.refresh_from_db()
    assert (deal.lead.won_at, deal.lead.outcome, deal.state) == (None, None, "open")
    deals.win(deal.pk, SYSTEM, now=now, amount=5)
    deal.lead.refresh_from_db()
    assert deal.lead.won_at == now


def test_a_win_whose_contract_runs_is_not_reopened(now) -> None:
    deal = a_deal(now - 10 * DAY, at=now - 10 * DAY)
    deals.win(deal.pk, SYSTEM, now=now, amount=1, signed_on=(now - 5 * DAY).date())
    with pytest.raises(MoveRefused, match="contract_started"):
        deals.reopen(deal.pk, SYSTEM, now=now, reason="x")


def test_a_void_deal_leaves_all_counts(now) -> None:
    contract = a_contract(now)
    deal = deals.void(contract.deal_id, SYSTEM, now=now, reason="誤登録")
    deal.lead.refresh_from_db()
    assert (deal.state, deal.lead.won_at, deal.lead.is_open, deal.lead.stage) == ("void", None, True, "mql")
    with pytest.raises(MoveRefused, match="already_done"):
        deals.void(deal.pk, SYSTEM, now=now, reason="x")


def test_steps_go_back_and_forth(now) -> None:
    deal = a_deal(now)
    deals.move_step(deal.pk, SYSTEM, now=now, step="negotiation")
    assert deals.move_step(deal.pk, SYSTEM, now=now, step="proposal").step == "proposal"
    with pytest.raises(BadValue, match="bad_choice"):
        deals.move_step(deal.pk, SYSTEM, now=now, step="won")


def test_the_amount_of_a_closed_deal_is_fixed(now) -> None:
    deal = a_deal(now)
    assert deals.describe(deal.pk, SYSTEM, now=now, amount="120").amount == 120
    deals.lose(deal.pk, SYSTEM, now=now, reason="price")
    with pytest.raises(MoveRefused, match="deal_not_open"):
        deals.describe(deal.pk, SYSTEM, now=now, amount="1")


def test_the_kickoff_is_set_held_and_not_held_twice(now) -> None:
    contract = a_contract(now)
    with pytest.raises(MoveRefused, match="kickoff_missing"):
        deals.hold_kickoff(contract.deal_id, SYSTEM, now=now)
    with pytest.raises(BadValue, match="kickoff_past"):
        deals.kickoff(contract.deal_id, SYSTEM, now=now, kickoff_at=now - 2 * DAY)
    deals.kickoff(contract.deal_id, SYSTEM, now=now, kickoff_at=now + DAY)
    assert deals.hold_kickoff(contract.deal_id, SYSTEM, now=now).kickoff_held_at == now
    with pytest.raises(MoveRefused, match="already_done"):
        deals.hold_kickoff(contract.deal_id, SYSTEM, now=now)


def test_an_upsell_is_won_without_a_second_win_of_the_lead(now) -> None:
    contract = a_contract(now)
    lead = contract.deal.lead
    lead.refresh_from_db()
    won_at = lead.won_at
    upsell = deals.open_deal(lead.pk, SYSTEM, now=now, fields=DealFields(kind="upsell", amount=Decimal(50)))
    moment.simulate(now + DAY)
    deals.win(upsell.pk, SYSTEM, now=now + DAY, amount=50)
    lead.refresh_from_db()
    assert lead.won_at == won_at
    assert Customer.objects.count() == 1
    assert Deal.objects.filter(state="won").count() == 2


@pytest.mark.parametrize("said", ["", " ", "not_recorded"])
def test_who_can_be_asked_says_why_a_deal_ended(now, said) -> None:
    """Files and the past may not know; members and programs do."""
    deal = a_deal(now)
    for source in ("html", "api"):
        by = an_actor("field_sales", now=now, source=source)
        with pytest.raises(BadValue, match="reason_required"):
            deals.win(deal.pk, by, now=now, amount=1, reason=said)
        with pytest.raises(BadValue, match="reason_required"):
            deals.lose(deal.pk, by, now=now, reason=said)
    filed = an_actor("field_sales", now=now, source="csv")
    assert deals.win(deal.pk, filed, now=now, amount=1, reason=said).deal.reason == "not_recorded"
    past = an_actor("field_sales", now=now)
    assert deals.lose(a_deal(now).pk, past, now=now, reason=said, history=True).reason == "not_recorded"


def test_field_sales_wins_and_inside_sales_does_not(now) -> None:
    deal = a_deal(now)
    with pytest.raises(Exception, match="not_yours"):
        deals.win(deal.pk, an_actor("inside_sales", now=now), now=now, amount=1)
    contract = deals.win(deal.pk, an_actor("field_sales", now=now), now=now, amount=1, reason="fit")
    assert Event.objects.get(contract=contract, kind="contract_signed").department == "field_sales"
