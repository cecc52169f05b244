"""Forms of what somebody did: a contact in one click, a word about it afterwards, and taking something back."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from funnel.forms.acts.shape import ActForm
from funnel.forms.fields import LineField, MomentField, NoteField


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
