"""The terms of meetings in words: how often, through what, with whom; also for the page of changed settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards.deck import KIND_WORDS, TOPIC_WORDS
from dashboards.models import MeetingTerms
from dashboards.views.meetings.terms_form import UNITS
from funnel.models import Member
from funnel.stages import DEPARTMENT_WORDS
from funnel.views.settings.telling import NOTHING, Change, Line, Told, plainly


def held(terms: MeetingTerms) -> str:
    """How often, on which day and when."""
    at = f"{terms.at:%H:%M}"
    match terms.unit:
        case MeetingTerms.Unit.DAY:
            return _("Every business day at %(at)s") % {"at": at}
        case MeetingTerms.Unit.WEEK:
            day = WEEKDAYS[terms.weekday or 0]
            said = _("%(day)s of every %(n)s weeks at %(at)s") if terms.every > 1 else _("%(day)s at %(at)s")
            return said % {"day": day, "at": at, "n": terms.every}
        case MeetingTerms.Unit.MONTH:
            said = (
                _("First business day of every %(n)s months at %(at)s")
                if terms.every > 1
                else _("First business day of the month at %(at)s")
            )
            return said % {"at": at, "n": terms.every}
    return _("Held when somebody starts it")


def slides(planned: Iterable[Sequence[Any]]) -> str:
    """Each topic with its minutes, in their order."""
    language = get_language()
    return " → ".join(
        _("%(topic)s %(n)s min") % {"topic": _topic(topic, language), "n": length}
        for topic, length in planned
    )


def taking_part(terms: MeetingTerms) -> str:
    """Who gets the minutes."""
    language = get_language()
    said = [_("Leads of all departments")] if terms.with_leads else []
    said += [DEPARTMENT_WORDS[each].say(language) for each in terms.departments]
    said += [member.name for member in terms.members.all()]
    return _(", ").join(said) or _("Whoever runs it, and whoever has something to do")


def terms_told(changes: Sequence[Change]) -> list[Told]:
    """Which kind of meeting was agreed on anew, from what to what."""
    halves = [half for one in changes for half in (one["old"] or {}, one["new"] or {})]
    ids = {pk for half in halves for pk in half.get("members", [])}
    names = dict(Member.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    language = get_language()
    labels: Mapping[str, Any] = {
        "unit": _("Held"),
        "every": _("Every so many weeks or months"),
        "weekday": _("Weekday"),
        "at": _("At"),
        "slides": _("Slides"),
        "with_leads": _("Leads of all departments"),
        "departments": _("Everybody of these departments"),
        "members": _("And these members"),
    }

    def say(name: str, value: Any) -> str:
        match name:
            case "unit":
                return str(UNITS.get(value or "", value))
            case "weekday":
                return str(WEEKDAYS[value]) if value is not None else NOTHING
            case "slides":
                return slides(value or [])
            case "departments":
                return _(", ").join(DEPARTMENT_WORDS[each].say(language) for each in value or []) or NOTHING
            case "members":
                return _(", ").join(names.get(pk, NOTHING) for pk in value or []) or NOTHING
        return plainly(value)

    said = []
    for one in changes:
        kind = str(one["what"]).removeprefix("meeting.")
        old, new = one["old"] or {}, one["new"] or {}
        title = KIND_WORDS[kind].say(language) if kind in KIND_WORDS else kind
        lines = [
            Line(str(labels.get(each, each)), say(each, old.get(each)), say(each, new[each])) for each in new
        ]
        said.append(Told(_("Meeting: %(kind)s") % {"kind": title}, lines))
    return said


def _topic(topic: str, language: str | None) -> str:
    return TOPIC_WORDS[topic].say(language) if topic in TOPIC_WORDS else topic
