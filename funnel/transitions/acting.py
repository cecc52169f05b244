"""Who acts, and for which department."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from funnel.errors import NotYours
from funnel.models import DepartmentSetting, Member, Membership, Organization
from funnel.stages import ACTS, DEPARTMENT_WORDS, Department
from funnel.words import Joined, Words


@dataclass(frozen=True)
class Actor:
    """A member at a door, with the departments he may write for today (his own, and those they cover).

    `acting` is the hat he chose, if he chose one; it decides where several of his departments may act.
    """

    member: Member | None
    source: str
    departments: frozenset[str] = frozenset()
    led: frozenset[str] = frozenset()
    acting: str | None = None
    everywhere: bool = field(default=False)

    @classmethod
    def of(
        cls,
        member: Member,
        source: str,
        *,
        now: datetime,
        acting: str | None = None,
        zone: ZoneInfo | None = None,
    ) -> Actor:
        """Read the member's memberships of today and what those departments cover.

        Today is that of `zone`, the organisation's; it is read where the door has not read it yet.
        """
        if member.is_viewer or not member.is_active:
            return cls(member, source)
        if member.is_service:
            return cls(member, source, frozenset(Department), frozenset(Department), acting, everywhere=True)
        today = now.astimezone(zone or Organization.current().tz).date()
        current = Membership.objects.filter(member=member, valid_from__lte=today).exclude(valid_to__lte=today)
        own = {m.department: m.role for m in current}
        if not own:
            return cls(member, source)
        done_by = DepartmentSetting.covers()
        reach = frozenset(d for d, doer in done_by.items() if doer in own or d in own)
        led = frozenset(d for d in reach if own.get(done_by[d], own.get(d)) == Membership.Role.LEAD)
        return cls(member, source, reach, led, acting if acting in reach else None)

    @property
    def may_write(self) -> bool:
        """True when any department is his to write for."""
        return self.everywhere or bool(self.departments)

    @property
    def is_administrator(self) -> bool:
        """True for those who configure."""
        return self.member is not None and self.member.is_active and self.member.is_administrator

    def department_for(self, act: str) -> str:
        """The department this act is recorded for; raises NotYours when none of his may do it.

        The chosen hat wins; else the first department, in the order of the ring, that may.
        """
        allowed = ACTS[act].departments
        if ACTS[act].led:
            return self._led_for(allowed)
        if not self.may_write:
            raise NotYours("read_only")
        if self.acting in allowed:
            return str(self.acting)
        for department in Department:
            if department in allowed and department in self.departments:
                return department.value
        raise NotYours("not_yours", departments=_listed(allowed))

    def _led_for(self, allowed: frozenset[Department]) -> str:
        """As `department_for`, among the departments he leads; "" for an administrator who leads none."""
        leading = [d.value for d in Department if d in allowed and d in self.led]
        if not leading and not self.is_administrator:
            raise NotYours("leads_only")
        return str(self.acting) if self.acting in leading else next(iter(leading), "")

    def may(self, act: str) -> bool:
        """The boolean twin of `department_for`."""
        if ACTS[act].led:
            return self.is_administrator or bool(self.led & ACTS[act].departments)
        return self.may_write and bool(self.departments & ACTS[act].departments)


def _listed(departments: frozenset[Department]) -> Words:
    names = tuple(DEPARTMENT_WORDS[d] for d in Department if d in departments)
    return Joined.of(names, Words(", ", "・"))


SYSTEM = Actor(None, "system", frozenset(Department), frozenset(Department), everywhere=True)
