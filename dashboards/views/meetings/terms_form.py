"""The form of a meeting's terms: its rhythm, the slides it goes through, who takes part."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dashboards import meetings
from dashboards.deck import TOPIC_WORDS, Topic
from dashboards.meetings import Agreed
from dashboards.models import MeetingTerms
from funnel.forms import ActForm, Choices
from funnel.forms.settings import Checks
from funnel.models import Member
from funnel.stages import DEPARTMENT_WORDS

UNITS = {
    "": _("When somebody starts it"),
    MeetingTerms.Unit.DAY.value: _("Every business day"),
    MeetingTerms.Unit.WEEK.value: _("By weeks"),
    MeetingTerms.Unit.MONTH.value: _("By months, on the first business day"),
}
NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
USUAL_MINUTES = 10


class MeetingTermsForm(ActForm):
    """How often a kind of meeting is held, through what it goes, and who gets its minutes. `subject` are its terms."""

    submit = _("Save as a new version")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    unit = forms.ChoiceField(label=_("Held"), choices=UNITS.items(), required=False, widget=Choices)
    every = forms.IntegerField(
        label=_("Every so many weeks or months"),
        help_text=_("1 is every one, 2 is every second one."),
        widget=forms.TextInput(attrs=NUMBER),
    )
    weekday = forms.TypedChoiceField(
        label=_("Weekday"),
        choices=[("", "–"), *WEEKDAYS.items()],
        coerce=int,
        empty_value=None,
        required=False,
    )
    at = forms.TimeField(label=_("At"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    with_leads = forms.MultipleChoiceField(
        label=pgettext_lazy("people", "Leads"),
        choices=[("all", _("Leads of all departments"))],
        required=False,
        widget=Checks,
    )
    departments = forms.MultipleChoiceField(
        label=_("Everybody of these departments"), required=False, widget=Checks
    )
    members = forms.TypedMultipleChoiceField(
        label=_("And these members"), coerce=int, required=False, widget=Checks
    )

    def prepare(self) -> None:
        language, terms = get_language(), self.subject
        self.fields["departments"].choices = [  # type: ignore[attr-defined]
            (str(each), words.say(language)) for each, words in DEPARTMENT_WORDS.items()
        ]
        people = Member.objects.filter(is_active=True, is_service=False).order_by("name", "pk")
        self.fields["members"].choices = list(people.values_list("pk", "name"))  # type: ignore[attr-defined]
        planned = {slide.topic: (place, slide.minutes) for place, slide in enumerate(terms.deck, 1)}
        self.topics = sorted(Topic, key=lambda topic: planned.get(topic, (len(Topic), 0))[0])
        for place, topic in enumerate(self.topics, 1):
            words = TOPIC_WORDS[topic].say(language)
            _at, length = planned.get(topic, (0, USUAL_MINUTES))
            self.fields[f"use_{topic}"] = forms.BooleanField(
                required=False, initial=topic in planned, label=f"{words}: {_('In use')}"
            )
            self.fields[f"order_{topic}"] = forms.IntegerField(
                initial=place,
                label=f"{words}: {_('Order')}",
                min_value=1,
                max_value=99,
                widget=forms.TextInput(attrs=NUMBER),
            )
            self.fields[f"minutes_{topic}"] = forms.IntegerField(
                initial=length,
                label=f"{words}: {_('Length (min)')}",
                min_value=1,
                max_value=meetings.LONGEST_SLIDE,
                widget=forms.TextInput(attrs=NUMBER),
            )
        if not self.is_bound:
            self.initial = {
                **{name: getattr(terms, name) for name in ("unit", "every", "weekday", "at")},
                "with_leads": ["all"] if terms.with_leads else [],
                "departments": terms.departments,
                "members": [member.pk for member in terms.members.all()],
            }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields of each topic's row."""
        language = get_language()
        return [
            {
                "words": TOPIC_WORDS[topic].say(language),
                "cells": [self[f"{name}_{topic}"] for name in ("use", "order", "minutes")],
            }
            for topic in self.topics
        ]

    @property
    def timing(self) -> list[forms.BoundField]:
        """The fields that say when."""
        return [self[name] for name in ("unit", "every", "weekday", "at")]

    @property
    def people(self) -> list[forms.BoundField]:
        """The fields that say who."""
        return [self[name] for name in ("with_leads", "departments", "members")]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        used = [topic for topic in self.topics if said.get(f"use_{topic}")]
        # Of two with the same number, the one that stood first stays first.
        used.sort(key=lambda topic: said.get(f"order_{topic}") or len(Topic))
        if not self.errors:
            said["agreed"] = Agreed(
                unit=said["unit"],
                every=said["every"],
                weekday=said["weekday"],
                at=said["at"],
                slides=[(str(topic), said[f"minutes_{topic}"]) for topic in used],
                with_leads=bool(said["with_leads"]),
                departments=said["departments"],
                members=said["members"],
            )
        return said
