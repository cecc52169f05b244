"""Pure. The script of the demo company's year: every act, by whom, when; a function of seed and moment."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from funnel.calendar import BusinessCalendar, add_months, month_end, month_start, months_between
from funnel.demo import care, market, today
from funnel.demo.acts import Act, in_order
from funnel.demo.dice import Dice
from funnel.demo.hours import ONE_DAY, Hours
from funnel.demo.names import Contact, Firm, contact, firms, reached_alone
from funnel.demo.passes import Destiny, Passing, Teller, casting, terms

MONTHS = 12
EARLIER_CUSTOMERS, PIPELINE, SECOND_CONTACTS = 24, 24, 12
FEWEST = 5
LEAVING_NOW = 3
SAME_COMPANY = 0.3


class Script(NamedTuple):
    """The story from the day the company started with the product up to `now`.

    `acts` are in order; `traffic` and `spend` are visits and yen by day and channel.
    """

    since: date
    now: datetime
    acts: list[Act]
    traffic: list[tuple[date, str, int]]
    spend: list[tuple[date, str, int]]


def first_day(today: date, months: int = MONTHS) -> date:
    """The day the story begins: the first of the month, so many whole months back."""
    return add_months(month_start(today), -months)


def write(
    seed: int, now: datetime, calendar: BusinessCalendar, *, months: int = MONTHS, size: float = 1
) -> Script:
    """Write the last whole months and the current one, up to `now`; `size` 1 is 340 leads a month."""
    return _Author(seed, now, calendar, months, size).write()


class _Author:
    def __init__(
        self, seed: int, now: datetime, calendar: BusinessCalendar, months: int, size: float
    ) -> None:
        self.dice = Dice(f"script {seed}")
        self.hours = Hours(calendar)
        self.now = now.astimezone(self.hours.zone)
        self.since, self.size = first_day(self.now.date(), months), size
        self.teller = Teller(self.dice, self.hours, self.now)
        self.firms = firms(self.dice)
        self.known: list[Firm] = [next(self.firms)]
        self.addresses: set[str] = set()
        self.phones: set[str] = set()
        self.earlier: list[Passing] = []
        self.sold: set[Firm] = set()

    def write(self) -> Script:
        months = list(months_between(self.since, self.now.date()))
        self._earlier_customers()
        self._pipeline()
        for month in months:
            for one in self._month(month):
                self.teller.lead(one)
        self._second_thoughts()
        self._second_contacts()
        self._referrals()
        self._customers()
        today.put(self.teller, self.now, self._passing, self.earlier[:3])
        until = self.now.date()
        return Script(
            self.since,
            self.now,
            in_order(self.teller.acts, self.now),
            [row for month in months for row in market.traffic(self.dice, self.hours, month, until)],
            [row for month in months for row in market.spend(self.dice, month, until)],
        )

    def _contact(self, *, elsewhere: bool = False) -> Contact:
        """Somebody not met before, now and then at a company that is, unless it has to be `elsewhere`."""
        while True:
            firm = None if self.dice.chance(SAME_COMPANY) and not elsewhere else next(self.firms, None)
            if firm is not None:
                self.known.append(firm)
            somebody = contact(self.dice, firm or self.dice.one_of(self.known))
            if somebody.email not in self.addresses:
                self.addresses.add(somebody.email)
                return reached_alone(somebody, self.phones)

    def _passing(
        self, subject: str, at: datetime, destiny: Destiny, *, channel: str = "", who: Contact | None = None
    ) -> Passing:
        month = month_start(at.date())
        channel = channel or self.dice.one_of(market.SOURCES, market.source_weights(month)).slug
        campaign = market.campaigns(month).get(channel, ("", ""))[0]
        return self._sold_once(
            casting(
                self.dice,
                subject,
                contact=who or self._contact(),
                channel=channel,
                campaign=campaign,
                captured_at=at,
                destiny=destiny,
            )  # fmt: skip
        )

    def _sold_once(self, one: Passing) -> Passing:
        """A company buys once; a later deal with it is lost."""
        if one.destiny is not Destiny.WON:
            return one
        if one.contact.firm in self.sold:
            return replace(one, destiny=Destiny.SQL)
        self.sold.add(one.contact.firm)
        return one

    def _month(self, month: date) -> Iterator[Passing]:
        """The passes captured in a month, each with how far it gets."""
        days = market.days_of(month, month_end(month))
        weights = [market.day_weight(self.hours, day) for day in days]
        count = round(self.size * market.LEADS_A_MONTH * market.pull(month) * self.dice.around(1, 0.03))
        moments = sorted(self._moment(self.dice.one_of(days, weights)) for _ in range(count))
        found = [self._passing(f"{month:%y%m}-{n:03d}", at, Destiny.LEAD) for n, at in enumerate(moments)]
        fair = market.exhibition_days(self.hours, month)
        placed = [self._at_fair(one, fair) if one.channel == "exhibition" and fair else one for one in found]
        for one in self._destined(placed, month):
            if one.captured_at <= self.now:
                yield one

    def _moment(self, day: date) -> datetime:
        hour = self.dice.one_of(range(7, 24), (1, 3, 7, 10, 10, 6, 8, 10, 10, 9, 7, 4, 3, 3, 3, 2, 1))
        return self.hours.at(day, hour + self.dice.between(0, 0.99))

    def _at_fair(self, one: Passing, days: list[date]) -> Passing:
        at = self.hours.at(self.dice.one_of(days), self.dice.between(10, 17.5))
        return replace(one, captured_at=at)

    def _destined(self, found: list[Passing], month: date) -> list[Passing]:
        """Share out how far passes get: as many as planned in every month, better channels more often."""
        ranked = sorted(
            found, key=lambda one: -(self.dice.between(0, 1) ** (1 / market.BY_SLUG[one.channel].quality))
        )
        mql = round(len(found) * market.MQL_SHARE * self.dice.around(1, 0.03))
        sql = round(mql * market.sql_share(month, self.now.date()) * self.dice.around(1, 0.08))
        won = round(sql * market.WON_SHARE * self.dice.around(1, 0.1))
        # The best of the ranking would all come from the best channel: draw again within each step.
        chosen = ranked[:mql]
        deals = self.dice.some_of(chosen, sql)
        reached = {one.subject: Destiny.MQL for one in chosen}
        reached.update({one.subject: Destiny.SQL for one in deals})
        reached.update({one.subject: Destiny.WON for one in deals[:won]})
        return [
            self._sold_once(replace(one, destiny=reached.get(one.subject, Destiny.LEAD))) for one in found
        ]

    def _entered(self, minutes: int) -> datetime:
        """When history was entered: on the first working morning, well before the day's work."""
        return self.hours.at(self.since, 0.5) + timedelta(minutes=minutes)

    def _earlier_customers(self) -> None:
        """Customers from before, whose contracts come up for renewal during the year and shortly after it."""
        count = max(FEWEST, round(EARLIER_CUSTOMERS * self.size))
        leaving = {count // 4, count * 3 // 5}
        for n in range(count):
            starts_on = add_months(self.since, 1 - 12 + 11 * n // count)
            signed_on = starts_on - ONE_DAY * self.dice.whole(3, 25)
            captured = self.hours.opening(self.hours.at(signed_on - ONE_DAY * self.dice.whole(30, 55), 11))
            one = self._passing(f"old-{n:02d}", captured, Destiny.WON, who=self._contact(elsewhere=True))
            facts = care.earlier_customer(self.teller, one, signed_on, self._entered(n * 10))
            fate = "notice" if n in leaving else "renewed"
            if fate == "renewed":
                self.earlier.append(one)
            care.renewals(self.teller, one, facts["ends_on"], fate, facts["amount"])
            feeling = care.SILENT if fate == "notice" else care.mood(self.dice)
            gone = fate == "notice" and facts["ends_on"] < self.now.date()
            care.lived_with(
                self.teller,
                one,
                feeling,
                self.since,
                self.hours.at(facts["ends_on"], 0) if gone else self.now,
            )

    def _pipeline(self) -> None:
        """Deals that were open when the product was introduced: entered as history, closed in it."""
        for n in range(round(PIPELINE * self.size)):
            age = self.dice.between(3, 38)
            captured = self.hours.opening(self._entered(0) - timedelta(days=age + 20))
            destiny = Destiny.WON if n % 3 == 0 else Destiny.SQL
            one = self._passing(f"pipe-{n:02d}", captured, destiny)
            entered = self._entered(320 + n * 3)
            certified = self.hours.days_after(captured, self.dice.between(0.2, 2))
            submitted = self.hours.days_after(certified, self.dice.between(1, 5))
            self.teller.capture(one, at=entered, history=True)
            self.teller.certify(one, entered, occurred_at=certified, history=True)
            self.teller.tell(
                entered, one.subject, "certify_sql", one.inside, occurred_at=submitted, history=True
            )
            opening = self.hours.at(self.since, 0) + timedelta(days=max(0.0, 30 - age) * 0.7)
            self.teller.deal(one, entered, self.hours.opening(max(opening, entered)), pace=0.5)

    def _second_thoughts(self) -> None:
        """Some of those put back to nurture come again when their date has come: a new pass of the same person."""
        for n, (one, at) in enumerate(self.teller.woken):
            if at < self.now:
                destiny = self.dice.one_of(
                    (Destiny.LEAD, Destiny.MQL, Destiny.SQL, Destiny.WON), (4, 4, 1, 1)
                )
                again = self._passing(f"again-{n:03d}", at, destiny, channel="mail_magazine", who=one.contact)
                self.teller.lead(again)

    def _second_contacts(self) -> None:
        """A colleague of somebody we are talking to appears: the pass joins the standing deal."""
        chances = [(one, start, end) for one, start, end in self.teller.selling if start > self._entered(900)]
        for n, (one, start, end) in enumerate(self.dice.some_of(chances, round(SECOND_CONTACTS * self.size))):
            at = self.hours.opening(start + (end - start) * 0.3)
            colleague = contact(self.dice, one.contact.firm)
            if colleague.email in self.addresses or at > self.now:
                continue
            self.addresses.add(colleague.email)
            colleague = reached_alone(colleague, self.phones)
            joining = self._passing(f"join-{n:02d}", at, Destiny.LEAD, who=colleague)
            self.teller.capture(joining)
            joined = self.hours.after(at, 1)
            if joined < end:
                self.teller.tell(joined, joining.subject, "join", one.inside, deal_of=one.subject)

    def _referrals(self) -> None:
        """Customers who bring somebody they know: a pass like any other, from the referral on."""
        givers = self.dice.some_of(self.earlier[3:], len(self.earlier))
        start = add_months(self.since, 1)
        for n, (giver, at) in enumerate(care.advocacies(self.teller, givers, start, self.now)):
            destiny = self.dice.one_of((Destiny.MQL, Destiny.SQL, Destiny.WON), (4, 3, 3))
            friend = self._passing(f"friend-{n:02d}", at, destiny, channel="referral")
            self.teller.referred(friend, giver)

    def _customers(self) -> None:
        """What becomes of the contracts signed so far; the first of them come up for renewal about now."""
        ending = 0
        for one, signed in sorted(self.teller.signed, key=lambda pair: pair[1]):
            if signed > self.now:
                return
            care.handed_over(self.teller, one, signed)
            feeling = care.mood(self.dice)
            ends_on = terms(0, signed.date())["ends_on"]
            if ends_on - care.NOTICE < self.now.date():
                ending += 1
                fate = "notice" if ending == LEAVING_NOW else "renewed"
                feeling = care.FADING if fate == "notice" else feeling
                care.renewals(self.teller, one, ends_on, fate, self.teller.price())
            care.lived_with(self.teller, one, feeling, signed.date(), self.now)
