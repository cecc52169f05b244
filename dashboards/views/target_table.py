"""The table of targets: which KPIs and periods it shows, and what stands in each of its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import get_language

from dashboards import actuals, kpis, pace, periods, targets
from dashboards.kpis import Direction, Frame, Kpi, Unit, Value
from dashboards.models import Target
from dashboards.pace import Days, Standing
from dashboards.periods import Span
from dashboards.scope import Scope
from dashboards.targets import Whom, entering
from dashboards.views.asking import rows_address
from funnel.calendar import BusinessCalendar, add_months
from funnel.models import Organization
from funnel.words import Words

PAIRS: tuple[tuple[str, str], ...] = (
    ("leads", "mql-rate"),
    ("mql", "sql-rate"),
    ("sql", "win-rate-plan"),
    ("won", "deal-size"),
)
"""How many, and how good: set together, since the one is easily reached at the cost of the other."""
ALWAYS = ("bookings", "visitors", "mql-compliance", "sql-compliance", "won-compliance")
QUARTERS = 4
TONES = {Standing.BEHIND: "bad", Standing.AHEAD: "fine", Standing.ON_PACE: "fine"}


class Column(NamedTuple):
    """One month or quarter, with its business days up to now."""

    start: date
    title: Words
    at: Frame
    days: Days
    quarter: Span
    quarter_title: Words

    @property
    def is_ahead(self) -> bool:
        """True when it has not begun."""
        return self.at.today < self.at.scope.start

    @property
    def runs(self) -> bool:
        """True while today lies in it."""
        return self.at.scope.start <= self.at.today <= self.at.scope.end


class Cell(NamedTuple):
    """One target: its field, and what is there beside it, in words; `tone` marks what is behind."""

    name: str
    period: str
    text: str
    was: str
    label: str
    error: str = ""
    actual: str = ""
    link: str = ""
    due: str = ""
    landing: str = ""
    standing: Words | None = None
    tone: str = ""
    derived: str = ""
    derived_from: str = ""
    is_focused: bool = False


class Share(NamedTuple):
    """What a month without a target of its own takes from its quarter's."""

    value: Decimal
    of: Target


class Row(NamedTuple):
    """One KPI over the columns; `asks_quality` names the columns whose volume stands without its quality."""

    kpi: Kpi
    cells: list[Cell]
    is_quality: bool = False
    asks_quality: bool = False


class Table(NamedTuple):
    """What the page shows: pairs and what is always asked, then KPIs that have targets, then the rest."""

    columns: list[Column]
    pairs: list[list[Row]]
    others: list[Row]
    rest: list[Row]


def columns(
    kind: str, day: date, organization: Organization, calendar: BusinessCalendar, now: Any, owner: int | None
) -> list[Column]:
    """The months of the fiscal quarter that a day lies in, or the quarters of its fiscal year."""
    begins = organization.fiscal_year_start
    if kind == Target.Kind.QUARTER:
        year = periods.around("year", day, begins).start
        starts = [add_months(year, 3 * n) for n in range(QUARTERS)]
    else:
        first = periods.around("quarter", day, begins).start
        starts = [add_months(first, n) for n in range(3)]
    found = []
    for start in starts:
        span = periods.around(kind, start, begins)
        at = Frame.of_scope(Scope(span.start, span.end, owner=owner), organization, now)
        days = pace.elapsed(calendar, span.start, span.end, at.today)
        quarter = periods.around("quarter", start, begins)
        titles = [periods.title(dates.start, dates.end, begins) for dates in (span, quarter)]
        found.append(Column(start, titles[0], at, days, quarter, titles[1]))
    return found


def asked_of(whom: Whom, departments: set[str]) -> list[Kpi]:
    """The KPIs that a target can be set for: all of the company's, else those of the departments."""
    if whom.kind == Target.Whom.COMPANY:
        return list(kpis.ALL)
    return [kpi for kpi in kpis.ALL if kpi.department in departments] or list(kpis.ALL)


