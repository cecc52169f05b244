"""The current-state sheet: numbers now and in six months with their measures, kept, and the way into plan and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from dashboards import kpis, planner, planning, sheets, targets
from dashboards.models import SheetRow
from dashboards.planner import Number, PlanError, Sheet
from dashboards.sheets import Entry
from dashboards.targets import COMPANY, entering
from dashboards.views import sheet_form
from dashboards.views.pills import target_pages
from dashboards.views.sheet_form import CORE, Row
from funnel import moment
from funnel.calendar import add_months, month_start
from funnel.errors import Refused
from funnel.models import Member
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, keeps_own, writes
from funnel.views.acting import REFUSALS, refusal_of
from funnel.words import Words

UNPROCESSABLE = 422
MOST_VERSIONS = 20
WON = Words("Won", "受注数")


class Line(NamedTuple):
    """One row on the page: its fields, what is wrong with them, what it brings alone, and what stands kept."""

    row: Row
    errors: list[str]
    gain: int | None
    is_most: bool
    owner: int | None
    kept: str


@never_cache
@keeps_own
def sheet(request: PageRequest) -> HttpResponse:
    """The sheet; a POST only calculates, from its fields or from a block copied out of a spreadsheet."""
    return _show(request)


@never_cache
@writes("set_target")
def keep(request: PageRequest) -> HttpResponse:
    """Keep what stands in the fields, row by row as a new version, unless somebody was faster."""
    if request.method != "POST":
        return redirect("sheet")
    return _carry_out(request, with_targets=False)


@never_cache
@writes("set_target")
def start(request: PageRequest) -> HttpResponse:
    """Keep the sheet, and make the way from now to each goal the company's targets of the months between."""
    if request.method != "POST":
        return redirect("sheet")
    return _carry_out(request, with_targets=True)


def _carry_out(request: PageRequest, *, with_targets: bool) -> HttpResponse:
    found = planning.reached(request.organization, request.now)
    rows = _rows(request, found)
    if any(row.errors for row in rows):
        return _show(request, found, rows, status=UNPROCESSABLE)
    entries = [row.entry for row in rows if row.entry is not None and _says(row, row.entry)]
    now = moment.now()
    by = Actor.of(request.user, "html", now=now, zone=request.organization.tz)
    try:
        if with_targets:
            made = sheets.start(entries, by, now=now, note=_("From the current-state sheet"))
            said = ngettext("%(n)d target set from the sheet", "%(n)d targets set from the sheet", len(made))
            messages.success(request, said % {"n": len(made)})
            first = min(target.first_day for target in made)
            return redirect(f"{reverse('targets')}?at={first.isoformat()}")
        kept = sheets.keep(entries, by, now=now)
    except REFUSALS as error:
        return _refused(request, found, rows, refusal_of(error))
    said = ngettext("%(n)d row kept", "%(n)d rows kept", len(kept)) % {"n": len(kept)}
    messages.success(request, said if kept else _("The sheet stands as it was kept."))
    return redirect("sheet")


def _says(row: Row, entry: Entry) -> bool:
    """A row that was never kept and is empty is none."""
    return not (row.kept is None and entry.is_empty and entry.owner is None and entry.due_on is None)


def _refused(
    request: PageRequest, found: planning.Reached, rows: Sequence[Row], error: Refused
) -> HttpResponse:
    """The page with everything that was typed, and the refusal at its row if it names one."""
    sentence = error.say(get_language())
    named = [row for row in rows if row.kpi.slug == error.field]
    for row in named:
        row.errors.append(sentence)
    return _show(request, found, rows, refusal="" if named else sentence, status=error.status)


def _rows(request: PageRequest, found: planning.Reached) -> list[Row]:
    params = request.POST if request.method == "POST" else request.GET
    return sheet_form.read(params.dict(), sheets.standing(), _measured(found), request.organization.currency)


