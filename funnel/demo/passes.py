"""Pure. The life of one lead, from the first trace to the outcome of its deal, told as acts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any

from funnel.calendar import add_months
from funnel.demo import staff
from funnel.demo.acts import Act
from funnel.demo.dice import Dice
from funnel.demo.hours import Hours
from funnel.demo.market import BY_SLUG, DEAL_SIZE
from funnel.demo.names import CALL_NOTES, HANDOVER_NOTES, Contact
from funnel.stages import BANT_FIELDS, Department

INSIDE = staff.of(Department.INSIDE_SALES)
FIELD = staff.of(Department.FIELD_SALES)
MARKETING = staff.of(Department.MARKETING)
PRODUCT = "ワークフロー"
QUARTER = timedelta(days=91)
LEFT_ASLEEP = 0.004
"""Of those whose day to try again has come, the share that is still to be called."""


class Destiny(IntEnum):
    """How far a pass gets."""

    LEAD = 0
    MQL = 1
    SQL = 2
    WON = 3


@dataclass(frozen=True)
class Passing:
    """One pass to be told: who, from which channel, captured when, and how far it gets."""

    subject: str
    contact: Contact
    channel: str
    campaign: str
    captured_at: datetime
    destiny: Destiny
    inside: str
    field: str


def casting(dice: Dice, subject: str, **about: Any) -> Passing:
    """A pass with the colleagues who will look after it; one in twelve is one person's from call to close."""
    inside = dice.one_of(INSIDE, (20, 34, 28, 18))
    field = inside if inside in FIELD and dice.chance(0.5) else dice.one_of(FIELD)
    return Passing(subject, inside=inside, field=field, **about)


