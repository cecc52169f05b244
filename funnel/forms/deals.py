"""Forms of the board of deals: where a deal moves to, and what is to be done next with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel.forms.acts import ActForm
from funnel.forms.fields import DayField, LineField
from funnel.stages import DEAL_STEP_WORDS, DealStep


class MoveForm(forms.Form):
    """The step a deal moves to, and the one from which its mover saw it go."""

    step = forms.ChoiceField()
    seen = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language()
        steps = [(step.value, DEAL_STEP_WORDS[step].say(language)) for step in DealStep]
        self.fields["step"].choices = steps  # type: ignore[attr-defined]
        self.fields["step"].error_messages["required"] = str(_("Choose where it goes."))
        self.fields["seen"].choices = [("", ""), *steps]  # type: ignore[attr-defined]


class NextStepForm(ActForm):
    """What is to be done next, by which day, and what was seen of it before."""

    title, submit = _("What is next"), _("Save")
    next_step = LineField(label=_("What is next?"), required=False, max_length=200)
    next_step_on = DayField(label=_("By"), required=False)
    seen = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def prepare(self) -> None:
        if self.subject is not None:
            self.fields["next_step"].initial = self.subject.next_step_text
            self.fields["next_step_on"].initial = self.subject.next_step_on
            self.fields["seen"].initial = self.subject.next_step_seen

    def see(self, seen: str) -> None:
        """Let what was typed be sent again, now that its typist sees what stands there."""
        self.data = {**self.data.dict(), "seen": seen}  # type: ignore[attr-defined]
