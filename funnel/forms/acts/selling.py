"""Forms of a deal: its step, lost, won, and the kickoff after it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel.forms.acts.shape import ActForm, ReasonForm, SlotForm
from funnel.forms.fields import (
    AmountField,
    DayField,
    MomentField,
    NoteField,
    NumberedChoices,
    SlotField,
    reasons,
)
from funnel.stages import DEAL_STEP_WORDS, DealStep


def said_reasons(act: str) -> list[tuple[str, str]]:
    """The reasons somebody can give for how a deal ended; "not recorded" is for what files and the past do not say."""
    return [(code, label) for code, label in reasons(act) if code != "not_recorded"]


class LoseForm(ReasonForm):
    """Why a deal is lost, and when to come back to it."""

    title, submit, reasons_for = _("Lost"), _("Lost"), "loss"
    field_order = ("once", "wake_up_on", "note", "reason")
    wake_up_on = DayField(label=_("Come back on"), required=False)

    def prepare(self) -> None:
        super().prepare()
        self.fields["reason"].choices = said_reasons("loss")  # type: ignore[attr-defined]


class StepForm(ActForm):
    """Where a deal stands now; the step sends it."""

    title, submit = _("Next step"), _("Next step")
    chips = "step"
    strip_key = "s"
    step = forms.ChoiceField(label=_("Next step"))

    def prepare(self) -> None:
        language = get_language()
        steps = [(step.value, DEAL_STEP_WORDS[step].say(language)) for step in DealStep]
        self.fields["step"].choices = steps  # type: ignore[attr-defined]


class KickoffForm(SlotForm):
    """When the kickoff will be."""

    moment_name = "kickoff_at"
    title, submit = _("Set the kickoff"), _("Set the kickoff")
    chips = "slot"
    slot = SlotField(label=_("Proposed times"), otherwise=_("At the time entered"))
    kickoff_at = MomentField(label=_("Kickoff at another time"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("kickoff_at") and "kickoff_at" not in self.errors:
            self.add_error("kickoff_at", _("Choose a time."))
        return cleaned


class WinForm(SlotForm):
    """A signed contract: amount, dates, and the kickoff if it is set already; why it was won sends it."""

    moment_name = "kickoff_at"
    title, submit = _("Won"), _("Won, hand over to Customer Success")
    chips, chip_key = "reason", "y"
    folded = ("kickoff_at", "promised", "cautions", "starts_on", "ends_on", "mrr", "seats")
    amount = AmountField(label=_("Amount (excluding tax)"))
    signed_on = DayField(label=_("Signed on"))
    slot = SlotField(label=_("Kickoff"), otherwise=_("Later or another time"), widget=NumberedChoices)
    kickoff_at = MomentField(label=_("Kickoff at another time"), required=False)
    starts_on = DayField(label=_("Contract starts on"), required=False)
    ends_on = DayField(label=_("Contract ends on"), required=False)
    mrr = AmountField(label=_("Monthly recurring revenue"), required=False)
    seats = forms.IntegerField(label=_("Seats"), required=False, min_value=0, max_value=10_000_000)
    reason = forms.ChoiceField(label=_("Why did we win?"), error_messages={"required": _("Choose a reason.")})
    requirements = NoteField(label=_("Onboarding requirements"))
    promised = NoteField(label=_("What was promised"))
    cautions = NoteField(label=_("Take care"))

    def prepare(self) -> None:
        super().prepare()
        self.fields["reason"].choices = said_reasons("win")  # type: ignore[attr-defined]
        if self.subject is not None:
            # M for money: what stands there is chosen whole, and typed over.
            self.fields["amount"].widget.attrs["data-key"] = "m"
            for name in ("amount", "mrr"):
                self.fields[name].currency = self.subject.currency  # type: ignore[attr-defined]
            if self.subject.amount is not None:
                self.fields["amount"].initial = f"{self.subject.amount.normalize():,f}"
        if self.now and self.organization:
            self.fields["signed_on"].initial = self.now.astimezone(self.organization.tz).date()
