"""What the API takes: the shape of each body. Rules are the transitions' business."""

from __future__ import annotations

from funnel.api.bodies import Strict
from funnel.api.fields import Amount, Choice, Currency, Day, Flag, Id, Measure, Moment, Text, Whole
from funnel.models import SurveyResponse
from funnel.stages import ACTIVITY_WORDS, DEAL_STEP_WORDS, DIRECTION_WORDS, RESULT_WORDS, DealKind


class LeadChange(Strict):
    """Side facts of a lead and its person; what is not sent stays as it is."""

    name = Text(max_length=150)
    name_kana = Text(max_length=150)
    email = Text(max_length=254)
    phone = Text(max_length=40)
    title = Text(max_length=150)
    channel = Text(max_length=100, help_text="Slug or name; an unknown one is created.")
    campaign = Text(max_length=200)
    segment = Text(max_length=80)
    external_id = Text(max_length=200)
    owner = Id(required=False, allow_null=True, help_text="Id of a member.")


class ReferralInput(LeadChange):
    """Whom a customer referred. At least an e-mail, an external id, or company and name."""

    company = Text(max_length=200)


class LeadInput(ReferralInput):
    """A lead comes in. At least an e-mail, an external id, or company and name."""

    referred_by = Id(required=False, allow_null=True, help_text="Id of a customer.")
    occurred_at = Moment(required=False, help_text="When it came in; default now.")


class ActivityInput(Strict):
    """Something done with the person. Human, outbound calls, mails, meetings, demos are contact attempts."""

    kind = Choice(choices=list(ACTIVITY_WORDS))
    direction = Choice(choices=list(DIRECTION_WORDS), required=False)
    result = Choice(choices=[r for r in RESULT_WORDS if r], required=False, allow_blank=True)
    note = Text(max_length=10_000)
    occurred_at = Moment(required=False)
    human = Flag(required=False, help_text="False for automatic mail.")
    external_id = Text(max_length=200)


class ReasonInput(Strict):
    """An act that is explained by a reason: a code, or free text (kept as a note under the code `other`)."""

    reason = Text(max_length=1000, required=True, allow_blank=False)
    note = Text(max_length=10_000)


class RecycleInput(ReasonInput):
    """Back to nurture until a day."""

    wake_up_on = Day()


class MergeTake(Strict):
    """Which details the record kept takes from the other one; those it does not know it takes anyway."""

    name = Flag(required=False)
    name_kana = Flag(required=False)
    title = Flag(required=False)
    role = Flag(required=False)
    email = Flag(required=False)
    phone = Flag(required=False)
    account = Flag(required=False)


class MergeInput(Strict):
    """The record that goes, and what it gives."""

    absorb = Id(help_text="Id of the person that is merged into this one. It cannot be undone.")
    take = MergeTake(required=False)


class MergeAccountsTake(Strict):
    """Which details the company kept takes from the other one; those it does not know it takes anyway."""

    name = Flag(required=False)
    name_kana = Flag(required=False)
    domain = Flag(required=False)
    segment = Flag(required=False)
    industry = Flag(required=False)
    employees = Flag(required=False)
    region = Flag(required=False)
    website = Flag(required=False)
    external_id = Flag(required=False)


class MergeAccountsInput(Strict):
    """The company that goes, and what it gives."""

    absorb = Id(help_text="Id of the company that is merged into this one. It cannot be undone.")
    take = MergeAccountsTake(required=False)


class DealInput(Strict):
    """A further deal on a lead that has passed SQL."""

    lead = Id()
    name = Text(max_length=200)
    product = Text(max_length=100)
    segment = Text(max_length=80)
    kind = Choice(choices=list(DealKind), required=False)
    amount = Amount(required=False, allow_null=True)
    currency = Currency()
    owner = Id(required=False, allow_null=True)
    external_id = Text(max_length=200)
    expected_close_on = Day(required=False, allow_null=True)
    next_step = Text(max_length=200, help_text="What is to be done next.")
    next_step_on = Day(required=False, allow_null=True, help_text="Its day; wants a `next_step`.")


class DealChange(Strict):
    """Side facts of a deal; what is not sent stays as it is."""

    name = Text(max_length=200)
    product = Text(max_length=100)
    segment = Text(max_length=80)
    amount = Amount(required=False, allow_null=True)
    owner = Id(required=False, allow_null=True)
    expected_close_on = Day(required=False, allow_null=True)
    next_step = Text(max_length=200, help_text="What is to be done next; blank takes it back, with its day.")
    next_step_on = Day(required=False, allow_null=True, help_text="Its day; wants a `next_step`.")


class Step(Strict):
    """The step an open deal moves to."""

    step = Choice(choices=list(DEAL_STEP_WORDS))


class WinInput(Strict):
    """A deal is won. `signed_on` defaults to today; the kickoff promise counts business days from it."""

    amount = Amount(required=False, allow_null=True, help_text="Default: the amount the deal has.")
    currency = Currency()
    signed_on = Day(required=False, allow_null=True)
    starts_on = Day(required=False, allow_null=True)
    ends_on = Day(required=False, allow_null=True)
    mrr = Amount(required=False, allow_null=True)
    seats = Whole(required=False, allow_null=True, min_value=0, max_value=2**31 - 1)
    reason = Text(
        max_length=1000, required=True, allow_blank=False, help_text="Why it was won: a code, or free text."
    )
    note = Text(max_length=10_000)
    kickoff_at = Moment(required=False, allow_null=True)
    occurred_at = Moment(required=False)


class LoseInput(ReasonInput):
    """A deal is lost."""

    wake_up_on = Day(required=False, allow_null=True)
    occurred_at = Moment(required=False)


class KickoffInput(Strict):
    """The kickoff meeting is set."""

    kickoff_at = Moment()
    occurred_at = Moment(required=False)


class HeldInput(Strict):
    """The kickoff meeting took place."""

    held_at = Moment(required=False)


class NoteInput(Strict):
    """An act with an optional note."""

    note = Text(max_length=10_000)


class Nothing(Strict):
    """An act that needs no more than its address."""


class CustomerChange(Strict):
    """Who looks after the customer."""

    owner = Id(allow_null=True, help_text="Id of a member, or null for nobody.")


class OccurredInput(Strict):
    """An act with the moment it happened; default now."""

    occurred_at = Moment(required=False)


class UsageInput(Strict):
    """One metric of one day; sent again, it replaces the value."""

    day = Day()
    metric = Text(max_length=40, required=True, allow_blank=False)
    value = Measure()


class SurveyInput(Strict):
    """One answer to a survey: NPS 0–10, CSAT 1–5; a second one in the same wave replaces the first."""

    kind = Choice(choices=SurveyResponse.Kind.values, required=False)
    wave = Text(max_length=20, help_text="Default: the month.")
    score = Whole(min_value=0, max_value=10)
    answered_on = Day()


class RenewalInput(Strict):
    """A contract is renewed."""

    signed_on = Day()
    starts_on = Day()
    ends_on = Day(required=False, allow_null=True)
    mrr = Amount(required=False, allow_null=True)


class NoticeInput(Strict):
    """The customer gave notice."""

    notice_on = Day()


class EndInput(Strict):
    """The running contract ends."""

    ended_on = Day()
    reason = Text(max_length=1000)
