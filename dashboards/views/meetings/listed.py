"""What slides list of now beside a meeting's numbers: promises overdue, effects of what was done, answers about KPIs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dashboards import effects, kpis, sharing, targets, weekly, wording
from dashboards.deck import FINISHED_PERIOD
from dashboards.kpis import Frame, Unit
from dashboards.models import CASE_WORDS, CaseKind, Improvement, KpiAnswer, Meeting, SharedCase
from dashboards.scope import Scope
from dashboards.views.improvements import saying
from funnel import phrasing
from funnel.calendar import add_months, month_end, month_start
from funnel.models import Organization
from handoffs.lanes import LANES, Boundary
from handoffs.models import Handoff
from handoffs.querysets import overdue_at

MOST, MOST_HELPS, MOST_CASES = 7, 4, 4
LOOKED_BACK = timedelta(days=30)
ANSWERS = {"keep": _("Keep"), "change": _("Change"), "drop": _("Drop")}


def of(topic: str, meeting: Meeting, organization: Organization, now: datetime) -> dict[str, Any]:
    """What a topic lists; most list nothing."""
    return _LISTS[topic](meeting, organization, now) if topic in _LISTS else {}


def _overdue(meeting: Meeting, organization: Organization, now: datetime) -> dict[str, Any]:
    """The promises that wait longest now, whoever owes them."""
    rows = (
        Handoff.objects.filter(overdue_at(now))
        .select_related("lead__account", "lead__person", "customer__account", "deal__account", "owner")
        .order_by("due_at", "id")[:MOST]
    )
    language = get_language()
    return {
        "overdue": [
            {
                "who": _who(row),
                "href": reverse("record", args=[row.lead_id])
                if row.lead_id
                else reverse("customer", args=[row.customer_id]),
                "owed": LANES[Boundary(row.boundary)].owed.say(language),
                "clock": phrasing.until(row.due_at, now=now, zone=organization.tz, language=language)
                if row.due_at
                else "",
                "owner": row.owner.name if row.owner else "",
            }
            for row in rows
        ]
    }  # fmt: skip


def _who(row: Handoff) -> str:
    for record in (row.deal, row.lead, row.customer):
        if record is not None and record.account is not None:
            return record.account.name
    return f"#{row.pk}"


def _effects(meeting: Meeting, organization: Organization, now: datetime) -> dict[str, Any]:
    """What was done lately, and what its number did."""
    done = (
        Improvement.objects.filter(done_on__isnull=False)
        .select_related("owner")
        .order_by("-done_on", "id")[:MOST]
    )
    return {
        "effects": [
            {
                "text": each.text,
                "owner": each.owner.name,
                "said": saying.effect_said(effect),
                "href": reverse("improvement", args=[each.pk]),
                "tone": {True: "fine", False: "bad", None: ""}[effect.is_better if effect.is_sure else None],
            }
            for each, effect in effects.of_all(done, organization, now)
        ]
    }


def _kpis(meeting: Meeting, organization: Organization, now: datetime) -> dict[str, Any]:
    """The KPIs that have a target in the meeting's days, beside what they were, and what was answered about them."""
    at = Frame.of_scope(Scope(meeting.starts, meeting.ends), organization, now)
    wanted = targets.current(at, [kpi.slug for kpi in kpis.ALL])
    answered = dict(KpiAnswer.objects.filter(meeting=meeting).values_list("kpi", "answer"))
    earlier: dict[str, str] = {}
    before = KpiAnswer.objects.filter(answered_at__lt=meeting.started_at).exclude(meeting=meeting)
    for slug, said in before.order_by("answered_at").values_list("kpi", "answer"):
        earlier[slug] = said
    language = get_language()
    return {
        "kpis": [
            {
                "slug": slug,
                "name": kpis.get(slug).names.say(language),
                "question": kpis.get(slug).question.say(language),
                "target": _target(slug, float(target)),
                "value": _worded(slug, at),
                "answered": answered.get(slug, ""),
                "earlier": ANSWERS.get(earlier.get(slug, ""), ""),
            }
            for slug, target in sorted(wanted.items())
        ],
        "answers": list(ANSWERS.items()),
    }


