"""Forms of acts: what each asks for, what it proposes, and where a refusal is said."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel.calendar import add_months, fiscal_year_start
from funnel.errors import Refused
from funnel.forms.fields import (
    AmountField,
    Choices,
    DayField,
    LineField,
    MomentField,
    NoteField,
    SlotField,
    reasons,
    slots,
)
from funnel.models import Channel, Organization
from funnel.stages import DEAL_STEP_WORDS, DealStep

MONTH = timedelta(days=30)
MOST_CHIPS = 12


class ActForm(forms.Form):
    """What one act asks for. `once` makes a second press of the same button harmless.

    `chips` names a field whose choices are the submit buttons themselves: choosing is sending.
    `folded` names fields that are seldom needed; they are shown when asked for. `strip_key` comes before the number
    of a chip where the form stands unfolded among other acts.
    """

    title: Any = ""
    submit: Any = ""
    chips = ""
    folded: tuple[str, ...] = ()
    strip_key = ""
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(
        self,
        *args: Any,
        subject: Any = None,
        organization: Organization | None = None,
        now: datetime | None = None,
        **kwargs: Any,
    ) -> None:
        self.subject, self.organization, self.now = subject, organization, now
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Fill in choices and what is known already."""

    def refuse(self, refusal: Refused) -> None:
        """Say a refusal beside the field it names, or above the form."""
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, refusal.say(get_language()))

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields a person sees at once; chips are drawn apart."""
        return [field for field in self.visible_fields() if field.name not in (self.chips, *self.folded)]

    @property
    def more(self) -> list[forms.BoundField]:
        """The fields that are folded away."""
        return [self[name] for name in self.folded if name in self.fields]

    @property
    def is_unfolded(self) -> bool:
        """True when something folded away needs an eye."""
        return any(name in self.errors for name in self.folded)

    @property
    def chip_errors(self) -> list[str]:
        """What is wrong with the choice among the chips."""
        return [str(error) for error in self.errors.get(self.chips, [])] if self.chips else []

    @property
    def offered(self) -> list[tuple[str, str]]:
        """The chips: value and label."""
        return list(self.fields[self.chips].choices) if self.chips else []  # type: ignore[attr-defined]


class ReasonForm(ActForm):
    """An act that needs nothing but a reason, and takes a note."""

    reasons_for = ""
    chips = "reason"
    note = NoteField(label=_("Note"))
    reason = forms.ChoiceField(label=_("Reason"))

    def prepare(self) -> None:
        self.fields["reason"].choices = reasons(self.reasons_for)  # type: ignore[attr-defined]
        self.fields["reason"].error_messages["required"] = str(_("Choose a reason."))


class MqlForm(ReasonForm):
    """Why a lead deserves a call."""

    title, submit, reasons_for = _("Certify MQL"), _("Certify MQL"), "mql"
    strip_key = "m"


class DisqualifyForm(ReasonForm):
    """Why a lead is none."""

    title, submit, reasons_for = _("Not a fit"), _("Close as not a fit"), "disqualify"


class RecycleForm(ReasonForm):
    """Back to nurture until a day; the day sends it. The likeliest reason stands there already."""

    title, submit, reasons_for = _("Back to nurture"), _("Back to nurture"), "recycle"
    chips = "when"
    field_order = ("once", "reason", "note", "wake_up_on", "when")
    reason = forms.ChoiceField(label=_("Reason"), widget=Choices, required=False)
    when = forms.ChoiceField(label=_("Wake up"), required=False)
    wake_up_on = DayField(label=_("Wake up on another day"), required=False)

    def prepare(self) -> None:
        super().prepare()
        self.fields["note"].label = _("What was heard")
        known = self.fields["reason"].choices  # type: ignore[attr-defined]
        self.fields["reason"].initial = known[0][0] if known else ""
        self.fields["when"].choices = [  # type: ignore[attr-defined]
            ("month", _("In a month")),
            ("quarter", _("In three months")),
            ("year", _("Next fiscal year")),
            ("", _("Another day")),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = cleaned.get("when")
        cleaned["reason"] = cleaned.get("reason") or self.fields["reason"].initial
        if not cleaned.get("wake_up_on") and chosen and self.now and self.organization:
            today = self.now.astimezone(self.organization.tz).date()
            year = fiscal_year_start(today, self.organization.fiscal_year_start)
            cleaned["wake_up_on"] = {
                "month": today + MONTH,
                "quarter": today + 3 * MONTH,
                "year": add_months(year, 12),
            }[chosen]
        if not cleaned.get("wake_up_on") and "wake_up_on" not in self.errors:
            self.add_error("wake_up_on", _("Choose a day."))
        return cleaned


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


class WithdrawForm(ActForm):
    """Undo: say that something recorded never happened."""

    title, submit = _("Undo"), _("Undo")
    note = NoteField(label=_("Why?"))


class LogForm(ActForm):
    """A contact in one click: the button says what happened."""

    WHAT = {
        "called": ("call", "connected"),
        "no_answer": ("call", "no_answer"),
        "mailed": ("mail", "sent"),
        "met": ("meeting", "held"),
        "demo": ("demo", "held"),
        "note": ("note", ""),
        "cared": ("note", ""),
    }
    title, submit = _("What happened?"), _("Save")
    chips = "what"
    field_order = ("once", "note", "occurred_at", "what")
    folded = ("occurred_at",)
    note = NoteField(label=_("Note"))
    occurred_at = MomentField(label=_("When, if not now"), required=False)
    what = forms.ChoiceField(
        label=_("What happened?"),
        error_messages={"required": _("Choose what happened.")},
        choices=[
            ("called", _("Called")),
            ("no_answer", _("No answer")),
            ("mailed", _("Mailed")),
            ("met", _("Met")),
            ("demo", _("Demo")),
            ("note", _("Note only")),
            ("cared", _("Taken care of")),
        ],
    )

    @property
    def offered(self) -> list[tuple[str, str]]:
        return [pair for pair in super().offered if pair[0] != "cared"]


class AfterwardsForm(ActForm):
    """What there is to say about a contact just logged."""

    title, submit = _("Note"), _("Save the note")
    note = LineField(
        label=_("Note (optional)"), max_length=5000, error_messages={"required": _("Write a note.")}
    )


class SlotForm(ActForm):
    """An act that sets a meeting: a proposed slot or a typed moment."""

    moment_name = "meeting_at"

    def prepare(self) -> None:
        super().prepare()
        if self.organization and self.now and "slot" in self.fields:
            slot = self.fields["slot"]
            assert isinstance(slot, SlotField)
            # A slot of the page as it was shown stays valid over midnight.
            moments = _with_sent(self.proposals(), self.data.get("slot"))
            slot.propose(moments, now=self.now, organization=self.organization)

    def proposals(self) -> list[datetime]:
        """The moments on offer."""
        assert self.organization
        assert self.now
        return slots(self.organization, self.now)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned[self.moment_name] = cleaned.get(self.moment_name) or cleaned.get("slot")
        return cleaned


def _with_sent(moments: list[datetime], sent: str | None) -> list[datetime]:
    try:
        chosen = datetime.fromisoformat(sent or "")
    except ValueError:
        return moments
    if timezone.is_naive(chosen) or any(chosen == at for at in moments):
        return moments
    return [chosen, *moments]


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
    chips = "reason"
    folded = ("kickoff_at", "promised", "cautions", "starts_on", "ends_on", "mrr", "seats")
    amount = AmountField(label=_("Amount (excluding tax)"))
    signed_on = DayField(label=_("Signed on"))
    slot = SlotField(label=_("Kickoff"), otherwise=_("Later or another time"))
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
            for name in ("amount", "mrr"):
                self.fields[name].currency = self.subject.currency  # type: ignore[attr-defined]
            if self.subject.amount is not None:
                self.fields["amount"].initial = f"{self.subject.amount.normalize():,f}"
        if self.now and self.organization:
            self.fields["signed_on"].initial = self.now.astimezone(self.organization.tz).date()


class LeadForm(ActForm):
    """A lead typed by hand: company and name, or an e-mail; the rest can wait."""

    title, submit = _("New lead"), _("Add")
    company = LineField(label=_("Company"), required=False, max_length=200)
    name = LineField(label=_("Name"), required=False, max_length=150)
    email = LineField(label=_("E-mail"), required=False, max_length=254)
    phone = LineField(label=_("Phone"), required=False, max_length=40)
    title_of_person = LineField(label=_("Title"), required=False, max_length=150)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    note = NoteField(label=_("Note"))
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        for name in ("company", "name", "email"):
            self.fields[name].one_of_several = True  # type: ignore[attr-defined]
        sources = [("", "–"), *Channel.objects.values_list("slug", "name")]
        if len(sources) <= MOST_CHIPS:
            self.fields["channel"].widget = Choices()
        self.fields["channel"].choices = sources  # type: ignore[attr-defined]
        self.fields["company"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        known = cleaned.get("email") or (cleaned.get("company") and cleaned.get("name"))
        if not known and not self.errors:
            self.add_error(None, _("Enter company and name, or an e-mail."))
        return cleaned
