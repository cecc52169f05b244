"""The form of an improvement: what, who, by when, and which number it should move by how much."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from dashboards import improving, kpis
from dashboards.improving import Plan
from dashboards.kpis import Unit
from funnel.errors import Refused
from funnel.forms import DayField
from funnel.models import Member

PERCENT = Decimal(100)


class PlanForm(forms.Form):
    """What is to be done, by whom, by when, and what it should move; percentages of rates are typed as percent."""

    text = forms.CharField(max_length=improving.TEXT, label=gettext_lazy("What is to be done"))
    owner = forms.ModelChoiceField(queryset=Member.objects.none(), label=gettext_lazy("Owner"))
    due_on = DayField(label=gettext_lazy("Due"))
    kpi = forms.ChoiceField(required=False, label=gettext_lazy("Number it should move"))
    expected = forms.CharField(required=False, max_length=20, label=gettext_lazy("By how much"))
    hypothesis = forms.CharField(
        required=False,
        max_length=improving.HYPOTHESIS,
        label=gettext_lazy("Why it should help"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    boundary = forms.CharField(required=False, widget=forms.HiddenInput)
    cause = forms.CharField(required=False, widget=forms.HiddenInput)
    breach = forms.IntegerField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["owner"]
        people.queryset = Member.objects.filter(is_active=True, is_service=False).order_by("name")
        language = get_language()
        choices = sorted(((kpi.slug, kpi.names.say(language)) for kpi in kpis.ALL), key=lambda pair: pair[1])
        numbers: Any = self.fields["kpi"]
        numbers.choices = [("", "–"), *choices]

    def clean_expected(self) -> Decimal | None:
        text = (
            str(self.cleaned_data["expected"])
            .strip()
            .translate(str.maketrans("＋－−０１２３４５６７８９．％", "+--0123456789.%"))
        )
        if not text:
            return None
        try:
            value = Decimal(text.removesuffix("%").replace(",", "").strip())
        except InvalidOperation:
            raise forms.ValidationError(_("Enter a number such as 5 or −2.5.")) from None
        if not value.is_finite() or abs(value) >= Decimal(10) ** 12:
            raise forms.ValidationError(_("This number is too large."))
        slug = self.data.get("kpi", "")
        known = {kpi.slug: kpi for kpi in kpis.ALL}
        return value / PERCENT if slug in known and known[slug].unit is Unit.RATE else value

    def plan(self) -> Plan:
        """What was typed, as the writer takes it."""
        said = self.cleaned_data
        return Plan(
            said["text"], said["owner"].pk, said["due_on"], said["kpi"], said["boundary"][:10], said["cause"][:40],
            said["hypothesis"], said["expected"], said["breach"],
        )  # fmt: skip

    def refuse(self, refusal: Refused) -> None:
        """Say why not beside the field it is about."""
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, refusal.say(get_language()))
