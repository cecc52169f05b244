"""Customers: onboarding, renewal, notice, end, what is heard of them, and what they give back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from funnel.errors import BadValue, MoveRefused
from funnel.models import Customer, Event, Lead, Organization, UsageReading
from funnel.transitions import customers, deals
from funnel.transitions.acting import SYSTEM
from funnel.transitions.leads import LeadFields
from tests.builders import a_contract, a_deal, a_member

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def customer(now):
    return a_contract(now).customer


def here(now) -> date:
    """The organisation's date."""
    return now.astimezone(Organization.current().tz).date()


def lead_of(customer) -> Lead:
    return Lead.objects.get(pk=customer.origin_lead_id)


def test_first_value_is_the_entry_into_onboarded(now, customer) -> None:
    assert customers.onboard(customer.pk, SYSTEM, now=now).phase == "adopting"
    assert lead_of(customer).onboarded_at == now
    with pytest.raises(MoveRefused, match="already_done"):
        customers.onboard(customer.pk, SYSTEM, now=now)


def test_a_renewal_follows_the_running_contract_once(now, customer) -> None:
    today = now.date()
    new = customers.renew(
        customer.pk, SYSTEM, now=now, signed_on=today, starts_on=today + DAY, mrr=Decimal(90000)
    )
    assert (new.renewal_of.ended_on, new.mrr) == (today + DAY, 90000)
    assert lead_of(customer).renewed_at is not None
    with pytest.raises(BadValue, match="bad_dates"):
        customers.renew(customer.pk, SYSTEM, now=now, signed_on=today, starts_on=today, ends_on=today - DAY)
    with pytest.raises(BadValue, match="in_future"):
        customers.renew(customer.pk, SYSTEM, now=now, signed_on=today + 3 * DAY, starts_on=today)


def test_notice_is_not_churn_and_the_end_is(now, customer) -> None:
    today = here(now)
    assert customers.give_notice(customer.pk, SYSTEM, now=now, notice_on=today).phase == "churn_notice"
    with pytest.raises(BadValue, match="end_in_future"):
        customers.end_contract(customer.pk, SYSTEM, now=now, ended_on=today + DAY)
    assert Customer.objects.get().phase == "churn_notice"
    ended = customers.end_contract(customer.pk, SYSTEM, now=now, ended_on=today)
    assert ended.phase == "churned"
    with pytest.raises(MoveRefused, match="no_contract"):
        customers.end_contract(customer.pk, SYSTEM, now=now, ended_on=today)


def test_a_renewal_comes_near_as_time_passes_and_is_over_once_renewed(now, customer) -> None:
    today = now.date()
    customers.onboard(customer.pk, SYSTEM, now=now)
    contract = customer.contracts.get()
    contract.ends_on = today + 91 * DAY
    contract.save(update_fields=["ends_on"])
    assert customers.note_renewals(day=today) == 0
    assert customers.note_renewals(day=today + DAY) == 1
    assert customers.note_renewals(day=today + 2 * DAY) == 0
    assert Customer.objects.get().phase == "renewal_window"
    ends = today + 400 * DAY
    customers.renew(customer.pk, SYSTEM, now=now, signed_on=today, starts_on=today + DAY, ends_on=ends)
    assert customers.note_renewals(day=today + 3 * DAY) == 0
    assert Customer.objects.get().phase == "adopting"


def test_who_gave_notice_or_is_not_onboarded_is_in_no_renewal_window(now, customer) -> None:
    today = now.date()
    customer.contracts.update(ends_on=today + DAY)
    assert customers.note_renewals(day=today) == 0
    customers.onboard(customer.pk, SYSTEM, now=now)
    customers.give_notice(customer.pk, SYSTEM, now=now, notice_on=today)
    assert customers.note_renewals(day=today) == 0
    assert Customer.objects.get().phase == "churn_notice"


def test_a_renewal_window_closes_when_the_contract_goes_on_longer(now, customer) -> None:
    today = now.date()
    customers.onboard(customer.pk, SYSTEM, now=now)
    customer.contracts.update(ends_on=today + DAY)
    assert customers.note_renewals(day=today) == 1
    customer.contracts.update(ends_on=None)
    assert customers.note_renewals(day=today) == 1
    assert Customer.objects.get().phase == "adopting"


def test_a_churned_customer_who_signs_again_is_reactivated(now) -> None:
    deal = a_deal(now, company="戻る社")
    customer = deals.win(deal.pk, SYSTEM, now=now, amount=1).customer
    customers.end_contract(customer.pk, SYSTEM, now=now, ended_on=here(now))
    again = deals.win(a_deal(now, company="戻る社", name="別人").pk, SYSTEM, now=now, amount=1)
    assert (again.customer_id, again.customer.phase) == (customer.pk, "reactivated")


