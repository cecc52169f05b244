"""Side facts in place: what was seen goes with the form, and a conflict is settled field by field."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel import normalise
from funnel.errors import BadValue
from funnel.forms.acts import ActForm
from funnel.forms.fields import LineField, NoteField
from funnel.stages import PERSON_ROLE_WORDS
from funnel.transitions.details import WORDS, Conflict, said

# What people type for a hyphen: minus signs, dashes, the long vowel mark.
HYPHENS = re.compile(r"[‐‑‒–—―−ｰー－]")
MINE, THEIRS = "mine", "theirs"
MOST_EMPLOYEES = 10_000_000


class PhoneField(LineField):
    """A phone number: full-width digits and every kind of hyphen become plain ones."""

    def to_python(self, value: Any) -> str | None:
        number = HYPHENS.sub("-", super().to_python(value) or "")
        if number and not normalise.phone(number):
            raise ValidationError(
                _("“%(value)s” is not a phone number. Write 03-1234-5678."), params={"value": number}
            )
        return number


class EmailField(LineField):
    """An e-mail address as typed, if it is one."""

    def to_python(self, value: Any) -> str | None:
        address = super().to_python(value) or ""
        try:
            normalise.email(address)
        except BadValue as bad:
            raise ValidationError(bad.say(get_language())) from bad
        return address


class KanaField(LineField):
    """A name in kana: hiragana becomes katakana, so that sorting and search agree."""

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value) or ""
        return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text)


class CountField(forms.CharField):
    """A number of people as written: 320名, １，２００."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "numeric"}), **kwargs)

    def clean(self, value: object) -> int | str:
        typed = unicodedata.normalize("NFKC", str(super().clean(value))).strip()
        digits = re.sub(r"[,\s]|[名人]$", "", typed)
        if not digits:
            return ""
        if (
            not digits.isascii()
            or not digits.isdecimal()
            or int(digits[:9]) > MOST_EMPLOYEES
            or len(digits) > 8
        ):
            raise ValidationError(
                _("“%(value)s” is not a number of people. Write 320."), params={"value": typed}
            )
        return int(digits)


class WebsiteField(LineField):
    """An address on the web; the https:// may be left out."""

    def to_python(self, value: Any) -> str | None:
        address = super().to_python(value) or ""
        if not address:
            return ""
        address = address if re.match(r"https?://", address, re.I) else f"https://{address}"
        try:
            URLValidator(schemes=["http", "https"])(address)
        except ValidationError as bad:
            raise ValidationError(
                _("“%(value)s” is not a web address. Write example.co.jp."), params={"value": address}
            ) from bad
        return address


def _lines(text: str) -> str:
    """A text area sends its line ends as CR LF, whatever it was given."""
    return text.replace("\r\n", "\n")