def terms(amount: int, signed_on: date) -> dict[str, Any]:
    """A year's contract from the first of the next month: amounts in yen, one seat for 3,000 yen a month."""
    starts_on = add_months(signed_on, 1)
    mrr = round(amount / 12, -2)
    return {
        "amount": amount, "mrr": int(mrr), "seats": max(5, int(mrr) // 3000), "signed_on": signed_on,
        "starts_on": starts_on, "ends_on": add_months(starts_on, 12) - timedelta(days=1),
    }  # fmt: skip


class Teller:
    """Tells passes into one list of acts."""

    def __init__(self, dice: Dice, hours: Hours, now: datetime) -> None:
        self.dice, self.hours, self.now = dice, hours, now
        # Apart: how far away somebody is put does not change who becomes a customer.
        self.wakes = Dice(f"wakes {now}")
        self.acts: list[Act] = []
        self.signed: list[tuple[Passing, datetime]] = []
        self.woken: list[tuple[Passing, datetime]] = []
        self.selling: list[tuple[Passing, datetime, datetime]] = []

    def tell(self, at: datetime, subject: str, verb: str, by: str = "", **facts: Any) -> datetime:
        """Add one act and return its moment."""
        self.acts.append(Act(at, subject, verb, by, facts))
        return at

    def lead(self, one: Passing) -> None:
        """Tell a pass from its capture on."""
        self.capture(one)
        self._go_on(one)

    def referred(self, one: Passing, giver: Passing) -> None:
        """Tell a pass that a customer brought, from the referral on."""
        self.tell(
            one.captured_at, one.subject, "receive_referral", MARKETING[-1], fields=self.fields(one),
            owner=one.inside, giver=giver.subject,
        )  # fmt: skip
        self._go_on(one)

    def _go_on(self, one: Passing) -> None:
        if one.destiny is Destiny.LEAD:
            self._unripe(one)
            return
        certified = self.hours.after(one.captured_at, min(self.dice.skewed(2.5, 1.0), 60))
        self._certified(one, self.certify(one, certified))

    def capture(self, one: Passing, *, at: datetime | None = None, history: bool = False) -> datetime:
        """The person appears. `at` is given when this is entered later than it happened."""
        by = "" if BY_SLUG[one.channel].is_web else MARKETING[-1]
        owner = one.inside if one.destiny is not Destiny.LEAD else ""
        facts: dict[str, Any] = {"fields": self.fields(one), "owner": owner, "history": history}
        if at is not None:
            facts["occurred_at"] = one.captured_at
        return self.tell(at or one.captured_at, one.subject, "capture", by, **facts)

    def fields(self, one: Passing) -> dict[str, str]:
        """What a form knows of the person."""
        firm = one.contact.firm
        return {
            "company": firm.name, "segment": firm.segment, "name": one.contact.name, "title": one.contact.title,
            "name_kana": one.contact.name_kana, "email": one.contact.email, "phone": one.contact.phone,
            "channel": one.channel, "campaign": one.campaign,
        }  # fmt: skip

    def certify(self, one: Passing, at: datetime, **about: Any) -> datetime:
        """Marketing certifies the lead."""
        by = self.dice.one_of(MARKETING, (1, 3))
        return self.tell(at, one.subject, "certify_mql", by, reason=BY_SLUG[one.channel].reason, **about)

    def call(
        self, one: Passing, at: datetime, *, occurred_at: datetime | None = None, reached: float = 0.5
    ) -> datetime:
        """Inside sales gets in touch, or tries to."""
        kind = self.dice.one_of(("call", "mail"), (8, 2))
        connected = self.dice.chance(reached)
        result = "sent" if kind == "mail" else "connected" if connected else "no_answer"
        note = self.dice.one_of(CALL_NOTES) if result == "connected" and self.dice.chance(0.5) else ""
        late = {"occurred_at": occurred_at} if occurred_at else {}
        return self.tell(at, one.subject, "log", one.inside, kind=kind, result=result, note=note, **late)

    def _unripe(self, one: Passing) -> None:
        """A lead that never becomes an MQL: most are nurtured, some do not fit."""
        at = self.hours.days_after(one.captured_at, self.dice.between(0.5, 8))
        if self.dice.chance(0.18):
            reason = self.dice.one_of(("not_a_fit", "competitor", "spam", "duplicate"), (5, 2, 2, 1))
            self.tell(at, one.subject, "disqualify", self.dice.one_of(MARKETING), reason=reason)
        elif self.dice.chance(0.15):
            self.tell(at, one.subject, "log", self.dice.one_of(MARKETING), kind="visit", direction="inbound")
            self._let_go(one, at)
        elif self.dice.chance(0.25):
            self.recycle(one, self.hours.days_after(at, self.dice.between(10, 40)), MARKETING[-1])
        else:
            self._let_go(one, at)

    def _let_go(self, one: Passing, at: datetime) -> None:
        """Marketing heard nothing more within weeks: nurtured, so that what is in hand is what somebody works on."""
        at = self.hours.days_after(at, self.wakes.between(5, 24))
        again = self.later(at.date() + timedelta(days=self.wakes.whole(45, 180)))
        self.tell(at, one.subject, "recycle", MARKETING[-1], reason="no_answer", wake_up_on=again)

    def _certified(self, one: Passing, certified: datetime) -> None:
        """What inside sales makes of an MQL."""
        if one.destiny is Destiny.MQL and self.dice.chance(0.07):
            self._sent_back(one, self.hours.after(certified, self.dice.between(0.5, 6)))
            return
        contacted = self.first_contact(one, certified)
        if one.destiny is Destiny.MQL:
            self._cooled(one, contacted)
        else:
            self._qualified(one, contacted)

    def first_contact(self, one: Passing, certified: datetime) -> datetime:
        """The owed call: mostly within hours, now and then days late, now and then written down too late."""
        wait = self.dice.skewed(1.3 * staff.BY_HANDLE[one.inside].pace, 0.9)
        if self.dice.chance(0.08):
            wait += self.dice.between(8, 26)
        at = self.hours.after(certified, wait)
        if self.dice.chance(0.02):
            return self.call(one, self.hours.days_after(at, self.dice.between(2, 3)), occurred_at=at)
        return self.call(one, at)

    def _sent_back(self, one: Passing, at: datetime) -> None:
        """Returned to marketing; half of them are handed over again with what was missing."""
        if self.dice.chance(0.4):
            at = self.hours.after(self.call(one, at, reached=1), 0.3)
        reason = self.dice.one_of(("incomplete", "not_a_fit", "no_timeline", "duplicate"), (5, 3, 2, 1))
        self.tell(at, one.subject, "give_back", one.inside, boundary="mql", reason=reason)
        later = self.hours.days_after(at, self.dice.between(1, 12))
        if self.dice.chance(0.5):
            self._cooled(one, self.first_contact(one, self.certify(one, later)))
        elif self.dice.chance(0.6):
            self.recycle(one, later, MARKETING[-1])
        else:
            self.tell(later, one.subject, "disqualify", MARKETING[-1], reason="not_a_fit")

    def _cooled(self, one: Passing, contacted: datetime) -> None:
        """An MQL that does not become a deal."""
        at = contacted
        for _ in range(self.dice.whole(0, 2)):
            at = self.call(one, self.hours.days_after(at, self.dice.between(1, 6)), reached=0.4)
        at = self.hours.days_after(at, self.dice.between(2, 15))
        if self.dice.chance(0.2):
            at = self.hours.days_after(at, self.dice.between(30, 60))
        if at > self.now:
            # Still on the desk: taken, and not decided yet.
            self.tell(contacted + timedelta(minutes=4), one.subject, "accept", one.inside, boundary="mql")
        if self.dice.chance(0.22):
            self.tell(at, one.subject, "disqualify", one.inside, reason="not_a_fit")
        else:
            self.recycle(one, at, one.inside)

    def recycle(self, one: Passing, at: datetime, by: str) -> datetime:
        """Back to nurture, with the day to try again."""
        wake_up_on = at.date() + timedelta(days=self.dice.whole(21, 150))
        if self.dice.chance(0.03):
            self.woken.append((one, self.hours.at(wake_up_on, self.dice.between(9, 18))))
        else:
            wake_up_on = self.later(wake_up_on)
        reason = self.dice.one_of(("timing", "no_budget", "no_answer"), (4, 3, 3))
        return self.tell(at, one.subject, "recycle", by, reason=reason, wake_up_on=wake_up_on)

    def later(self, day: date) -> date:
        """The day to try again, of those nobody took up: quarters on until it lies ahead; a few wait on the desks."""
        today = self.now.date()
        if day <= today and self.wakes.chance(LEFT_ASLEEP):
            return max(day, today - timedelta(days=self.wakes.whole(0, 4)))
        while day <= today:
            day += QUARTER
        return day

    def _qualified(self, one: Passing, contacted: datetime) -> None:
        """An MQL that becomes a deal: a second call, BANT, sheet and meeting, then field sales."""
        called = self.call(one, self.hours.days_after(contacted, self.dice.between(0.3, 3)), reached=1)
        submitted = self.submit(one, self.hours.after(called, self.dice.between(0.5, 12)))
        answered = self.hours.after(submitted, self.dice.skewed(2.5, 0.8))
        if self.dice.chance(0.09):
            reason = self.dice.one_of(("incomplete", "no_decision_maker", "no_timeline"), (5, 3, 2))
            self.tell(answered, one.subject, "give_back", one.field, boundary="sql", reason=reason)
            submitted = self.submit(one, self.hours.days_after(answered, self.dice.between(0.5, 3)), gap=0)
            answered = self.hours.after(submitted, self.dice.skewed(2, 0.6))
        accepted = self.tell(answered, one.subject, "accept", one.field, boundary="sql")
        self.deal(one, submitted, accepted)

    def submit(self, one: Passing, at: datetime, *, gap: float = 0.16) -> datetime:
        """Inside sales hands the deal over; `gap` of the sheets leave something open."""
        bant = {field: self.dice.one_of(("met", "not_met"), (8, 2)) for field in BANT_FIELDS}
        bant["need"] = "met"
        contact = one.contact
        sheet = {
            "company": contact.firm.name,
            "name": contact.name,
            "contact": contact.phone or contact.email,
        }
        sheet["note"] = self.dice.one_of(HANDOVER_NOTES)
        why = ""
        if self.dice.chance(gap):
            bant[self.dice.one_of(("budget", "authority", "timeline"))] = "unknown"
            why = self.dice.one_of(("meeting_soon", "customer_declined", "strategic"))
        meeting = self.hours.days_after(at, self.dice.between(2, 5)).replace(
            minute=0, second=0, microsecond=0
        )
        deal = {
            "name": f"{contact.firm.name} {PRODUCT}", "product": PRODUCT, "segment": contact.firm.segment,
            "amount": self.price(),
        }  # fmt: skip
        return self.tell(
            at, one.subject, "submit_sql", one.inside, bant=bant, sheet=sheet, meeting_at=meeting,
            below_threshold_reason=why, deal=deal, owner=one.field,
        )  # fmt: skip

    def price(self) -> int:
        """A year's subscription in yen, about a million."""
        return max(360_000, 10_000 * round(self.dice.around(DEAL_SIZE, 260_000) / 10_000))

    def deal(self, one: Passing, submitted: datetime, accepted: datetime, *, pace: float = 1) -> None:
        """Field sales at work until the deal is won or lost; `pace` shortens what is half done already."""
        met = self.hours.days_after(max(submitted, accepted), self.dice.between(2, 5))
        self.tell(met, one.subject, "log", one.field, kind="meeting", result="held")
        days = pace * (self.dice.between(9, 26) if one.destiny is Destiny.WON else self.dice.between(5, 30))
        # How far a deal got before it was lost matters while it is fresh.
        share = 0.6 if self.now - met < timedelta(days=60) else 0.15
        for part, step in ((0.25, "proposal"), (0.55, "negotiation"), (0.8, "contracting")):
            if self.dice.chance(0.75 if one.destiny is Destiny.WON else share):
                self.tell(
                    self.hours.days_after(met, days * part), one.subject, "move_step", one.field, step=step
                )
        closed = self.hours.days_after(met, days)
        self.selling.append((one, submitted, closed))
        if one.destiny is Destiny.WON:
            self.won(one, closed)
        else:
            reason = self.dice.one_of(
                ("price", "competitor", "no_decision", "timing", "function"), (3, 3, 4, 3, 1)
            )
            again = self.later(closed.date() + timedelta(days=120))
            wake = {"wake_up_on": again} if reason == "timing" else {}
            self.tell(closed, one.subject, "lose", one.field, reason=reason, **wake)

    def won(self, one: Passing, at: datetime) -> None:
        """The contract is signed; what follows is told by `care`."""
        reason = self.dice.one_of(("fit", "trust", "speed", "price"), (4, 3, 2, 1))
        facts = terms(self.price(), at.date())
        self.tell(at, one.subject, "win", one.field, reason=reason, **facts)
        self.signed.append((one, at))
