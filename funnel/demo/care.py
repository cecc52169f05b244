"""Pure. The life of a customer: kickoff, onboarding, use, surveys, renewal, and now and then goodbye."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from funnel.calendar import add_months
from funnel.demo import staff
from funnel.demo.dice import Dice
from funnel.demo.hours import ONE_DAY
from funnel.demo.passes import MARKETING, Passing, Teller, terms
from funnel.stages import Department

SUCCESS = staff.of(Department.CUSTOMER_SUCCESS)
USAGE_DAYS = 112
NOTICE = timedelta(days=60)
FAREWELL = "価格改定に合意いただけず、他社製品へ移行されました。"
Readings = list[tuple[date, str, Decimal]]


class Mood(NamedTuple):
    """How a customer fares: share of seats in use, its change over the last weeks, features in use, answers, inquiries."""

    share: float
    change: float
    features: int
    nps: tuple[int, int]
    inquiries: float


THRIVING = Mood(0.74, 1.15, 78, (9, 10), 0.10)
STEADY = Mood(0.58, 1.0, 55, (7, 9), 0.07)
STRUGGLING = Mood(0.42, 0.9, 34, (5, 8), 0.22)
FADING = Mood(0.40, 0.35, 24, (3, 6), 0.03)
SILENT = Mood(0.12, 0.05, 10, (0, 5), 0.0)
MOODS = (THRIVING, STEADY, STRUGGLING, FADING, SILENT)


def mood(dice: Dice) -> Mood:
    """How this customer fares; most are well."""
    return dice.one_of(MOODS, (40, 32, 13, 10, 5))


def handed_over(teller: Teller, one: Passing, signed: datetime) -> None:
    """What customer success makes of a new contract: accept, set the kickoff, hold it, bring to first value."""
    dice, hours = teller.dice, teller.hours
    by = dice.one_of(SUCCESS, (4, 6))
    answered = hours.after(signed, min(dice.skewed(3, 0.7), 9))
    if dice.chance(0.06):
        teller.tell(answered, one.subject, "give_back", by, boundary="won", reason="incomplete")
        signed = teller.tell(hours.after(answered, dice.between(2, 9)), one.subject, "resend_won", one.field)
        answered = hours.after(signed, dice.between(0.5, 4))
    teller.tell(answered, one.subject, "accept", by, boundary="won")
    teller.tell(answered + timedelta(minutes=2), one.subject, "assign_customer", SUCCESS[0], owner=by)
    late = dice.chance(0.12 if by == SUCCESS[0] else 0.2)
    days = dice.between(4, 8) if late else dice.between(0.3, 2.6)
    booked = (
        hours.days_after(max(answered, signed), days)
        if late
        else max(answered, hours.days_after(signed, days))
    )
    held = hours.days_after(booked, dice.between(4, 7)).replace(minute=0, second=0, microsecond=0)
    teller.tell(booked, one.subject, "kickoff", by, kickoff_at=held)
    teller.tell(held + timedelta(hours=1), one.subject, "hold_kickoff", by)
    value = hours.days_after(held, dice.between(3, 13) if dice.chance(0.75) else dice.between(16, 35))
    teller.tell(value, one.subject, "onboard", by)


def lived_with(teller: Teller, one: Passing, feeling: Mood, since: date, now: datetime) -> None:
    """Surveys each half-year, usage of the last months, and the health that follows from both."""
    dice, hours = teller.dice, teller.hours
    month = add_months(since, 2)
    while (asked := hours.at(month + ONE_DAY * dice.whole(4, 20), dice.between(9, 18))) < now:
        if dice.chance(0.7):
            teller.tell(
                asked, one.subject, "survey", SUCCESS[-1], kind="nps", score=dice.whole(*feeling.nps),
                answered_on=asked.date(), wave=f"{month:%Y-%m}",
            )  # fmt: skip
        month = add_months(month, 6)
    use: dict[str, Any] = {
        "feeling": feeling,
        "since": since,
        "until": now.date(),
        "dice": Dice(f"use {one.subject}"),
    }
    teller.tell(now, one.subject, "usage", **use)


def usage(dice: Dice, feeling: Mood, *, seats: int, since: date, until: date) -> Readings:
    """Readings of the last months' weekdays: active users a day, features in use a week, inquiries as they come."""
    first = max(since + timedelta(days=20), until - timedelta(days=USAGE_DAYS))
    readings: Readings = []
    for n in range((until - first).days):
        day = first + ONE_DAY * n
        if day.weekday() > 4:
            continue
        # The change comes about over the last six weeks.
        recent = max(0.0, 1 - (until - day).days / 42)
        share = feeling.share * (1 + (feeling.change - 1) * recent) * dice.around(1, 0.07)
        active = seats * max(0.0, min(1.0, share))
        readings.append((day, "active_users", Decimal(round(active))))
        if day.weekday() == 0:
            features = feeling.features * (1 + (feeling.change - 1) * recent * 0.4)
            readings.append((day, "features_used_percent", Decimal(min(100, round(features)))))
        if dice.chance(feeling.inquiries * (1 if feeling is not FADING or recent == 0 else 0)):
            readings.append((day, "inquiries", Decimal(1)))
    return readings


