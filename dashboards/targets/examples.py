"""The targets of the demo company: agreed before each fiscal quarter, one of them changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from dashboards import periods
from dashboards.models import Target
from dashboards.targets.whom import COMPANY, Whom
from dashboards.targets.writing import Wish, set_all
from funnel import moment
from funnel.calendar import add_months, month_start, months_between
from funnel.demo.script import MONTHS
from funnel.models import Member, Organization
from funnel.stages import Department
from funnel.transitions.acting import Actor

OF_COMPANY: Mapping[str, str] = {
    "visitors": "17000", "leads": "340", "mql": "170", "sql": "34", "won": "10", "bookings": "10000000",
    "deal-size": "1000000", "visitor-lead-rate": "0.02", "mql-rate": "0.5", "sql-rate": "0.2", "win-rate-plan": "0.3",
    "mql-compliance": "0.95", "won-compliance": "0.95", "onboarded": "9", "onboarding-rate": "0.9",
    "contract-renewal-rate": "0.97", "standing-deals": "5",
}  # fmt: skip
"""What a month is to bring, at the demo company's size."""
OF_DEPARTMENT: Mapping[Department, Mapping[str, str]] = {
    Department.INSIDE_SALES: {"meetings": "36", "handovers": "34"},
    Department.FIELD_SALES: {"sales-cycle": "30"},
}
OF_MEMBER: Mapping[str, Mapping[str, str]] = {
    "inside": {"sql": "12"},
    "inside2": {"sql": "10"},
    "field": {"won": "4", "bookings": "4000000"},
    "english": {"won": "3", "bookings": "3000000"},
}
FIRST_SQL, WHY = Decimal(30), "第3四半期の受注目標に合わせて見直し"
DAYS_BEFORE = timedelta(days=7)
AFTER = timedelta(days=3)
MORNING = time(10)


def furnish(now: datetime) -> int:
    """Set the targets of every quarter of the demo's year, each on the simulated clock a week before it.

    Returns how many versions were written; none where targets are there already, or elsewhere than in a demo.
    """
    if Target.objects.exists():
        return 0
    organization = Organization.current()
    if not organization.is_demo:
        return 0
    today = now.astimezone(organization.tz).date()
    begun = add_months(month_start(today), -MONTHS)
    return sum(_agree(organization, *span, now) for span in _quarters(begun, today, organization))


def _quarters(day: date, today: date, organization: Organization) -> Iterator[periods.Span]:
    span = periods.around("quarter", day, organization.fiscal_year_start)
    while span.start <= today:
        yield span
        span = periods.after(span.start, span.end)


def _agree(organization: Organization, start: date, end: date, now: datetime) -> int:
    """One quarter's targets; in the running one, that of SQL was lower at first."""
    agreed_at = min(now, datetime.combine(start - DAYS_BEFORE, MORNING, organization.tz))
    changed_at = datetime.combine(start + AFTER, MORNING, organization.tz)
    is_running = start <= now.astimezone(organization.tz).date() <= end
    months = list(months_between(start, end))
    wishes = [wish for month in months for wish in _wishes(month)]
    later = [wish for wish in wishes if (wish.whom, wish.kpi) == (COMPANY, "sql")]
    if is_running and changed_at < now:
        wishes = [wish._replace(value=FIRST_SQL) if wish in later else wish for wish in wishes]
    else:
        later = []
    written = _write(wishes, agreed_at)
    return written + (_write(later, changed_at, WHY) if later else 0)


def _write(wishes: list[Wish], at: datetime, note: str = "") -> int:
    with transaction.atomic():
        moment.simulate(at)
        by = Actor.of(Member.objects.filter(is_administrator=True).earliest("pk"), "system", now=at)
        return len(set_all(wishes, by, now=at, note=note))


def _wishes(month: date) -> Iterator[Wish]:
    for whom, values in _everybody():
        for slug, value in values.items():
            yield Wish(slug, Target.Kind.MONTH.value, month, Decimal(value), whom)


def _everybody() -> Iterator[tuple[Whom, Mapping[str, str]]]:
    yield COMPANY, OF_COMPANY
    for department, values in OF_DEPARTMENT.items():
        yield Whom(Target.Whom.DEPARTMENT.value, department=department.value), values
    for member in Member.objects.filter(email__endswith="@demo.example.jp", is_active=True).order_by("pk"):
        handle = member.email.partition("@")[0]
        if handle in OF_MEMBER:
            yield Whom(Target.Whom.MEMBER.value, member_id=member.pk), OF_MEMBER[handle]