def _show(
    request: PageRequest,
    found: planning.Reached | None = None,
    rows: Sequence[Row] | None = None,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    found = found or planning.reached(request.organization, request.now)
    rows = rows if rows is not None else _rows(request, found)
    errors = {row.kpi.slug: list(row.errors) for row in rows}
    calculated = _calculated(request, rows, errors, found)
    if status == 200 and any(errors.values()):
        status = UNPROCESSABLE
    today = request.now.astimezone(request.organization.tz).date()
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    shown = {row.kpi.slug for row in rows}
    steps, most = calculated.get("steps", {}), calculated.get("most_names", ())
    context = {
        "pages": target_pages("sheet"),
        "measured": found.measured(),
        "refusal": refusal,
        "lines": [_line(row, errors, steps, most, is_typed=request.method == "POST") for row in rows],
        "more": [(kpi.slug, kpi.names) for kpi in kpis.ALL if kpi.slug not in shown],
        "people": list(
            Member.objects.filter(is_service=False, is_active=True, is_viewer=False)
            .order_by("name", "pk")
            .values_list("pk", "name")
        ),
        "won": WON,
        "may_keep": by.is_administrator or bool(by.led),
        "may_set": targets.may_set(COMPANY, by, today),
        "versions": [(row, kpis.get(row.kpi), *_numbers(row)) for row in sheets.versions(MOST_VERSIONS)],
        **calculated,
    }
    return render(request, "dashboards/sheet.html", context, status=status)


def _line(
    row: Row,
    errors: Mapping[str, list[str]],
    steps: Mapping[str, int],
    most: Sequence[str],
    *,
    is_typed: bool,
) -> Line:
    slug, owner = row.kpi.slug, row.cells["owner"].strip()
    return Line(
        row,
        errors[slug],
        steps.get(slug),
        slug in most,
        int(owner) if owner.isascii() and owner.isdecimal() and len(owner) < 19 else None,
        _kept(row) if is_typed else "",
    )


def _kept(row: Row) -> str:
    """What stands kept where it differs from what is in the fields: numbers and who kept them."""
    if row.kept is None or (row.entry is not None and not sheets.differs(row.entry, row.kept)):
        return ""
    now, goal = _numbers(row.kept)
    text = row.kept.measure.text if row.kept.measure is not None else ""
    who = row.kept.set_by.name if row.kept.set_by is not None else ""
    return " · ".join(part for part in (f"{now} → {goal}", text, who) if part)


def _numbers(row: SheetRow) -> tuple[str, str]:
    kpi = kpis.get(row.kpi)
    return entering.write(kpi, row.now) or "–", entering.write(kpi, row.goal) or "–"


def _calculated(
    request: PageRequest, rows: Sequence[Row], errors: dict[str, list[str]], found: planning.Reached
) -> dict[str, Any]:
    """What the three numbers make now and in six months, what each brings alone; nothing while one is missing."""
    entries = {row.kpi.slug: row.entry for row in rows}
    core = [entries[slug] for slug in CORE]
    if any(entry is None or entry.now is None or entry.goal is None for entry in core):
        return {}
    names = dict(zip(("leads", "opportunity_rate", "win_rate"), CORE, strict=True))
    try:
        now, goal = _state([e.now for e in core if e]), _state([e.goal for e in core if e])
        made, most = planner.levers(now, goal)
        states = {"now": planner.sheet(*now), "target": planner.sheet(*goal)}
        address = _plan_address(request, goal, states["target"], found)
    except PlanError as error:
        errors[names.get(error.field or "", "leads")].append(error.say(get_language()))
        return {}
    chosen = [names[name] for name in most]
    return {
        "states": states,
        "plan": address,
        "steps": {names[step.name]: step.gain for step in made},
        "most_names": chosen,
        "most": [kpis.get(slug).names.say(get_language()) for slug in chosen],
    }


def _state(values: Sequence[Decimal | None]) -> tuple[int, Number, Number]:
    leads, opportunity, win = (Decimal(value or 0) for value in values)
    return int(leads), opportunity, win


def _measured(found: planning.Reached) -> dict[str, Decimal]:
    """What the last three whole months say of the three numbers; nothing where nothing was measured."""
    leads, sql, won = (found.monthly(slug) for slug in ("leads", "sql", "won"))
    known: dict[str, Decimal] = {}
    if leads:
        known["leads"] = Decimal(round(leads))
    if leads and 0 < sql <= leads:
        known["sql-rate-on-leads"] = (sql / leads).quantize(planning.FINE)
    if sql and 0 < won <= sql:
        known["win-rate-plan"] = (won / sql).quantize(planning.FINE)
    return known


def _plan_address(
    request: PageRequest, goal: tuple[int, Number, Number], state: Sheet, found: planning.Reached
) -> str:
    """The planner with the sheet's figures; the way from leads to SQL is split as it was lately."""
    recent = found.recent()
    today = request.now.astimezone(request.organization.tz).date()
    opportunity = Decimal(goal[1])
    to_mql = max(recent["mql_rate"], opportunity)
    rate = kpis.get("sql-rate")
    money = kpis.get("bookings")
    query = {
        "revenue": entering.write(money, max(state.wins, 1) * recent["deal_size"]),
        "deal_size": entering.write(money, recent["deal_size"]),
        "win_rate": entering.write(rate, Decimal(goal[2])),
        "sql_rate": entering.write(rate, (opportunity / to_mql).quantize(Decimal("0.0001"))),
        "mql_rate": entering.write(rate, to_mql),
        "visitor_rate": entering.write(rate, recent["visitor_rate"]),
        "lead": str(goal[0]),
        "month": add_months(month_start(today), sheets.MONTHS).isoformat(),
    }
    return f"{reverse('plan')}?{urlencode(query)}"
