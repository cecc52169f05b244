"""Departments: which have people of their own, and who covers the others."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q

from funnel.company.changing import changed, demand_administrator, demand_unchanged, refusing
from funnel.errors import BadValue
from funnel.models import DepartmentSetting, Membership
from funnel.stages import Department
from funnel.transitions.acting import Actor


class Standing(NamedTuple):
    """A department today: how many belong to it, how many lead it, and who does its work."""

    department: str
    people: int
    leads: int
    covered_by: str

    @property
    def is_empty(self) -> bool:
        """True when its work is its own and nobody is there to do it."""
        return not self.people and not self.covered_by


def standing(today: date) -> list[Standing]:
    """Every department, in the order of the ring."""
    current = Membership.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today),
        valid_from__lte=today,
        member__is_active=True,
        member__is_viewer=False,
    )
    people: dict[str, list[str]] = {d.value: [] for d in Department}
    for department, role in current.values_list("department", "role"):
        people[department].append(role)
    covers = DepartmentSetting.covers()
    return [
        Standing(
            d.value,
            len(people[d]),
            people[d].count(Membership.Role.LEAD),
            covers[d] if covers[d] != d else "",
        )
        for d in Department
    ]


def without_people(today: date) -> list[Standing]:
    """The departments in which nobody works, and those whose cover has nobody either."""
    rows = {row.department: row for row in standing(today)}
    return [
        row for row in rows.values() if not rows[row.covered_by or row.department].people or not row.people
    ]


def seen() -> dict[str, Any]:
    """What a page shows of all departments, for the stamp: one cover depends on the others."""
    return {s.department: [s.staffed, s.covered_by] for s in DepartmentSetting.objects.all()}


@transaction.atomic
def cover(
    department: str, by: Actor, *, now: datetime, covered_by: str, stamp: str | None = None
) -> DepartmentSetting:
    """Let another department do the work of this one, or none ("") when it has people of its own.

    Holds for promises opened from now on. Raises NotYours, MoveRefused("setting_conflict"),
    BadValue("cover_itself", "cover_unstaffed").
    """
    demand_administrator(by)
    rows = {s.department: s for s in DepartmentSetting.objects.select_for_update().order_by("id")}
    demand_unchanged(stamp, seen(), "department")
    setting = rows[department]
    if covered_by == department:
        raise BadValue("cover_itself", field="covered_by")
    others = [s for s in rows.values() if not s.staffed and s.department != department]
    if covered_by and any(covered_by == s.department or s.covered_by == department for s in others):
        raise BadValue("cover_unstaffed", field="covered_by")
    old = {"staffed": setting.staffed, "covered_by": setting.covered_by}
    new = {"staffed": not covered_by, "covered_by": covered_by}
    if new != old:
        setting.staffed, setting.covered_by = not covered_by, covered_by
        with refusing(department_cover_staffed="cover_unstaffed"):
            setting.save()
        changed(by, now=now, what=f"department.{department}", old=old, new=new)
    return setting
