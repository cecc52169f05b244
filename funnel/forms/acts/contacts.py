"""Forms of what somebody did: a contact in one click, a word about it afterwards, and taking something back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funnel.earlier import Ago, moments
from funnel.forms.acts.shape import ActForm
from funnel.forms.fields import Choices, LineField, MomentField, NoteField
from funnel.models import Event, Lead, Organization
from funnel.stages import EventKind


class WithdrawForm(ActForm):
    """Undo: say that something recorded never happened."""

    title, submit = _("Undo"), _("Undo")
    note = NoteField(label=_("Why?"))


AGO_WORDS = {Ago.JUST_NOW: _("Just now"), Ago.MORNING: _("This morning"), Ago.YESTERDAY: _("Yesterday")}


def time_chips(lead: Lead, now: datetime, organization: Organization) -> list[tuple[str, Any, datetime]]:
    """What can be said of when a contact was, with the moments they stand for; nothing before there was a lead."""
    certified = Event.objects.filter(lead=lead, kind=EventKind.MQL_CERTIFIED).order_by("-id")
    since = certified.values_list("occurred_at", flat=True).first() or lead.lead_at
    return [(ago.value, AGO_WORDS[ago], at) for ago, at in moments(now, organization.tz, since).items()]


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
    field_order = ("once", "note", "ago", "occurred_at", "what")
    folded = ("occurred_at",)
    note = NoteField(label=_("Note"))
    ago = forms.ChoiceField(label=_("When"), required=False, widget=Choices)
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

    def prepare(self) -> None:
        if isinstance(self.subject, Lead) and self.now and self.organization:
            self.times = time_chips(self.subject, self.now, self.organization)
            chips = [(ago, words) for ago, words, _at in self.times]
            self.fields["ago"].choices = [("", _("Now")), *chips]  # type: ignore[attr-defined]
        else:
            del self.fields["ago"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        said = {ago: at for ago, _words, at in getattr(self, "times", ())}
        cleaned["occurred_at"] = cleaned.get("occurred_at") or said.get(cleaned.get("ago", ""))
        return cleaned

    @property
    def offered(self) -> list[tuple[str, str]]:
        return [pair for pair in super().offered if pair[0] != "cared"]


class AfterwardsForm(ActForm):
    """What there is to say about a contact just logged: words, and when it was if it is logged late."""

    title, submit = _("Note"), _("Save the note")
    note = LineField(label=_("Note (optional)"), max_length=5000, required=False)
    ago = forms.ChoiceField(required=False, choices=[(ago.value, AGO_WORDS[ago]) for ago in Ago])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("note") and not cleaned.get("ago") and not self.errors:
            self.add_error("note", _("Write a note."))
        return cleaned
