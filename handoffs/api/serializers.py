"""What the API takes of promises: the shape of each body."""

from __future__ import annotations

from funnel.api.bodies import LONGEST_ANSWER, Answers, Strict
from funnel.api.fields import Amount, Choice, Currency, Day, Id, Moment, Text
from funnel.api.serializers import WinInput
from funnel.stages import Bant, Stage


class MqlInput(Strict):
    """Certify a lead MQL: the reason is a code, or free text kept as a note under the code `other`."""

    to = Choice(choices=[Stage.MQL.value])
    reason = Text(max_length=1000, required=True, allow_blank=False)
    note = Text(max_length=10_000)
    occurred_at = Moment(required=False)


class BantInput(Strict):
    """What was heard; unknown where not said."""

    budget = Choice(choices=list(Bant), required=False)
    authority = Choice(choices=list(Bant), required=False)
    need = Choice(choices=list(Bant), required=False)
    timeline = Choice(choices=list(Bant), required=False)


class NewDealInput(Strict):
    """What is known of the deal that opens."""

    name = Text(max_length=200)
    product = Text(max_length=100)
    segment = Text(max_length=80)
    amount = Amount(required=False, allow_null=True)
    currency = Currency()
    owner = Id(required=False, allow_null=True, help_text="Id of a member.")
    external_id = Text(max_length=200)
    expected_close_on = Day(required=False, allow_null=True)


class SqlInput(Strict):
    """Certify an MQL as SQL and hand it over with its sheet; below the threshold a reason is needed."""

    to = Choice(choices=[Stage.SQL.value])
    bant = BantInput()
    sheet = Answers(required=False, help_text="Values by item of the customer sheet.")
    meeting_at = Moment(required=False, allow_null=True)
    below_threshold_reason = Text(max_length=1000)
    note = Text(max_length=10_000)
    occurred_at = Moment(required=False)
    deal = NewDealInput(required=False)


class WonInput(WinInput):
    """A deal is won and handed over to customer success, with what they should know, in words."""

    requirements = Text(max_length=LONGEST_ANSWER, help_text="What the onboarding has to meet.")
    promised = Text(max_length=LONGEST_ANSWER, help_text="What was promised to the customer.")
    cautions = Text(max_length=LONGEST_ANSWER, help_text="What to take care of.")


class OwnerInput(Strict):
    """Who of the receiving department takes it; null for nobody."""

    owner = Id(allow_null=True)


class ExcuseInput(Strict):
    """Why a miss was excusable: a code, or free text."""

    reason = Text(max_length=1000, required=True, allow_blank=False)
