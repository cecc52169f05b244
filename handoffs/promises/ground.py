"""What every promise is judged by: terms, business calendar, and who covers whom; read once per act."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import cached_property

from funnel.calendar import BusinessCalendar
from funnel.models import DepartmentSetting, Organization
from handoffs import clock
from handoffs.clock import Unit
from handoffs.lanes import Boundary
from handoffs.models import LaneTerms

PERCENT = 100
ESCALATED_AT = Decimal("1.5")


class Ground:
    """Reads settings when first asked and keeps them for one act, so that one act sees one agreement."""

    @cached_property
    def _terms(self) -> dict[str, list[LaneTerms]]:
        found: dict[str, list[LaneTerms]] = {}
        for terms in LaneTerms.objects.order_by("boundary", "version"):
            found.setdefault(terms.boundary, []).append(terms)
        return found

    @cached_property
    def calendar(self) -> BusinessCalendar:
        return Organization.current().calendar()

    @cached_property
    def covers(self) -> dict[str, str]:
        return DepartmentSetting.covers()

    def terms(self, boundary: Boundary | str, at: datetime) -> LaneTerms:
        """The terms in force at a moment: the latest version agreed by then, the first one before that."""
        versions = self._terms[str(boundary)]
        agreed = [t for t in versions if t.since <= at]
        return agreed[-1] if agreed else versions[0]

    def due(self, terms: LaneTerms, start: datetime | date) -> datetime | None:
        """The last moment at which a promise started at `start` is kept; None for a gate."""
        if terms.target is None:
            return None
        return clock.due(start, terms.target, Unit(terms.unit), self.calendar)

    def escalation(self, terms: LaneTerms, start: datetime | date) -> datetime | None:
        """When the lead hears that it is still not done: half as much time again, in the unit of the promise.

        Business days are whole, so half of an odd number is rounded up. None for a gate.
        """
        if terms.target is None:
            return None
        unit = Unit(terms.unit)
        allowed = terms.target * ESCALATED_AT
        if unit is Unit.BUSINESS_DAYS:
            allowed = allowed.to_integral_value(ROUND_CEILING)
        return clock.due(start, allowed, unit, self.calendar)

    def local_date(self, moment: datetime) -> date:
        """The organisation's date at a moment."""
        return self.calendar.local_date(moment)


def first_warning(terms: LaneTerms, opened_at: datetime, due_at: datetime) -> datetime:
    """The first warning step, as a share of the time from opening to due."""
    share = min(terms.warn_at_percent)
    return opened_at + timedelta(
        microseconds=(due_at - opened_at) // timedelta(microseconds=1) * share // PERCENT
    )