class DetailsForm(ActForm):
    """Facts of one record, each with what was seen of it; `conflicts` are those somebody else changed since."""

    what = ""
    heading: Any = ""
    submit = _("Save")

    def prepare(self) -> None:
        self.conflicts: dict[str, Conflict] = {}
        for name, words in WORDS[self.what].items():
            known = said(getattr(self.subject, name)) if self.subject else ""
            self.fields[name].label = words.say(get_language())
            self.fields[name].initial = known
            self.fields[f"seen_{name}"] = forms.CharField(
                required=False, strip=False, initial=known, widget=forms.HiddenInput
            )
            self.fields[f"keep_{name}"] = forms.ChoiceField(
                required=False, choices=[("", ""), (MINE, MINE), (THEIRS, THEIRS)], widget=forms.HiddenInput
            )
            self.fields[f"asked_{name}"] = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in WORDS[self.what]:
            if not cleaned.get(f"asked_{name}"):
                continue
            if cleaned.get(f"keep_{name}") == THEIRS:
                cleaned[name] = cleaned.get(f"seen_{name}", "")
                self.errors.pop(name, None)
            elif cleaned.get(f"keep_{name}") != MINE:
                self.add_error(name, _("Choose which of the two to keep."))
        return cleaned

    @property
    def facts(self) -> dict[str, Any]:
        """What was said of each fact."""
        said_of = {name: self.cleaned_data.get(name, "") for name in WORDS[self.what]}
        return {name: _lines(value) if isinstance(value, str) else value for name, value in said_of.items()}

    @property
    def seen(self) -> dict[str, str]:
        """What each fact was when the form was shown."""
        return {name: _lines(self.cleaned_data.get(f"seen_{name}", "")) for name in WORDS[self.what]}

    def settle(self, conflicts: list[Conflict]) -> None:
        """Show both values of each conflict, and from now on count what stands now as seen."""
        self.conflicts = {conflict.field: conflict for conflict in conflicts}
        told = dict(self.data.items())
        for conflict in conflicts:
            told[f"seen_{conflict.field}"] = conflict.now
            told[f"asked_{conflict.field}"] = "on"
            told[f"keep_{conflict.field}"] = ""
        self.data = told

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each fact with what the template draws beside it."""
        return [
            {
                "field": self[name],
                "seen": self[f"seen_{name}"],
                "conflict": self.conflicts.get(name),
                "keep": f"keep_{name}",
                "asked": f"asked_{name}",
                # A conflict that was shown and not decided is shown again.
                "open": name in self.conflicts or bool(self.is_bound and self.data.get(f"asked_{name}")),
                "theirs": self[f"seen_{name}"].value() or "",
            }
            for name in WORDS[self.what]
        ]


class PersonForm(DetailsForm):
    """What is known of a person."""

    what, heading = "person", _("Edit this person")
    name = LineField(required=False, max_length=150)
    name_kana = KanaField(required=False, max_length=150)
    title = LineField(required=False, max_length=150)
    role = forms.ChoiceField(required=False)
    phone = PhoneField(required=False, max_length=40)
    email = EmailField(required=False, max_length=254)

    def prepare(self) -> None:
        super().prepare()
        language = get_language()
        roles = [(role, words.say(language)) for role, words in PERSON_ROLE_WORDS.items()]
        self.fields["role"].choices = [("", "–"), *roles]  # type: ignore[attr-defined]


class NewPersonForm(ActForm):
    """Another person at a company; the name is enough."""

    title, submit = _("Add a person"), _("Add")
    name = LineField(max_length=150, error_messages={"required": _("Enter the name.")})
    name_kana = KanaField(required=False, max_length=150)
    role = forms.ChoiceField(required=False)
    phone = PhoneField(required=False, max_length=40)
    email = EmailField(required=False, max_length=254)
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        language = get_language()
        roles = [(role, words.say(language)) for role, words in PERSON_ROLE_WORDS.items()]
        self.fields["role"].choices = [("", "–"), *roles]  # type: ignore[attr-defined]
        self.fields["title"] = LineField(required=False, max_length=150)
        self.order_fields(["once", "name", "name_kana", "title", "role", "phone", "email"])
        for name in ("name", "name_kana", "title", "role", "phone", "email"):
            self.fields[name].label = WORDS["person"][name].say(language)


class AccountForm(DetailsForm):
    """What is known of a company."""

    what, heading = "account", _("Edit the company")
    name = LineField(max_length=200, error_messages={"required": _("Enter the name of the company.")})
    industry = LineField(required=False, max_length=80)
    employees = CountField(required=False, max_length=20)
    region = LineField(required=False, max_length=120)
    website = WebsiteField(required=False, max_length=200)


class CustomerForm(DetailsForm):
    """What is noted of a customer."""

    what, heading = "customer", _("Edit plan and notes")
    plan = LineField(required=False, max_length=120)
    growth = LineField(required=False, max_length=200)
    note = NoteField()


DETAILS: dict[str, type[DetailsForm]] = {form.what: form for form in (PersonForm, AccountForm, CustomerForm)}
"""The form of each kind of record with side facts."""
