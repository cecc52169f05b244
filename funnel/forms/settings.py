"""Forms of settings: members and invitations, profile, password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from funnel import addresses
from funnel.forms.acts import ActForm
from funnel.forms.fields import Choices, DayField, LineField
from funnel.models import Member, Membership
from funnel.stages import DEPARTMENT_WORDS, Department

ROLES = {Membership.Role.MEMBER: _("Member"), Membership.Role.LEAD: pgettext_lazy("role", "Lead")}
STATES = {"active": _("Working here"), "left": _("Left"), "service": _("Programs"), "all": _("All")}
LONGEST_PASSWORD = 1000


class Checks(forms.CheckboxSelectMultiple):
    """Several answers side by side, one click each."""

    template_name = "components/checks.html"


def departments() -> list[tuple[str, str]]:
    """The departments under the company's own names."""
    language = get_language()
    return [(d.value, DEPARTMENT_WORDS[d].say(language)) for d in Department]


class MemberFilter(forms.Form):
    """What the list of members is narrowed by; all of it stands in the address."""

    q = LineField(label=_("Name or e-mail"), required=False, max_length=100)
    department = forms.ChoiceField(label=_("Department"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES.items())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].choices = [("", _("All")), *departments()]  # type: ignore[attr-defined]


class InviteForm(ActForm):
    """Addresses as they were pasted, and what those who come belong to."""

    submit = _("Invite")
    pasted = forms.CharField(
        label=_("Addresses"),
        max_length=addresses.LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("One per line, or apart by commas or spaces. “Name <address>” works too."),
    )
    departments = forms.MultipleChoiceField(label=_("Departments"), required=False, widget=Checks)
    role = forms.ChoiceField(label=_("Role"), choices=ROLES.items(), widget=Choices, initial="member")
    language = forms.ChoiceField(
        label=_("Language of the invitation"),
        choices={"ja": "日本語", "en": "English"}.items(),
        widget=Choices,
        initial="ja",
    )

    def prepare(self) -> None:
        self.fields["departments"].choices = departments()  # type: ignore[attr-defined]

    def clean_pasted(self) -> list[addresses.Pasted]:
        """Every piece that was pasted, read."""
        found = addresses.parse(self.cleaned_data["pasted"])
        if not found:
            raise ValidationError(_("Paste at least one address."))
        return found


class RolesForm(ActForm):
    """Administrator, viewer, or neither."""

    submit = _("Save")
    rights = forms.ChoiceField(
        label=_("Rights"),
        widget=Choices,
        choices=[
            ("", _("Writes for the own departments")),
            ("is_administrator", _("Administrator")),
            ("is_viewer", _("Only looks")),
        ],
        required=False,
    )


class JoinForm(ActForm):
    """A department, from a day to a day."""

    submit = _("Add")
    department = forms.ChoiceField(label=_("Department"), widget=Choices)
    role = forms.ChoiceField(label=_("Role"), choices=ROLES.items(), widget=Choices, initial="member")
    valid_from = DayField(label=_("From"), required=False, help_text=_("Blank: from today."))
    valid_to = DayField(label=_("First day no longer there"), required=False)

    def prepare(self) -> None:
        self.fields["department"].choices = departments()  # type: ignore[attr-defined]


class MembershipForm(ActForm):
    """The role of a membership and when it ends."""

    submit = _("Save")
    role = forms.ChoiceField(label=_("Role"), choices=ROLES.items())
    valid_to = DayField(label=_("First day no longer there"), required=False)


class LeaveForm(ActForm):
    """The first day without somebody."""

    submit = _("Let leave")
    on = DayField(label=_("First day without this person"), required=False, help_text=_("Blank: from today."))


class PasswordForm(ActForm):
    """A new password, twice. `subject` is the member it is for."""

    submit = _("Set the password")
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; neither common nor like the name."),
    )
    again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def whose(self) -> Member | None:
        """Whom the password must not be like."""
        return self.subject

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        password, again = said.get("password"), said.get("again")
        if password and again and password != again:
            self.add_error("again", _("The two passwords differ. Type the same one twice."))
        elif password:
            try:
                password_validation.validate_password(password, self.whose())
            except ValidationError as weak:
                self.add_error("password", weak)
        return said


class OwnPasswordForm(PasswordForm):
    """One's own password: the present one first."""

    field_order = ("once", "current", "password", "again")
    current = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_current(self) -> str:
        """The present password, if it is right."""
        if not self.subject.check_password(self.cleaned_data["current"]):
            raise ValidationError(_("This is not your present password."))
        return str(self.cleaned_data["current"])


class ComeInForm(PasswordForm):
    """Somebody invited: name and password. `subject` is the invitation."""

    submit = _("Start")
    field_order = ("once", "name", "password", "again")
    name = LineField(label=_("Your name"), max_length=150)

    def prepare(self) -> None:
        if self.subject is not None:
            self.fields["name"].initial = self.subject.name

    def whose(self) -> Member | None:
        """Somebody of this name and address, who is not there yet."""
        email = self.subject.email if self.subject else ""
        return Member(username=email, email=email, name=self.cleaned_data.get("name", ""))


class ProfileForm(ActForm):
    """What somebody says of himself, and how his screen looks."""

    submit = _("Save")
    name = LineField(label=_("Name"), max_length=150)
    name_kana = LineField(label=_("Name in kana"), max_length=150, required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices={"ja": "日本語", "en": "English"}.items(), widget=Choices
    )
    theme = forms.ChoiceField(
        label=_("Colours"),
        choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
        widget=Choices,
    )
    shortcuts = forms.ChoiceField(
        label=_("Single-key shortcuts"), choices=[("on", _("On")), ("off", _("Off"))], widget=Choices
    )


class CoverForm(ActForm):
    """Which department does the work of one; blank when it does so itself."""

    covered_by = forms.ChoiceField(label=_("Its work is done by"), required=False)

    def prepare(self) -> None:
        offered = [(code, name) for code, name in departments() if code != self.subject]
        self.fields["covered_by"].choices = [("", _("Itself")), *offered]  # type: ignore[attr-defined]
