"""The minutes of a meeting: its claims, what was decided and what was left, to those who take part, in their languages."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from dashboards import claims, deck
from dashboards.deck import KIND_WORDS, TOPIC_WORDS
from dashboards.models import Improvement, Meeting
from dashboards.views.improvements.saying import day
from dashboards.views.meetings import saying
from dashboards.views.meetings.stage import address, left
from funnel.models import Member, Membership
from handoffs import notices
from handoffs.kinds import Kind


def send(meeting: Meeting, today: date) -> int:
    """Put the minutes into the outbox for everybody who takes part; returns how many. A second time changes nothing."""
    decided = list(meeting.improvements.select_related("owner").order_by("id"))
    homework = [each for each in left(meeting) if each.meeting_id != meeting.pk]
    told = {}
    for member in participants(meeting, decided, homework, today):
        with translation.override(member.language):
            told[member.pk] = written(meeting, decided, homework, member.language)
    notices.write_own(Kind.MINUTES, meeting.pk, told, address(meeting))
    return len(told)


def participants(
    meeting: Meeting, decided: list[Improvement], homework: list[Improvement], today: date
) -> list[Member]:
    """Whom the terms name, whoever started or closed it, and whoever has something to do."""
    terms = meeting.terms
    asked = Q(department__in=terms.departments)
    if terms.with_leads:
        asked |= Q(role=Membership.Role.LEAD)
    belonging = Membership.objects.filter(
        asked, Q(valid_to__isnull=True) | Q(valid_to__gt=today), valid_from__lte=today
    )
    named = {meeting.started_by_id, meeting.closed_by_id, *(each.owner_id for each in (*decided, *homework))}
    wanted = (
        Q(pk__in=belonging.values("member"))
        | Q(pk__in=terms.members.values("pk"))
        | Q(pk__in=[pk for pk in named if pk])
    )
    return list(Member.objects.filter(wanted, is_active=True, is_service=False).order_by("pk"))


def written(
    meeting: Meeting, decided: list[Improvement], homework: list[Improvement], language: str
) -> tuple[str, str]:
    """Title and text in the active language, which is `language`."""
    name = KIND_WORDS[meeting.kind].say(language)
    label = deck.label_words(meeting.kind, meeting.label).say(language)
    lines = [_("The numbers said")]
    for slide in meeting.terms.deck:
        claim = meeting.titles.get(slide.topic) or saying.said(claims.claim(slide.topic, meeting.snapshot))
        lines.append(f"- {TOPIC_WORDS[slide.topic].say(language)}: {claim}")
    lines += ["", _("Decided")]
    lines += [_line(each) for each in decided] or [f"- {_('Nothing decided yet.')}"]
    if homework:
        lines += ["", _("Left from last time")]
        lines += [_line(each) for each in homework]
    return f"{_('Minutes')}: {name} {label}", "\n".join(lines)


def _line(each: Improvement) -> str:
    state = _("done") if each.done_on else day(each.due_on)
    return f"- {each.text} ({each.owner.name}, {state})"
