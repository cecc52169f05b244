"""Forms about being there: days away, and how many handoffs a day."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funnel.company.presence import MOST_A_DAY
from funnel.forms import ActForm, DayField
from funnel.models import Member


class AbsenceForm(ActForm):
    """From a day to a day, both away; the last one may be left blank for a single day."""

    submit = _("Enter the absence")
    first_on = DayField(label=_("Away from"))
    last_on = DayField(label=_("Last day away"), required=False, help_text=_("Blank: one day."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["last_on"] = cleaned.get("last_on") or cleaned.get("first_on")
        return cleaned


class OthersAbsenceForm(AbsenceForm):
    """The same for somebody else; `subject` are those it may be entered for."""

    member = forms.ModelChoiceField(label=_("Who"), queryset=Member.objects.none(), empty_label=None)

    def prepare(self) -> None:
        self.fields["member"].queryset = Member.objects.filter(pk__in=self.subject or ()).order_by("name")  # type: ignore[attr-defined]
        self.order_fields(["member", "first_on", "last_on"])


class CapacityForm(ActForm):
    """How many handoffs a day somebody takes at most."""

    capacity = forms.IntegerField(
        label=_("At most a day"),
        required=False,
        min_value=0,
        max_value=MOST_A_DAY,
        widget=forms.NumberInput(attrs={"class": "few", "inputmode": "numeric", "placeholder": "–"}),
    )
