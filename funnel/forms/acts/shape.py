"""What every form of an act is: harmless when pressed twice, chips that send, a slot or a typed moment."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel.errors import Refused
from funnel.forms.fields import NoteField, SlotField, reasons, slots
from funnel.models import Organization


class ActForm(forms.Form):
    """What one act asks for. `once` makes a second press of the same button harmless.

    `chips` names a field whose choices are the submit buttons themselves: choosing is sending.
    `folded` names fields that are seldom needed; they are shown when asked for. `strip_key` comes before the number
    of a chip where the form stands unfolded among other acts; `chip_key` does so everywhere, where numbers alone choose
    something else.
    """

    title: Any = ""
    submit: Any = ""
    chips = ""
    folded: tuple[str, ...] = ()
    strip_key = ""
    chip_key = ""
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
    def chip_errors_id(self) -> str:
        """The id of what is wrong with that choice; empty when nothing is."""
        return f"{self[self.chips].auto_id}_error" if self.chip_errors else ""

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