def test_usage_is_stored_once_a_day_and_corrected_by_resending(now, customer) -> None:
    day = now.date() - DAY

    def send(*values: int) -> tuple[int, int, int]:
        readings = [(day - n * DAY, "active_users", Decimal(v)) for n, v in enumerate(values)]
        return customers.record_usage(customer.pk, SYSTEM, now=now, readings=readings)

    assert send(5, 6) == (2, 0, 0)
    assert send(5, 7) == (0, 1, 1)
    assert UsageReading.objects.get(day=day - DAY).value == 7


@pytest.mark.parametrize("value", ["-1", "NaN", "Infinity"])
def test_usage_that_is_no_quantity_is_refused(now, customer, value) -> None:
    with pytest.raises(BadValue):
        customers.record_usage(
            customer.pk, SYSTEM, now=now, readings=[(now.date(), "logins", Decimal(value))]
        )
    assert not UsageReading.objects.exists()


def test_usage_of_tomorrow_is_refused(now, customer) -> None:
    with pytest.raises(BadValue, match="in_future"):
        customers.record_usage(
            customer.pk, SYSTEM, now=now, readings=[(now.date() + 2 * DAY, "logins", Decimal(1))]
        )


@pytest.mark.parametrize(
    ("kind", "score", "code"),
    [("nps", 11, "score_range"), ("csat", 0, "score_range"), ("x", 1, "bad_choice")],
)
def test_an_answer_out_of_range_is_refused(now, customer, kind, score, code) -> None:
    with pytest.raises(BadValue) as refusal:
        customers.record_survey(customer.pk, SYSTEM, now=now, kind=kind, score=score, answered_on=now.date())
    assert refusal.value.code == code


def test_what_is_heard_of_tomorrow_is_refused(now, customer) -> None:
    day = now.date() + 2 * DAY
    with pytest.raises(BadValue, match="in_future"):
        customers.record_survey(customer.pk, SYSTEM, now=now, score=9, answered_on=day)
    with pytest.raises(BadValue, match="in_future"):
        customers.give_notice(customer.pk, SYSTEM, now=now, notice_on=day)
    assert not customer.surveys.exists()
    assert Customer.objects.get().phase == "onboarding"


def test_one_answer_a_wave(now, customer) -> None:
    customers.record_survey(customer.pk, SYSTEM, now=now, score=9, answered_on=now.date(), wave="2026-Q4")
    customers.record_survey(customer.pk, SYSTEM, now=now, score=3, answered_on=now.date(), wave="2026-Q4")
    assert customer.surveys.get().score == 3


def test_health_adds_up_and_a_change_of_band_is_an_event(now, customer) -> None:
    today = now.date()
    customers.onboard(customer.pk, SYSTEM, now=now)
    readings = [(today - n * DAY, "active_users", Decimal(20)) for n in range(1, 57)]
    customers.record_usage(customer.pk, SYSTEM, now=now, readings=readings)
    customers.record_survey(customer.pk, SYSTEM, now=now, score=10, answered_on=today)
    good = customers.refresh_health(customer.pk, day=today, now=now, by=SYSTEM)
    assert good.band == "healthy"
    assert sum(int(f["points"]) for f in good.factors) == good.score
    customers.record_survey(customer.pk, SYSTEM, now=now, score=0, answered_on=today, wave="later")
    readings = [(today - n * DAY, "active_users", Decimal(0)) for n in range(0, 28)]
    customers.record_usage(customer.pk, SYSTEM, now=now, readings=readings)
    bad = customers.refresh_health(customer.pk, day=today + DAY, now=now, by=SYSTEM)
    assert bad.score < good.score
    assert Event.objects.filter(customer=customer, kind="health_changed").count() == 1


def test_health_compares_inquiries_with_the_twelve_weeks_before(now, customer) -> None:
    today = now.date()
    readings = [(today - n * DAY, "inquiries", Decimal(1)) for n in (1, 8, 15, 22, *range(30, 112, 4))]
    customers.record_usage(customer.pk, SYSTEM, now=now, readings=readings)
    (inquiries,) = (f for f in customers.assess(customer, day=today).factors if f.key == "inquiries")
    # 21 in twelve weeks are 7 in four; now there are 4. Half of the base alone would look like a flood.
    assert inquiries.value == -43


def test_a_referral_opens_a_lead_and_marks_the_giver(now, customer) -> None:
    customers.agree_advocacy(customer.pk, SYSTEM, now=now)
    captured = customers.receive_referral(
        customer.pk, SYSTEM, now=now, fields=LeadFields(company="紹介先", name="鈴木")
    )
    assert captured.lead.referred_by_id == customer.pk
    assert lead_of(customer).referred_at == now
    customers.create_case(customer.pk, SYSTEM, now=now)
    customers.assign(customer.pk, SYSTEM, now=now, owner=a_member("customer_success"))
    kinds = set(Event.objects.filter(customer=customer).values_list("kind", flat=True))
    assert {"advocacy_agreed", "referral_received", "case_created", "owner_assigned"} <= kinds
