"""What each act on a customer asks for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from funnel.calendar import ONE_DAY
from funnel.forms import ActForm, AmountField, DayField, LineField, MomentField, NoteField
from funnel.models import Contract

SCORES = [(str(score), str(score)) for score in range(11)]


class HeldForm(ActForm):
    """That the kickoff was held."""

    title, submit = _("Kickoff held"), _("Record")
    held_at = MomentField(label=_("When, if not now"), required=False)


class OnboardForm(ActForm):
    """That the customer has seen first value."""

    title, submit = _("First value reached"), _("Record")
    occurred_at = MomentField(label=_("When, if not now"), required=False)


class SurveyForm(ActForm):
    """How likely they are to recommend us, 0 to 10: choosing the number sends it."""

    title, submit = _("NPS answer"), _("Record")
    chips = "score"
    field_order = ("once", "answered_on", "score")
    answered_on = DayField(label=_("Answered on"))
    score = forms.ChoiceField(label=_("Answer"), choices=SCORES)

    def prepare(self) -> None:
        if self.now and self.organization:
            self.fields["answered_on"].initial = self.now.astimezone(self.organization.tz).date()


class AdvocacyForm(ActForm):
    """That the customer agreed to refer or to be a case."""

    title, submit = _("Agreed to refer"), _("Hand over to Marketing")


class ReferralForm(ActForm):
    """Whom the customer referred."""

    title, submit = _("Referral received"), _("Add as a lead")
    company = LineField(label=_("Company"), max_length=200)
    name = LineField(label=_("Name"), max_length=150)
    email = LineField(label=_("E-mail"), required=False, max_length=254)


class UpsellForm(ActForm):
    """What more may be sold to them: it becomes a deal of field sales."""

    title, submit = _("Upsell"), _("Open the deal")
    product = LineField(label=_("What"), max_length=100)
    amount = AmountField(label=_("Amount"), required=False)


class RenewForm(ActForm):
    """The contract that follows the running one; a year on unless said otherwise."""

    title, submit = _("Renewed"), _("Record")
    signed_on = DayField(label=_("Signed on"))
    starts_on = DayField(label=_("Contract starts on"))
    ends_on = DayField(label=_("Contract ends on"), required=False)
    mrr = AmountField(label=_("Monthly recurring revenue"), required=False)

    def prepare(self) -> None:
        if self.now and self.organization:
            today = self.now.astimezone(self.organization.tz).date()
            self.fields["signed_on"].initial = today
            self.fields["starts_on"].initial = today
        running: Contract | None = self.subject
        if running is None:
            return
        self.fields["mrr"].currency = running.currency  # type: ignore[attr-defined]
        if running.mrr is not None:
            self.fields["mrr"].initial = f"{running.mrr.normalize():f}"
        if running.ends_on is not None:
            length = running.ends_on - running.starts_on
            self.fields["starts_on"].initial = running.ends_on + ONE_DAY
            self.fields["ends_on"].initial = running.ends_on + ONE_DAY + length


class NoticeForm(ActForm):
    """That the customer gave notice."""

    title, submit = _("Notice of cancellation"), _("Record")
    notice_on = DayField(label=_("Notice received on"))

    def prepare(self) -> None:
        if self.now and self.organization:
            self.fields["notice_on"].initial = self.now.astimezone(self.organization.tz).date()


class EndForm(ActForm):
    """That the contract ended, and why."""

    title, submit = _("Contract ended"), _("Record")
    ended_on = DayField(label=_("Ended on"))
    reason = NoteField(label=_("Why"))
