"""Forms of what the company has in common: calendar, reasons, names, channels, tokens."""

from __future__ import annotations

import unicodedata
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from funnel.company import calendar_days, reasons, tokens, wordings
from funnel.forms.acts import ActForm
from funnel.forms.fields import Choices, DayField, LineField
from funnel.models import Reason
from funnel.stages import NAMED

NEW_ROWS = 1
MOST_ROWS = reasons.MOST + NEW_ROWS
NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
MONTH = lazy(lambda n: gettext("month %(n)s") % {"n": n}, str)
"""The name of a month; put together when it is read, for the reader's language is not known before."""
ACTS = {
    Reason.For.MQL: _("Certify MQL"),
    Reason.For.RETURN: _("Return the handoff"),
    Reason.For.LOSS: _("Lost"),
    Reason.For.WIN: _("Won"),
    Reason.For.RECYCLE: _("Back to nurture"),
    Reason.For.DISQUALIFY: _("Not a fit"),
    Reason.For.BELOW_THRESHOLD: _("Handed over below the threshold"),
    Reason.For.EXCUSE: _("A miss excused"),
}


class CompanyForm(ActForm):
    """The organisation: its name, its days, its year."""

    submit = _("Save")
    name = LineField(label=_("Company name"), max_length=200)
    fiscal_year_start = forms.TypedChoiceField(
        label=_("The fiscal year starts in"),
        choices=[(n, MONTH(n)) for n in range(1, 13)],
        coerce=int,
    )
    zone = LineField(
        label=_("Time zone"),
        max_length=64,
        help_text=_("Decides the day of every count; fixed once leads have been recorded."),
    )
    country = forms.ChoiceField(
        label=_("Public holidays"),
        choices=[("JP", _("Japan")), ("", _("None"))],
        required=False,
        widget=Choices,
    )

    def clean_zone(self) -> str:
        """A zone that exists."""
        zone = str(self.cleaned_data["zone"])
        if zone not in available_timezones():
            raise ValidationError(_("Unknown time zone. Write it like Asia/Tokyo."))
        return zone


class CloseForm(ActForm):
    """Days on which the company is closed, or works although it is a holiday."""

    submit = _("Add")
    first = DayField(label=_("From"))
    last = DayField(label=_("To (inclusive)"), required=False, help_text=_("Blank: one day."))
    name = LineField(label=_("Name"), max_length=calendar_days.LONGEST_NAME, required=False)
    is_closed = forms.ChoiceField(
        label=_("On these days"),
        choices=[("1", _("closed")), ("", _("open"))],
        widget=Choices,
        required=False,
    )


class DayListForm(ActForm):
    """A list of closed days, pasted."""

    submit = _("Take in")
    pasted = forms.CharField(
        label=_("Days"),
        max_length=calendar_days.LONGEST_LIST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_("One line each: 2026-12-29 Name, or 2026/12/29–2027/1/3 Name."),
    )


class ReasonsForm(ActForm):
    """The whole table of reasons for an act, a new row at its end. `subject` is the act."""

    submit = _("Save")
    count = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=MOST_ROWS)

    def prepare(self) -> None:
        known = list(Reason.objects.filter(act=self.subject).order_by("-is_active", "position", "id"))
        self.codes = {r.pk: r.code for r in known}
        rows: list[Any] = [*known, *[None] * NEW_ROWS]
        count = self._posted() if self.is_bound else len(rows)
        self.fields["count"].initial = count
        for n in range(count):
            self._row(n, rows[n] if n < len(rows) else None)
        self.count_of_rows = count

    def _row(self, n: int, reason: Reason | None) -> None:
        label = f"{reason.label_ja if reason else _('New reason')}: "
        self.fields[f"id_{n}"] = forms.IntegerField(
            required=False, widget=forms.HiddenInput, initial=reason.pk if reason else None
        )
        self.fields[f"use_{n}"] = forms.BooleanField(
            required=False, initial=reason.is_active if reason else True, label=f"{label}{_('In use')}"
        )
        self.fields[f"position_{n}"] = forms.IntegerField(
            required=False, initial=n + 1, label=f"{label}{_('Order')}", min_value=0, max_value=9999,
            widget=forms.TextInput(attrs=NUMBER),
        )  # fmt: skip
        for name, words in (("ja", _("Japanese")), ("en", _("English"))):
            self.fields[f"{name}_{n}"] = LineField(
                required=False, max_length=reasons.LONGEST_LABEL, label=f"{label}{words}",
                initial=getattr(reason, f"label_{name}") if reason else "",
            )  # fmt: skip

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields of each row of the table."""
        found = []
        for n in range(self.count_of_rows):
            cells = [self[f"{name}_{n}"] for name in ("use", "position", "ja", "en")]
            pk = self[f"id_{n}"].value()
            code = self.codes.get(int(pk), "") if str(pk or "").isdecimal() else ""
            found.append({"key": self[f"id_{n}"], "cells": cells, "code": code})
        return found

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        said["rows"] = [
            {
                "id": said.get(f"id_{n}"), "label_ja": said.get(f"ja_{n}"), "label_en": said.get(f"en_{n}"),
                "position": said.get(f"position_{n}") or 0, "is_active": said.get(f"use_{n}"),
            }
            for n in range(self.count_of_rows)
            if said.get(f"id_{n}") or said.get(f"ja_{n}") or said.get(f"en_{n}")
        ]  # fmt: skip
        return said

    def _posted(self) -> int:
        try:
            return max(0, min(int(unicodedata.normalize("NFKC", self.data.get("count", "0"))), MOST_ROWS))
        except ValueError:
            return 0


class NameForm(ActForm):
    """What the company calls one coded thing. `subject` is (table, code)."""

    submit = _("Save")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    ja = LineField(label=_("Japanese"), max_length=wordings.LONGEST, required=False)
    en = LineField(label=_("English"), max_length=wordings.LONGEST, required=False)

    def prepare(self) -> None:
        table, code = self.subject
        own = NAMED[table][code]
        for name in ("ja", "en"):
            field = self.fields[name]
            field.widget.attrs.update({"placeholder": getattr(own, name), "class": "wide"})
            field.label = f"{own.ja}: {field.label}"


class ChannelForm(ActForm):
    """A channel or a campaign: its name, and whether it is offered."""

    submit = _("Save")
    name = LineField(label=_("Name"), max_length=200)
    is_active = forms.BooleanField(label=_("In use"), required=False)
    is_web = forms.BooleanField(label=_("Web"), required=False)


class NewChannelForm(ActForm):
    """A channel that is not there yet."""

    submit = _("Add")
    name = LineField(label=_("Name"), max_length=100)
    slug = LineField(
        label=_("Code in files and the API"), max_length=100, required=False, help_text=_("Blank: the name.")
    )
    is_web = forms.BooleanField(label=_("Web: its visits are counted"), required=False)


class TokenForm(ActForm):
    """Whose token, and what it may."""

    submit = _("Make a token")
    name = LineField(label=_("Program"), max_length=100, help_text=_("As the ledger will show it."))
    scope = forms.ChoiceField(
        label=_("Scope"),
        choices=[(tokens.SCOPES[0], _("Reads")), (tokens.SCOPES[1], _("Reads and writes"))],
        widget=Choices,
        initial=tokens.SCOPES[0],
    )


class RevokeForm(ActForm):
    """The token to close."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=60)
