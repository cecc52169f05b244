"""THE ONLY WRITER of shared cases: what was learnt from a deal won or lost, or from a customer who left."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import CharField, Count, Exists, Func, Max, OuterRef, Q, QuerySet

from dashboards.models import CaseKind, SharedCase
from dashboards.models.cases import LONGEST_TAG, MOST_TAGS
from funnel.errors import BadValue, MoveRefused, NotYours
from funnel.models import Customer, Deal, Lead, Member, Note
from funnel.stages import CustomerPhase, DealState
from funnel.transitions.acting import Actor

LONGEST_LESSON = 500
RECENT = timedelta(days=60)
OVER = {DealState.WON: CaseKind.WON, DealState.LOST: CaseKind.LOST}


def tags_of(typed: str) -> list[str]:
    """The tags of what was typed between commas: without #, in small letters, each once."""
    text = unicodedata.normalize("NFKC", typed).replace("、", ",").replace("，", ",").replace("#", " ")
    return list(dict.fromkeys(tag for part in text.split(",") if (tag := " ".join(part.split()).lower())))


@transaction.atomic
def share_deal(deal: int, lesson: str, tags: Iterable[str], by: Actor, *, now: datetime) -> SharedCase:
    """Share what was learnt from a deal. Raises Deal.DoesNotExist, NotYours, BadValue, MoveRefused("already_done")."""
    member = _member(by)
    found = Deal.objects.select_related("lead").get(pk=deal)
    kind = OVER.get(DealState(found.state))
    if kind is None:
        raise BadValue("case_not_over", field="deal")
    return _share(member, found.lead, lesson, tags, now, kind=kind, deal=found)


@transaction.atomic
def share_customer(
    customer: int, lesson: str, tags: Iterable[str], by: Actor, *, now: datetime
) -> SharedCase:
    """Share what was learnt from a customer who left. Raises Customer.DoesNotExist, and as `share_deal`."""
    member = _member(by)
    found = Customer.objects.select_related("origin_lead").get(pk=customer)
    if found.phase != CustomerPhase.CHURNED:
        raise BadValue("case_not_over", field="customer")
    return _share(member, found.origin_lead, lesson, tags, now, kind=CaseKind.CHURNED, customer=found)


@transaction.atomic
def change(pk: int, lesson: str, tags: Iterable[str], seen: int, by: Actor) -> SharedCase:
    """Say it in other words; raises MoveRefused("changed_meanwhile") where another changed it since `seen`."""
    member = _member(by)
    found = SharedCase.objects.select_for_update(of=("self",)).select_related("lesson").get(pk=pk)
    if found.version != seen:
        raise MoveRefused("changed_meanwhile")
    text, kept = _lesson(lesson), _tags(tags)
    if text != found.lesson.text:
        found.lesson = Note.objects.create(lead_id=found.lesson.lead_id, author=member, text=text)
    found.tags = kept
    found.version += 1
    found.save(update_fields=["lesson", "tags", "version"])
    return found


def found_by(text: str) -> QuerySet[SharedCase]:
    """The cases with a text in their lesson, tags, deal or company; all of them where it is blank."""
    rows = SharedCase.objects.all()
    for word in unicodedata.normalize("NFKC", text).split():
        rows = rows.filter(
            Q(lesson__text__icontains=word)
            | Q(tags__contains=[word.lower().removeprefix("#")])
            | Q(deal__name__icontains=word)
            | Q(deal__account__name__icontains=word)
            | Q(customer__account__name__icontains=word)
        )
    return rows.select_related("lesson", "by", "deal__account", "customer__account")


def tags_used(most: int) -> list[str]:
    """The tags that are used most, the most used first; one statement."""
    each = SharedCase.objects.annotate(tag=Func("tags", function="unnest", output_field=CharField()))
    counted = each.values("tag").annotate(n=Count("pk")).order_by("-n", "tag")
    return list(counted.values_list("tag", flat=True)[:most])


def shared_between(since: datetime, until: datetime) -> QuerySet[SharedCase]:
    """The cases shared from a moment on until another, the newest first."""
    rows = SharedCase.objects.filter(shared_at__gte=since, shared_at__lte=until).exclude(lesson__text="")
    return rows.select_related("lesson", "by", "deal__account", "customer__account").order_by("-id")


def deals_unshared(now: datetime) -> QuerySet[Deal]:
    """Deals that closed in the last 60 days and nobody has shared yet."""
    told = SharedCase.objects.filter(deal=OuterRef("pk"), kind=OuterRef("state"))
    rows = Deal.objects.filter(state__in=list(OVER), closed_at__gt=now - RECENT)
    return rows.filter(~Exists(told)).select_related("account", "owner").order_by("-closed_at", "-id")


def customers_unshared() -> QuerySet[Customer]:
    """Customers who left and nobody has shared yet, with the day their last contract ended."""
    rows = Customer.objects.filter(phase=CustomerPhase.CHURNED, cases__isnull=True)
    return (
        rows.annotate(left_on=Max("contracts__ended_on"))
        .select_related("account", "owner")
        .order_by("-left_on", "-id")
    )


def _share(
    member: Member, lead: Lead | None, lesson: str, tags: Iterable[str], now: datetime, **of: object
) -> SharedCase:
    text, kept = _lesson(lesson), _tags(tags)
    note = Note.objects.create(lead=lead, author=member, text=text)
    try:
        with transaction.atomic():
            return SharedCase.objects.create(lesson=note, tags=kept, by=member, shared_at=now, **of)
    except IntegrityError:
        raise MoveRefused("already_done") from None


def _lesson(text: str) -> str:
    text = text.strip()
    if not text:
        raise BadValue("say_lesson", field="lesson")
    if len(text) > LONGEST_LESSON:
        raise BadValue("text_too_long", field="lesson", most=LONGEST_LESSON)
    return text


def _tags(tags: Iterable[str]) -> list[str]:
    kept = tags_of(",".join(tags))
    if len(kept) > MOST_TAGS:
        raise BadValue("tags_many", field="tags", most=MOST_TAGS)
    if any(len(tag) > LONGEST_TAG for tag in kept):
        raise BadValue("text_too_long", field="tags", most=LONGEST_TAG)
    return kept


def _member(by: Actor) -> Member:
    if not by.may_write or by.member is None:
        raise NotYours("read_only")
    return by.member
