"""Forms about handing over: what was heard, what is passed on, and why something comes back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel.forms import Choices, LineField, MomentField, NoteField, ReasonForm, SlotField, SlotForm, reasons
from funnel.models import Lead
from funnel.stages import BANT_FIELDS, BANT_WORDS, Bant
from handoffs.models import LaneTerms

# The record knows these already; the form shows them filled in.
KNOWN = ("company", "name", "contact")


class ReturnForm(ReasonForm):
    """Why a handoff goes back; the reason sends it."""

    title, submit, reasons_for = _("Return the handoff"), _("Return"), "return"

    def prepare(self) -> None:
        super().prepare()
        self.fields["note"].label = _("What should be asked")


class SqlForm(SlotForm):
    """BANT, the customer sheet of the terms in force, and the meeting: everything field sales needs."""

    title, submit = _("Hand over to Field Sales"), _("Hand over to Field Sales")
    slot = SlotField(label=_("Meeting"))
    meeting_at = MomentField(label=_("Meeting at another time"), required=False)
    below_threshold_reason = forms.ChoiceField(label=_("Handing over incomplete because"), required=False)

    def prepare(self) -> None:
        super().prepare()
        language = get_language()
        self.fields["below_threshold_reason"].choices = [("", "–"), *reasons("below_threshold")]  # type: ignore[attr-defined]
        heard = self.subject.qualifications.order_by("-id").first() if self.subject else None
        answers = [(b.value, BANT_WORDS[b].say(language)) for b in Bant]
        for name in BANT_FIELDS:
            self.fields[name] = forms.ChoiceField(
                label=BANT_WORDS[name].say(language), choices=answers, widget=Choices, required=False,
                initial=getattr(heard, name) if heard else Bant.UNKNOWN,
            )  # fmt: skip
        for item in _items():
            if item["key"] in BANT_FIELDS:
                continue
            kind = NoteField if item["key"] == "note" else LineField
            label = item["label_ja"] if (language or "").startswith("ja") else item["label_en"]
            self.fields[item["key"]] = kind(
                label=label, required=False, initial=_known(self.subject, item["key"])
            )
        self.order_fields([*BANT_FIELDS, "slot", "meeting_at", "note", *KNOWN])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["bant"] = {name: cleaned.pop(name, "") or Bant.UNKNOWN for name in BANT_FIELDS}
        keys = [item["key"] for item in _items() if item["key"] not in BANT_FIELDS]
        cleaned["sheet"] = {**cleaned["bant"], **{key: cleaned.pop(key, "") or "" for key in keys}}
        return cleaned


def _items() -> list[dict[str, Any]]:
    terms = LaneTerms.objects.filter(boundary="sql").order_by("-version").first()
    return terms.items if terms else []


def _known(lead: Lead | None, key: str) -> str:
    if lead is None or key not in KNOWN:
        return ""
    person, account = lead.person, lead.account
    return {
        "company": account.name if account else "",
        "name": person.name,
        "contact": person.phone or person.email,
    }[key]