def table(
    whom: Whom,
    kind: str,
    found: Sequence[Column],
    wanted: Sequence[Kpi],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    focus: str = "",
) -> Table:
    """Read targets and actual values, and lay them out; what was typed and refused stays in its field.

    `focus` is the KPI whose field the page opens at, in the first period that is not over.
    """
    slugs = [kpi.slug for kpi in wanted]
    standing = targets.latest(whom, slugs, kind, [column.start for column in found])
    shares = _shares(whom, slugs, found, standing) if kind == Target.Kind.MONTH else {}
    set_slugs = {slug for (slug, _), target in standing.items() if target.value is not None}
    set_slugs |= {slug for slug, _ in shares}
    chosen = [slug for slug in slugs if slug in set_slugs or slug in _core(whom)]
    begun = [column for column in found if not column.is_ahead]
    read = actuals.read([column.at for column in begun], chosen)
    values = {column.start: value for column, value in zip(begun, read, strict=True)}
    current = next((column for column in found if column.at.scope.end >= column.at.today), found[0])
    rows = {
        kpi.slug: Row(
            kpi,
            [
                _cell(
                    kpi,
                    c,
                    standing.get((kpi.slug, c.start)),
                    values.get(c.start, {}),
                    typed,
                    errors,
                    shares.get((kpi.slug, c.start)),
                )._replace(is_focused=kpi.slug == focus and c is current)
                for c in found
            ],
        )
        for kpi in wanted
    }
    pairs = [
        [rows[volume]._replace(asks_quality=_lacks(volume, quality, standing, found)),
         rows[quality]._replace(is_quality=True)]
        for volume, quality in PAIRS
        if volume in rows and quality in rows
    ]  # fmt: skip
    paired = {row.kpi.slug for pair in pairs for row in pair}
    others = [rows[slug] for slug in chosen if slug not in paired]
    rest = [row for slug, row in rows.items() if slug not in paired and slug not in chosen]
    return Table(list(found), pairs, others, rest)


def _shares(
    whom: Whom,
    slugs: Sequence[str],
    found: Sequence[Column],
    standing: Mapping[tuple[str, date], Target],
) -> dict[tuple[str, date], Share]:
    """The shares that months without a target of their own take from their quarter's, by KPI and month."""
    of_quarter = targets.latest(
        whom, slugs, Target.Kind.QUARTER.value, {column.quarter.start for column in found}
    )
    shares: dict[tuple[str, date], Share] = {}
    for column in found:
        lacking = {
            slug: target
            for (slug, start), target in of_quarter.items()
            if start == column.quarter.start and target.value is not None
            and ((own := standing.get((slug, column.start))) is None or own.value is None)
        }  # fmt: skip
        read = targets.current(column.at, lacking, whom=whom) if lacking else {}
        shares |= {(slug, column.start): Share(value, lacking[slug]) for slug, value in read.items()}
    return shares


def _core(whom: Whom) -> set[str]:
    always = ALWAYS if whom.kind == Target.Whom.COMPANY else ()
    return {slug for pair in PAIRS for slug in pair} | set(always)


def _lacks(
    volume: str, quality: str, standing: Mapping[tuple[str, date], Target], found: Sequence[Column]
) -> bool:
    def has(slug: str, column: Column) -> bool:
        target = standing.get((slug, column.start))
        return target is not None and target.value is not None

    return any(has(volume, column) and not has(quality, column) for column in found)


def _cell(
    kpi: Kpi,
    column: Column,
    target: Target | None,
    values: Mapping[str, Value],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    share: Share | None = None,
) -> Cell:
    name = f"{kpi.slug}.{column.start.isoformat()}"
    goal = target.value if target is not None else None
    language = get_language()
    standing = entering.write(kpi, goal)
    cell = Cell(
        name,
        column.title.say(language),
        typed.get(name, standing),
        f"{target.version if target is not None else 0}|{standing}",
        f"{kpi.names.say(language)} {column.title.say(language)}",
        error=errors.get(name, ""),
    )
    if share is not None:
        goal = share.value
        who = share.of.set_by.name if share.of.set_by else "–"
        cell = cell._replace(
            derived=_shown(kpi, share.value, column),
            derived_from=f"{column.quarter_title.say(language)} {entering.write(kpi, share.of.value)}, {who}",
        )
    value = values.get(kpi.slug)
    if value is None or (kpi.is_now and not column.runs):
        return cell
    cell = cell._replace(
        actual=_shown(kpi, value.value, column), link=rows_address(kpi.slug, column.at.scope)
    )
    return _beside(kpi, cell, column, goal, value) if goal is not None else cell


def _beside(kpi: Kpi, cell: Cell, column: Column, goal: Any, value: Value) -> Cell:
    due = pace.pace(goal, *column.days) if kpi.adds_up else goal
    lands = pace.landing(value.value or 0, *column.days) if kpi.adds_up and column.runs else None
    stands = pace.standing(
        value.value,
        due,
        less_is_better=kpi.direction is Direction.DOWN,
        whole_numbers=kpi.unit is Unit.COUNT,
    )
    # Nothing is behind before a day to go by has passed.
    stands = stands if column.days.passed else None
    return cell._replace(
        due=_shown(kpi, due, column) if kpi.adds_up and column.runs else "",
        landing=_shown(kpi, lands, column) if lands is not None else "",
        standing=pace.STANDING_WORDS[stands] if stands is not None else None,
        tone=TONES[stands] if stands is not None else "",
    )


def _shown(kpi: Kpi, value: Any, column: Column) -> str:
    if value is None:
        return "–"
    return entering.say(kpi, value, column.at.currency, get_language())
