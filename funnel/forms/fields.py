"""Fields that read what people really type: full-width digits, 120万, stray spaces, a proposed slot."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from funnel import phrasing
from funnel.amounts import AmountError, parse_amount
from funnel.models import Organization, Reason

NUL = "\x00"
FORMS_OF_TEXT = forms.Textarea(attrs={"rows": 2})
MEETING_HOURS = (10, 14, 16)


class LineField(forms.CharField):
    """One line of text: NFKC, trimmed, no control characters."""

    def to_python(self, value: Any) -> str | None:
        text = unicodedata.normalize("NFKC", str(value or "").replace(NUL, ""))
        return super().to_python(" ".join(text.split()))


class NoteField(forms.CharField):
    """Free text over several lines; kept as typed but for control characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 5000, "widget": FORMS_OF_TEXT, **kwargs})

    def to_python(self, value: Any) -> str | None:
        return super().to_python(str(value or "").replace(NUL, ""))


class AmountField(forms.CharField):
    """Money as people write it (1,200,000 · １２０万 · ¥1.2億) in `currency`; cleans to a Decimal or None."""

    currency = "JPY"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs)

    def clean(self, value: object) -> Decimal | None:
        text = str(super().clean(value))
        if not text:
            return None
        try:
            return parse_amount(text, currency=self.currency, relaxed=True)
        except AmountError as error:
            raise ValidationError(error.refused().say(get_language()), code=error.code) from error


class MomentField(forms.DateTimeField):
    """A moment in the organisation's zone, typed with the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        super().__init__(**{"widget": widget, **kwargs})

    def to_python(self, value: Any) -> datetime | None:
        return super().to_python(unicodedata.normalize("NFKC", value) if isinstance(value, str) else value)


class DayField(forms.DateField):
    """A day, typed with the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(**{"widget": widget, **kwargs})

    def to_python(self, value: Any) -> date | None:
        return super().to_python(unicodedata.normalize("NFKC", value) if isinstance(value, str) else value)


class Choices(forms.RadioSelect):
    """A few answers side by side, one click each."""

    template_name = "components/choices.html"


class NumberedChoices(Choices):
    """As `Choices`; each is chosen by its number, too."""

    template_name = "components/choices_numbered.html"


def slots(organization: Organization, now: datetime, after: int = 1) -> list[datetime]:
    """Three proposals for a meeting: the next business days at hours people meet."""
    calendar = organization.calendar()
    today = calendar.local_date(now)
    return [
        datetime.combine(calendar.add_business_days(today, after + n), time(hour), organization.tz)
        for n, hour in enumerate(MEETING_HOURS)
    ]


class SlotField(forms.ChoiceField):
    """One of a few proposed moments, or none of them."""

    def __init__(self, *, otherwise: Any = None, widget: type[Choices] = Choices, **kwargs: Any) -> None:
        self.otherwise = otherwise or _("Another time")
        super().__init__(widget=widget, required=False, **kwargs)

    def propose(self, moments: list[datetime], *, now: datetime, organization: Organization) -> None:
        """Offer these moments."""
        said = {
            at.isoformat(): phrasing.when(at, now=now, zone=organization.tz, language=get_language())
            for at in moments
        }
        self.choices = [*said.items(), ("", self.otherwise)]

    def clean(self, value: object) -> datetime | None:
        chosen = super().clean(value)
        return datetime.fromisoformat(chosen) if chosen else None


def reasons(act: str) -> list[tuple[str, str]]:
    """The reasons on offer for an act, in their order, in the reader's language."""
    language = get_language()
    return [(r.code, r.label(language)) for r in Reason.objects.filter(act=act, is_active=True)]
