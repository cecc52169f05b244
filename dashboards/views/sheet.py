"""The current-state sheet: three numbers now and in six months, what each brings alone, and the way into the plan."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from dashboards import kpis, planner, planning
from dashboards.planner import Number, PlanError, Sheet
from dashboards.targets import entering
from dashboards.views.pills import target_pages
from funnel.calendar import add_months, month_start
from funnel.errors import BadValue
from funnel.views.access import PageRequest, keeps_own
from funnel.words import Words

UNPROCESSABLE = 422
AHEAD = 6
LONGEST_PASTE, LONGEST_CELL = 4_000, 200
ROWS = ("leads", "opportunity_rate", "win_rate")
COLUMNS = ("now", "target", "measure")
KPI_OF = {"leads": "leads", "opportunity_rate": "sql-rate-on-leads", "win_rate": "win-rate-plan"}
WON = Words("Won", "受注数")


class Line(NamedTuple):
    """One row that is typed: its fields, what is wrong with them, and what it brings alone."""

    name: str
    words: Words
    cells: Mapping[str, str]
    errors: list[str]
    gain: int | None = None
    is_most: bool = False


@never_cache
@keeps_own
def sheet(request: PageRequest) -> HttpResponse:
    """The sheet; a POST only calculates, from its fields or from a block copied out of a spreadsheet."""
    found = planning.reached(request.organization, request.now)
    params = request.POST if request.method == "POST" else request.GET
    cells = _cells(params.dict(), _measured(found))
    values, errors = _read(cells)
    context: dict[str, Any] = {"pages": target_pages("sheet"), "measured": found.measured(), "paste": ""}
    steps: dict[str, int] = {}
    most: tuple[str, ...] = ()
    if not any(errors.values()) and all(len(values[column]) == len(ROWS) for column in values):
        try:
            now, goal = (_state(values[column]) for column in ("now", "target"))
            made, most = planner.levers(now, goal)
            steps = {step.name: step.gain for step in made}
            states = {"now": planner.sheet(*now), "target": planner.sheet(*goal)}
            context |= {"states": states, "plan": _plan_address(request, goal, states["target"], found)}
        except PlanError as error:
            errors["leads"].append(error.say(get_language()))
    context["lines"] = [
        Line(name, kpis.get(KPI_OF[name]).names, cells[name], errors[name], steps.get(name), name in most)
        for name in ROWS
    ]
    context["most"] = [kpis.get(KPI_OF[name]).names.say(get_language()) for name in most]
    context["won"] = WON
    wrong = any(errors.values())
    return render(request, "dashboards/sheet.html", context, status=UNPROCESSABLE if wrong else 200)


def _measured(found: planning.Reached) -> dict[str, Decimal]:
    """What the last three whole months say of the three numbers; nothing where nothing was measured."""
    leads, sql, won = (found.monthly(slug) for slug in ("leads", "sql", "won"))
    known: dict[str, Decimal] = {}
    if leads:
        known["leads"] = Decimal(round(leads))
    if leads and 0 < sql <= leads:
        known["opportunity_rate"] = (sql / leads).quantize(planning.FINE)
    if sql and 0 < won <= sql:
        known["win_rate"] = (won / sql).quantize(planning.FINE)
    return known


def _cells(params: Mapping[str, Any], measured: Mapping[str, Decimal]) -> dict[str, dict[str, str]]:
    """What stands in the fields: what was sent, else what was measured; a pasted block goes over both."""
    cells = {}
    for name in ROWS:
        known = entering.write(kpis.get(KPI_OF[name]), measured.get(name))
        cells[name] = {
            column: str(params.get(f"{name}.{column}", known if column == "now" else ""))[:LONGEST_CELL]
            for column in COLUMNS
        }
    block = str(params.get("paste", ""))[:LONGEST_PASTE].replace("\0", "").splitlines()
    for name, line in zip(ROWS, [line for line in block if line.strip()], strict=False):
        for column, text in zip(COLUMNS, line.split("\t"), strict=False):
            cells[name][column] = text.strip()[:LONGEST_CELL]
    return cells


def _read(
    cells: Mapping[str, Mapping[str, str]],
) -> tuple[dict[str, dict[str, Decimal]], dict[str, list[str]]]:
    values: dict[str, dict[str, Decimal]] = {"now": {}, "target": {}}
    errors: dict[str, list[str]] = {name: [] for name in ROWS}
    for name in ROWS:
        for column, found in values.items():
            try:
                value = entering.read(kpis.get(KPI_OF[name]), cells[name][column], "JPY")
                if value is not None:
                    found[name] = value
            except BadValue as error:
                errors[name].append(error.say(get_language()))
    return values, errors


def _state(values: Mapping[str, Decimal]) -> tuple[int, Number, Number]:
    return int(values["leads"]), values["opportunity_rate"], values["win_rate"]


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
        "month": add_months(month_start(today), AHEAD).isoformat(),
    }
    return f"{reverse('plan')}?{urlencode(query)}"
