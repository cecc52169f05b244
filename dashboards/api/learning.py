"""The API door of what departments learn: shared cases, the sentence of a week, who helped another department."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from dashboards import sharing, weekly
from dashboards.models import CASE_WORDS, Help, SharedCase, WeekWord
from dashboards.models.cases import LONGEST_TAG, MOST_TAGS
from dashboards.models.weekly import LONGEST
from funnel.api import filters
from funnel.api.answers import day, stamp
from funnel.api.bodies import Strict, take
from funnel.api.door import Door
from funnel.api.fields import Choice, Day, Id, Text
from funnel.api.idempotency import Answer
from funnel.api.paging import page
from funnel.api.permissions import BY_ROW
from funnel.api.schema import acts, lists
from funnel.api.shapes import code, number, shape, text
from funnel.api.shapes import day as a_day
from funnel.api.shapes import stamp as a_stamp
from funnel.errors import BadValue
from funnel.stages import Department
from funnel.transitions.acting import Actor

CASE = shape(
    "SharedCase",
    id=number(), kind=code(CASE_WORDS), deal=number(null=True), customer=number(null=True), lesson=text(),
    tags=text(), by=number(), shared_at=a_stamp(null=False), version=number(),
)  # fmt: skip
WORD = shape(
    "WeekWord",
    id=number(), week=a_day(null=False), department=code(Department), text=text(), by=number(),
    said_at=a_stamp(null=False), version=number(),
)  # fmt: skip
HELP = shape(
    "Help",
    id=number(), week=a_day(null=False), helper=number(), department=code(Department), text=text(), by=number(),
    said_at=a_stamp(null=False), withdrawn_at=a_stamp(),
)  # fmt: skip


class CaseInput(Strict):
    """A deal that was won or lost, or a customer who left; the lesson, and tags with commas between them."""

    deal = Id(required=False)
    customer = Id(required=False)
    lesson = Text(max_length=sharing.LONGEST_LESSON, required=True, allow_blank=False)
    tags = Text(max_length=MOST_TAGS * (LONGEST_TAG + 2))


class WordInput(Strict):
    """A department's sentence of a week, by its Monday; `version` is the one it replaces, left out where none was said."""

    week = Day(required=True)
    department = Choice(choices=list(Department), required=True)
    text = Text(max_length=LONGEST, required=True)
    version = Id(required=False)


class HelpInput(Strict):
    """Who helped which department, in the week of a Monday, and how."""

    week = Day(required=True)
    helper = Id(required=True)
    department = Choice(choices=list(Department), required=True)
    text = Text(max_length=LONGEST, required=True, allow_blank=False)


def case_row(found: SharedCase) -> dict[str, Any]:
    """One case; wants its lesson loaded."""
    return {
        "id": found.pk,
        "kind": found.kind,
        "deal": found.deal_id,
        "customer": found.customer_id,
        "lesson": found.lesson.text,
        "tags": ", ".join(found.tags),
        "by": found.by_id,
        "shared_at": stamp(found.shared_at),
        "version": found.version,
    }


def word_row(found: WeekWord) -> dict[str, Any]:
    """One version of a sentence."""
    return {
        "id": found.pk,
        "week": day(found.week),
        "department": found.department,
        "text": found.text,
        "by": found.by_id,
        "said_at": stamp(found.said_at),
        "version": found.version,
    }


def help_row(found: Help) -> dict[str, Any]:
    """One help, also one taken back."""
    return {
        "id": found.pk,
        "week": day(found.week),
        "helper": found.helper_id,
        "department": found.department,
        "text": found.text,
        "by": found.by_id,
        "said_at": stamp(found.said_at),
        "withdrawn_at": stamp(found.withdrawn_at),
    }


class Cases(Door):
    """What was learnt from deals and customers, newest first."""

    writes = BY_ROW
    FILTERS: Mapping[str, filters.Filter] = {
        "kind": filters.one_of("kind", CASE_WORDS),
        "deal": filters.ids("deal"),
        "customer": filters.ids("customer"),
    }

    @lists("cases_list", CASE, FILTERS)
    def get(self, request: Request) -> Response:
        rows = filters.apply(request, SharedCase.objects.select_related("lesson"), self.FILTERS)
        return page(request, rows, case_row)

    @acts("cases_share", CaseInput, CASE, statuses=(201,), summary="Share a case")
    def post(self, request: Request) -> Response:
        given = take(CaseInput, request.data)
        if ("deal" in given) == ("customer" in given):
            raise BadValue("case_of_one", field="deal")
        said = given["lesson"], [given.get("tags", "")]

        def carry(by: Actor, now: datetime) -> Answer:
            if "deal" in given:
                return Answer(case_row(sharing.share_deal(given["deal"], *said, by, now=now)), 201)
            made = sharing.share_customer(given["customer"], *said, by, now=now)
            return Answer(case_row(made), 201)

        return self.carry_out(carry)


class WeekWords(Door):
    """What departments said of their weeks, every version, newest first."""

    writes = BY_ROW
    FILTERS: Mapping[str, filters.Filter] = {
        "department": filters.one_of("department", Department),
    }

    @lists("week_words_list", WORD, FILTERS)
    def get(self, request: Request) -> Response:
        return page(request, filters.apply(request, WeekWord.objects.all(), self.FILTERS), word_row)

    @acts("week_words_say", WordInput, WORD, statuses=(201,), summary="Say a department's sentence of a week")
    def post(self, request: Request) -> Response:
        given = take(WordInput, request.data)
        seen = given.get("version") or 0

        def carry(by: Actor, now: datetime) -> Answer:
            made = weekly.say(given["department"], given["week"], given["text"], seen, by, now=now)
            return Answer(word_row(made), 201)

        return self.carry_out(carry)


class Helps(Door):
    """Who helped a department that was not his own, newest first."""

    writes = BY_ROW
    FILTERS: Mapping[str, filters.Filter] = {
        "department": filters.one_of("department", Department),
        "helper": filters.ids("helper"),
    }

    @lists("helps_list", HELP, FILTERS)
    def get(self, request: Request) -> Response:
        return page(request, filters.apply(request, Help.objects.all(), self.FILTERS), help_row)

    @acts(
        "helps_name", HelpInput, HELP, statuses=(201,), summary="Name somebody who helped another department"
    )
    def post(self, request: Request) -> Response:
        given = take(HelpInput, request.data)

        def carry(by: Actor, now: datetime) -> Answer:
            made = weekly.thank(
                given["helper"], given["department"], given["week"], given["text"], by, now=now
            )
            return Answer(help_row(made), 201)

        return self.carry_out(carry)