def renewals(teller: Teller, one: Passing, ends_on: date, fate: str, price: int) -> None:
    """The end of an earlier contract comes near: renewed, or notice is given and it ends."""
    dice, hours = teller.dice, teller.hours
    by = SUCCESS[0]
    if fate != "renewed":
        noticed = hours.opening(hours.at(ends_on - NOTICE, 11))
        teller.tell(noticed, one.subject, "give_notice", by, notice_on=noticed.date())
        ended = hours.at(ends_on + ONE_DAY, 9.5)
        teller.tell(ended, one.subject, "end_contract", by, ended_on=ends_on, reason=FAREWELL)
        return
    signed = hours.opening(hours.at(ends_on - timedelta(days=dice.whole(4, 28)), dice.between(10, 17)))
    mrr = round(price / 12 * dice.one_of((1, 1, 1.1, 1.25, 0.9)), -2)
    teller.tell(
        signed, one.subject, "renew", by, signed_on=signed.date(), starts_on=ends_on + ONE_DAY,
        ends_on=add_months(ends_on + ONE_DAY, 12) - ONE_DAY, mrr=int(mrr),
    )  # fmt: skip


def earlier_customer(teller: Teller, one: Passing, signed_on: date, entered: datetime) -> dict[str, Any]:
    """A customer from before the product was introduced, entered as history. Returns the contract's terms."""
    dice, hours = teller.dice, teller.hours
    step = iter(timedelta(minutes=n) for n in range(9))
    captured = one.captured_at
    facts = terms(teller.price(), signed_on)
    teller.capture(one, at=entered + next(step), history=True)
    teller.certify(one, entered + next(step), occurred_at=hours.days_after(captured, 1), history=True)
    submitted = hours.days_after(captured, 9)
    teller.tell(
        entered + next(step), one.subject, "certify_sql", one.inside, occurred_at=submitted, history=True
    )
    won = hours.at(signed_on, 15)
    teller.tell(entered + next(step), one.subject, "win", one.field, occurred_at=won, history=True, **facts)
    value = hours.days_after(won, dice.between(8, 24))
    by = dice.one_of(SUCCESS)
    teller.tell(entered + next(step), one.subject, "onboard", by, occurred_at=value, history=True)
    teller.tell(entered + next(step), one.subject, "assign_customer", SUCCESS[0], owner=by)
    return facts


def advocacies(
    teller: Teller, happy: list[Passing], first: date, now: datetime
) -> Iterator[tuple[Passing, datetime]]:
    """A happy customer a month agrees to help; marketing takes it up. Yields those who refer somebody, and when."""
    dice, hours = teller.dice, teller.hours
    for one in happy:
        agreed = hours.opening(hours.at(first, dice.between(10, 17)))
        if agreed > now:
            return
        teller.tell(agreed, one.subject, "agree_advocacy", dice.one_of(SUCCESS))
        answered = hours.days_after(agreed, dice.between(0.5, 4) if dice.chance(0.8) else dice.between(6, 9))
        if dice.chance(0.5):
            teller.tell(answered, one.subject, "create_case", MARKETING[-1])
        else:
            yield one, answered
        first += timedelta(days=dice.whole(17, 30))