def weeks_of(meeting: Meeting) -> tuple[date, date]:
    """The weeks whose words a meeting looks at, by their Mondays: those of its period, or its own and the one before."""
    if meeting.kind in FINISHED_PERIOD:
        return weekly.monday(meeting.starts), weekly.monday(meeting.ends)
    last = weekly.monday(meeting.held_on)
    return last - weekly.ONE_WEEK, last


def said(meeting: Meeting, now: datetime) -> dict[str, Any]:
    """Each department's newest sentence, and who helped whom; as it was said until the meeting was closed."""
    weeks, until = weeks_of(meeting), meeting.closed_at or now
    return {
        "words": [(row.department, row.text, row.by.name) for row in weekly.words(weeks, until).values()],
        "helps": [
            (row.helper.name, row.department, row.text) for row in weekly.helps(weeks, until)[:MOST_HELPS]
        ],
    }


def _said(meeting: Meeting, organization: Organization, now: datetime) -> dict[str, Any]:
    return said(meeting, now)


def cases_of(
    meeting: Meeting, organization: Organization, now: datetime, most: int = MOST_CASES
) -> dict[str, Any]:
    """The cases shared since the meeting before, or in the last 30 days without one; and how many wait to be shared."""
    until = meeting.closed_at or now
    since = meeting.since.started_at if meeting.since else until - LOOKED_BACK
    rows = sharing.shared_between(since, until)
    return {
        "cases": [
            {
                "kind": case.kind,
                "words": CASE_WORDS[CaseKind(case.kind)],
                "who": case_name(case),
                "lesson": case.lesson.text,
                "tags": case.tags,
                "href": f"{reverse('cases')}?q={quote(case.tags[0])}" if case.tags else reverse("cases"),
            }
            for case in rows[:most]
        ],
        "unshared": sharing.deals_unshared(now).count() + sharing.customers_unshared().count(),
    }


def case_name(case: SharedCase) -> str:
    """The company a case is about, or its deal where no company is known."""
    if case.deal is not None:
        return case.deal.account.name if case.deal.account else str(case.deal)
    assert case.customer is not None
    return case.customer.account.name


PLANNED = ("leads", "mql", "sql", "won", "onboarded", "bookings", "mql-rate", "sql-rate", "win-rate-plan")


def _next(meeting: Meeting, organization: Organization, now: datetime) -> dict[str, Any]:
    """The targets of the month after the meeting's, beside what the month that ended brought and had aimed at."""
    ended = Frame.of_scope(Scope(month_start(meeting.ends), meeting.ends), organization, now)
    first = add_months(month_start(meeting.ends), 1)
    begun = Frame.of_scope(Scope(first, month_end(first)), organization, now)
    aimed, aims = targets.current(ended, PLANNED), targets.current(begun, PLANNED)
    language = get_language()
    return {
        "month": first,
        "is_planned": bool(aims),
        "plan": [
            {
                "name": kpis.get(slug).names.say(language),
                "value": _worded(slug, ended),
                "aimed": _target(slug, float(aimed[slug])) if slug in aimed else wording.NOTHING,
                "aim": _target(slug, float(aims[slug])) if slug in aims else wording.NOTHING,
                "href": reverse("number", args=[slug]),
            }
            for slug in PLANNED
        ],
    }


def _worded(slug: str, at: Frame) -> str:
    shapes = {Unit.RATE: "share", Unit.COUNT: "count", Unit.MONEY: "money"}
    return wording.worded(_value(slug, at), shapes.get(kpis.get(slug).unit, "points"))


def _value(slug: str, at: Frame) -> kpis.Value:
    kpi = kpis.get(slug)
    return kpi.measure(kpi.select(at), at)


def _target(slug: str, target: float) -> str:
    match kpis.get(slug).unit:
        case Unit.RATE:
            return wording.goal(target)
        case Unit.MONEY:
            return wording.yen(target)
    return wording.count(round(target)) if target == round(target) else wording.points(target)


_LISTS: Mapping[str, Callable[[Meeting, Organization, datetime], dict[str, Any]]] = {
    "overdue": _overdue,
    "effects": _effects,
    "next": _next,
    "kpis": _kpis,
    "voice": _said,
    "wrap-up": _said,
    "cases": cases_of,
}
