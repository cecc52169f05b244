"""Forms about notices: which reach a member how, when none should, and what a chat room posts."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel.forms import LineField
from handoffs.kinds import CHOSEN, KIND_HELP, KIND_WORDS, MAILED, MENTIONED, POSTED
from handoffs.models import NoticeChoice, Outlet
from handoffs.notices import wire


class Row(NamedTuple):
    """One kind in the table of choices."""

    kind: str
    name: str
    help: str
    by_mail: bool
    by_chat: bool


def _kinds(**more: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(choices=[(k.value, k.value) for k in CHOSEN], required=False, **more)


class TimeOfDayField(forms.TimeField):
    """A time of day, typed with the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
        super().__init__(**{"widget": widget, "required": False, "input_formats": ["%H:%M"], **kwargs})


class ChoiceForm(forms.Form):
    """How one member hears; `choice` is what he chose before."""

    by_mail = _kinds()
    by_chat = _kinds()
    chat_id = LineField(
        label=_("Your member ID in the chat program"),
        help_text=_("For example U012AB3CD. With it a post calls you; without it you are named in words."),
        required=False,
        max_length=30,
        validators=[
            RegexValidator(r"^[A-Z0-9]+\Z", _("Only capital letters and digits, as the program shows it."))
        ],
    )
    quiet_from = TimeOfDayField(label=_("No letters from"))
    quiet_to = TimeOfDayField(label=_("until"))

    def __init__(self, data: Any = None, *, choice: NoticeChoice | None = None) -> None:
        chosen = {
            "by_mail": list(MAILED) if choice is None else choice.by_mail,
            "by_chat": list(MENTIONED) if choice is None else choice.by_chat,
            "chat_id": choice.chat_id if choice else "",
            "quiet_from": choice.quiet_from if choice else None,
            "quiet_to": choice.quiet_to if choice else None,
        }
        super().__init__(data, initial=chosen)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("quiet_from"), cleaned.get("quiet_to")
        if (start is None) != (end is None) and not self.errors:
            missing = "quiet_to" if end is None else "quiet_from"
            self.add_error(missing, _("Give both times, or none."))
        if start is not None and start == end:
            self.add_error("quiet_to", _("Choose another time: these two would be no hours, or all of them."))
        return cleaned

    def table(self) -> list[Row]:
        """A row for every kind, with what is chosen or was typed."""
        language = get_language()
        mailed, called = (set(self[name].value() or ()) for name in ("by_mail", "by_chat"))
        return [
            Row(k.value, KIND_WORDS[k].say(language), KIND_HELP[k].say(language), k in mailed, k in called)
            for k in CHOSEN
        ]


class RoomForm(forms.Form):
    """A chat room: its webhook's address (kept when left blank), and the kinds it posts."""

    url = forms.CharField(
        label=_("Webhook address"),
        required=False,
        max_length=wire.LONGEST_URL,
        # A secret is not filled in again, and no browser keeps it.
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "url"}, render_value=False),
    )
    kinds = _kinds(widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, room: Outlet | None = None, prefix: str = "") -> None:
        super().__init__(
            data, prefix=prefix, initial={"kinds": list(room.kinds) if room else [k.value for k in POSTED]}
        )
        language = get_language()
        self.fields["kinds"].choices = [(k.value, KIND_WORDS[k].say(language)) for k in CHOSEN]  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        return str(self.cleaned_data["url"]).strip()
