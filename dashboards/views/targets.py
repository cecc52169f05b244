"""Targets as a page: a table whose fields are the targets, each saved by Enter, with what was changed below."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from dashboards import kpis, targets
from dashboards.models import Target
from dashboards.targets import COMPANY, TargetError, Whom, Wish, entering
from dashboards.views import target_table
from dashboards.views.pills import target_pages
from funnel import moment
from funnel.calendar import add_months, month_start
from funnel.errors import BadValue, Refused
from funnel.models import Member, Membership
from funnel.stages import DEPARTMENT_SHORT, Department
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, writes
from funnel.views.acting import REFUSALS, refusal_of

UNPROCESSABLE = 422
MOST_CHANGES = 40
KINDS = {Target.Kind.MONTH.value: 3, Target.Kind.QUARTER.value: 12}
"""The kinds of period, and how many months the page shows of each."""


class Asked(NamedTuple):
    """What the address asks for, and why it cannot be shown if it cannot."""

    whom: Whom
    kind: str
    day: date
    refusal: str = ""
    kpi: str = ""

    def parameters(self, **changed: str) -> str:
        """The query of this page, or of one that differs in what is named."""
        known = {"for": self.whom.key(), "kind": self.kind, "at": self.day.isoformat()}
        return urlencode(known | changed)

    def query(self, **changed: str) -> str:
        """The address of this page, or of one that differs in what is named."""
        return f"{reverse('targets')}?{self.parameters(**changed)}"


@never_cache
@writes("set_target")
def page(request: PageRequest) -> HttpResponse:
    """The targets of one of whom, over some months or quarters; a POST sets what was changed in the fields."""
    asked = _asked(request)
    if request.method != "POST" or asked.refusal:
        return _show(request, asked, status=400 if asked.refusal else 200)
    wishes, typed, errors = _wishes(request, asked)
    if errors:
        return _show(request, asked, typed, errors, status=UNPROCESSABLE)
    try:
        made = _set(request, wishes, request.POST.get("note", ""))
    except REFUSALS as error:
        refused = refusal_of(error)
        return _show(request, asked, typed, refusal=refused.say(get_language()), status=refused.status)
    return _done(request, asked, made)


@never_cache
@writes("set_target")
def undo(request: PageRequest) -> HttpResponse:
    """Set targets back to the versions before those named, unless somebody has changed them since."""
    asked = _asked(request)
    if request.method != "POST":
        return redirect(asked.query())
    try:
        with transaction.atomic():
            _set(request, _back(request.POST.getlist("made")), "")
    except REFUSALS as error:
        refused = refusal_of(error)
        return _show(request, asked, refusal=refused.say(get_language()), status=refused.status)
    messages.success(request, _("Taken back"))
    if request.htmx:
        return _show(request, asked)
    return redirect(asked.query())


def _set(request: PageRequest, wishes: list[Wish], note: str) -> list[Target]:
    with transaction.atomic():
        now = moment.now()
        by = Actor.of(request.user, "html", now=now, zone=request.organization.tz)
        found = targets.set_all(wishes, by, now=now, note=note.replace("\0", "").strip())
    seen = {wish: wish.version for wish in wishes}
    return [
        target
        for wish, target in zip(wishes, found, strict=True)
        if target is not None and target.version != seen[wish]
    ]


def _asked(request: PageRequest) -> Asked:
    today = request.now.astimezone(request.organization.tz).date()
    kind = request.GET.get("kind", "")
    refusal = ""
    try:
        whom = Whom.parse(request.GET.get("for", ""))
        if whom.member_id is not None and not _people().filter(pk=whom.member_id).exists():
            raise TargetError("target_unknown_member")
    except TargetError as error:
        whom, refusal = COMPANY, error.say(get_language())
    day = today
    if request.GET.get("at"):
        try:
            day = date.fromisoformat(request.GET["at"][:10])
            if abs(day.year - today.year) > 5:
                raise TargetError("target_too_far", years=5)
        except ValueError:
            refusal = refusal or BadValue("bad_date", value=request.GET["at"][:20].replace("\0", "")).say(
                get_language()
            )
            day = today
        except TargetError as error:
            day, refusal = today, refusal or error.say(get_language())
    slug = request.GET.get("kpi", "")
    if slug and slug not in {kpi.slug for kpi in kpis.ALL}:
        unknown = TargetError("target_unknown_kpi", value=slug.replace("\0", "")[:40])
        slug, refusal = "", refusal or unknown.say(get_language())
    return Asked(whom, kind if kind in KINDS else Target.Kind.MONTH.value, month_start(day), refusal, slug)


def _people() -> Any:
    return Member.objects.filter(is_service=False, is_active=True, is_viewer=False)


def _wishes(request: PageRequest, asked: Asked) -> tuple[list[Wish], dict[str, str], dict[str, str]]:
    """What differs from what was shown: as wishes, as it was typed, and what cannot be read, by field."""
    wishes: list[Wish] = []
    typed: dict[str, str] = {}
    errors: dict[str, str] = {}
    for field, given in request.POST.items():
        if not field.startswith("t."):
            continue
        text = str(given)
        name = field[2:]
        version, _sep, was = request.POST.get(f"was.{name}", "0|").partition("|")
        if text.strip() == was.strip():
            continue
        typed[name] = text[:80]
        try:
            wishes.append(_wish(request, asked, name, text, version))
        except Refused as error:
            errors[name] = error.say(get_language())
    return wishes, typed, errors


def _wish(request: PageRequest, asked: Asked, name: str, text: str, version: str) -> Wish:
    slug, _dot, day = name.rpartition(".")
    try:
        kpi, first_day = kpis.get(slug), date.fromisoformat(day)
    except KeyError as error:
        raise TargetError("target_unknown_kpi", value=slug.replace("\0", "")[:40]) from error
    except ValueError as error:
        raise TargetError("target_not_first") from error
    seen = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else 0
    value = entering.read(kpi, text, request.organization.currency)
    targets.check(kpi, value, request.organization.currency)
    return Wish(slug, asked.kind, first_day, value, asked.whom, seen)


def _back(made: list[str]) -> list[Wish]:
    """The wishes that take back what these targets (their ids) changed."""
    numbers = [int(one) for one in made[:500] if one.isascii() and one.isdecimal() and len(one) < 19]
    wishes = []
    for target in Target.objects.filter(pk__in=numbers).order_by("pk"):
        whom = Whom(target.whom, target.department, target.member_id)
        before = {
            t.version: t.value for t in targets.history(whom, target.kpi, target.kind, target.first_day)
        }
        value = before.get(target.version - 1)
        wishes.append(Wish(target.kpi, target.kind, target.first_day, value, whom, target.version))
    return wishes


def _done(request: PageRequest, asked: Asked, made: list[Target]) -> HttpResponse:
    said = _("Targets saved: %(n)d") % {"n": len(made)}
    if request.htmx:
        toast = {"said": said, "made": [target.pk for target in made], "query": asked.query()}
        return _show(request, asked, toast=toast if made else None)
    if made:
        messages.success(request, said)
    return redirect(asked.query())


def _show(
    request: PageRequest,
    asked: Asked,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    *,
    refusal: str = "",
    toast: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    today = request.now.astimezone(request.organization.tz).date()
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    departments = _departments_of(asked.whom, today)
    columns = target_table.columns(
        asked.kind, asked.day, request.organization, request.organization.calendar(), request.now,
        asked.whom.member_id,
    )  # fmt: skip
    wanted = target_table.asked_of(asked.whom, departments)
    span = KINDS[asked.kind]
    found = target_table.table(asked.whom, asked.kind, columns, wanted, typed or {}, errors or {}, asked.kpi)
    context = {
        "asked": asked,
        "opens_rest": any(row.kpi.slug == asked.kpi for row in found.rest),
        "pages": target_pages("targets"),
        "refusal": asked.refusal or refusal,
        "errors": errors or {},
        "table": found,
        "may_set": targets.may_set(asked.whom, by, today),
        "tabs": _tabs(asked),
        "people": _choices(asked),
        "kinds": [
            (_("Months"), asked.query(kind="month"), asked.kind == "month"),
            (_("Quarters"), asked.query(kind="quarter"), asked.kind == "quarter"),
        ],
        "earlier": asked.query(at=add_months(asked.day, -span).isoformat()),
        "later": asked.query(at=add_months(asked.day, span).isoformat()),
        "changes": _changes(asked, [column.start for column in columns], [kpi.slug for kpi in wanted]),
        "toast": toast,
        "here": asked.query(),
    }
    name = "dashboards/_targets.html" if request.htmx else "dashboards/targets.html"
    return render(request, name, context, status=status)


def _departments_of(whom: Whom, today: date) -> set[str]:
    if whom.department:
        return {whom.department}
    current = Membership.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today), member=whom.member_id, valid_from__lte=today
    )
    return set(current.values_list("department", flat=True)) if whom.member_id is not None else set()


def _tabs(asked: Asked) -> list[tuple[str, str, str, bool]]:
    found = [("", _("Whole company"), asked.query(**{"for": "company"}), asked.whom == COMPANY)]
    for department in Department:
        whom = Whom(Target.Whom.DEPARTMENT.value, department=department.value)
        words = DEPARTMENT_SHORT[department].say(get_language())
        found.append((department.value, words, asked.query(**{"for": whom.key()}), asked.whom == whom))
    return found


def _choices(asked: Asked) -> list[tuple[str, str, bool]]:
    rows = _people().filter(memberships__isnull=False).distinct().order_by("name", "pk")
    return [(f"member:{pk}", name, asked.whom.member_id == pk) for pk, name in rows.values_list("pk", "name")]


def _changes(asked: Asked, starts: list[date], slugs: list[str]) -> list[dict[str, Any]]:
    """What was changed in the targets shown, the latest first: who, when, from what to what, why."""
    rows = Target.objects.filter(kpi__in=slugs, kind=asked.kind, first_day__in=starts, **asked.whom.columns())
    ordered = list(rows.order_by("kpi", "first_day", "version").select_related("set_by", "note"))
    before: dict[int, Target] = {}
    newest: dict[tuple[str, date], int] = {}
    for one, following in pairwise(ordered):
        if (one.kpi, one.first_day) == (following.kpi, following.first_day):
            before[following.pk] = one
    for one in ordered:
        newest[one.kpi, one.first_day] = one.pk
    latest = sorted(ordered, key=lambda t: (t.set_at, t.pk), reverse=True)[:MOST_CHANGES]
    return [
        {
            "target": target,
            "kpi": kpis.get(target.kpi),
            "old": entering.write(kpis.get(target.kpi), before[target.pk].value)
            if target.pk in before
            else "",
            "new": entering.write(kpis.get(target.kpi), target.value),
            "is_newest": newest[target.kpi, target.first_day] == target.pk,
        }
        for target in latest
    ]
