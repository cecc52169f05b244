"""Forms of lanes and of the customer sheet's items."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from funnel.forms import ActForm, Choices, LineField
from handoffs import terms
from handoffs.clock import Unit
from handoffs.lanes import LANES, Boundary
from handoffs.models import LaneTerms

UNITS = {
    Unit.ELAPSED_HOURS: _("Hours by the clock"),
    Unit.WORKDAY_HOURS: _("Hours that stand still on days off"),
    Unit.BUSINESS_DAYS: _("Business days"),
}
NEW_ROWS = 2
MOST_ROWS = terms.MOST_ITEMS * 2
NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


class TermsForm(ActForm):
    """How long a lane allows, and when to warn."""

    submit = _("Save as a new version")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    target = forms.IntegerField(label=_("Time allowed"), widget=forms.TextInput(attrs=NUMBER))
    unit = forms.ChoiceField(label=_("Counted in"), choices=UNITS.items(), widget=Choices)
    warnings = LineField(
        label=_("Warn at (percent of the time)"),
        required=False,
        max_length=40,
        help_text=_("For example 75, or 50, 75, 90. Blank: no warning."),
        widget=forms.TextInput(attrs=NUMBER),
    )

    def clean_warnings(self) -> list[int]:
        """The steps as numbers."""
        words = self.cleaned_data["warnings"].replace("%", " ").replace("、", " ").replace(",", " ").split()
        if not all(word.isdecimal() for word in words):
            raise ValidationError(_("Write whole percents apart by commas, for example 50, 75."))
        return [int(word) for word in words]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if {"target", "unit", "warnings"} <= said.keys():
            said["agreed"] = {
                "version": said.get("version"), "target": said["target"], "unit": said["unit"],
                "warn_at_percent": said["warnings"],
            }  # fmt: skip
        return said


class GateForm(ActForm):
    """How complete the customer sheet has to be."""

    submit = _("Save as a new version")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    threshold = LineField(
        label=_("Completeness (percent of the required items)"),
        max_length=8,
        widget=forms.TextInput(attrs=NUMBER),
    )

    def clean_threshold(self) -> Decimal:
        """The percentage."""
        try:
            found = Decimal(self.cleaned_data["threshold"].replace("%", "").strip())
        except InvalidOperation:
            raise ValidationError(_("Write a percentage from 0 to 100, for example 90.")) from None
        if not found.is_finite():
            raise ValidationError(_("Write a percentage from 0 to 100, for example 90."))
        return found

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if "threshold" in said:
            said["agreed"] = {"version": said.get("version"), "threshold": said["threshold"]}
        return said


def form_of(boundary: str) -> type[TermsForm] | type[GateForm]:
    """The form of a lane: a clock, or a gate."""
    return GateForm if LANES[Boundary(boundary)].unit is None else TermsForm


class ItemsForm(ActForm):
    """The whole table of the sheet's items, new rows at its end. `subject` is the terms in force.

    Cleans to `items`, in their order, those that are in use only.
    """

    submit = _("Save as a new version")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    count = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=MOST_ROWS)

    def prepare(self) -> None:
        rows = self._shown_rows() if not self.is_bound else self._posted_rows()
        self.keys = [row["key"] for row in rows]
        for n, row in enumerate(rows):
            label, weight = f"{row.get('label_ja') or _('New item')}: ", row.get("weight", 1)
            self.fields[f"key_{n}"] = forms.CharField(
                required=False, widget=forms.HiddenInput, initial=row["key"], max_length=60
            )
            self.fields[f"use_{n}"] = forms.BooleanField(
                required=False, initial=row.get("use", True), label=f"{label}{_('In use')}"
            )
            for name, words in (("ja", _("Japanese")), ("en", _("English"))):
                self.fields[f"{name}_{n}"] = LineField(
                    required=False, max_length=terms.LONGEST_LABEL, initial=row.get(f"label_{name}", ""),
                    label=f"{label}{words}",
                )  # fmt: skip
            self.fields[f"weight_{n}"] = forms.IntegerField(
                required=False,
                initial=weight,
                label=f"{label}{_('Weight')}",
                widget=forms.TextInput(attrs=NUMBER),
            )
            self.fields[f"required_{n}"] = forms.BooleanField(
                required=False, initial=row.get("required", True), label=f"{label}{_('Required')}"
            )
            self.fields[f"position_{n}"] = forms.IntegerField(
                required=False,
                initial=n + 1,
                label=f"{label}{_('Order')}",
                widget=forms.TextInput(attrs=NUMBER),
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields of each row of the table."""
        names = ("use", "position", "ja", "en", "weight", "required")
        return [
            {"key": self[f"key_{n}"], "code": key, "cells": [self[f"{name}_{n}"] for name in names]}
            for n, key in enumerate(self.keys)
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        found = []
        for n in range(len(self.keys)):
            ja, en = said.get(f"ja_{n}", ""), said.get(f"en_{n}", "")
            key = said.get(f"key_{n}", "")
            if not said.get(f"use_{n}") or not (key or ja or en):
                continue
            item = {
                "key": key, "label_ja": ja, "label_en": en, "required": said.get(f"required_{n}"),
                "weight": said.get(f"weight_{n}") if said.get(f"weight_{n}") is not None else 1,
            }  # fmt: skip
            found.append((said.get(f"position_{n}") or n + 1, n, item))
        said["items"] = [item for _, _, item in sorted(found, key=lambda row: row[:2])]
        return said

    def _shown_rows(self) -> list[dict[str, Any]]:
        in_use = [{**item, "use": True} for item in self.subject.items]
        keys = {item["key"] for item in in_use}
        retired: dict[str, dict[str, Any]] = {}
        for earlier in LaneTerms.objects.filter(boundary=Boundary.SQL).order_by("-version"):
            for item in earlier.items:
                if item["key"] not in keys:
                    retired.setdefault(item["key"], {**item, "use": False})
        new = [{"key": "", "use": True} for _row in range(NEW_ROWS)]
        self.fields["count"].initial = len(in_use) + len(retired) + NEW_ROWS
        return [*in_use, *new, *retired.values()]

    def _posted_rows(self) -> list[dict[str, Any]]:
        try:
            count = min(int(unicodedata.normalize("NFKC", self.data.get("count", "0"))), MOST_ROWS)
        except ValueError:
            count = 0
        return [
            {"key": self.data.get(f"key_{n}", ""), "label_ja": self.data.get(f"ja_{n}", "")}
            for n in range(count)
        ]
