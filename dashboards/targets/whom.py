"""For whom a target is, as rows and addresses say it."""

from __future__ import annotations

from typing import Any, NamedTuple

from dashboards.models import Target
from dashboards.targets.refusals import TargetError
from funnel.stages import Department

LARGEST_ID = 2**63 - 1


class Whom(NamedTuple):
    """The company, one department or one member."""

    kind: str
    department: str = ""
    member_id: int | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of a row that is for him."""
        return {"whom": self.kind, "department": self.department, "member_id": self.member_id}

    def key(self) -> str:
        """One word for addresses and ledger: company, department:marketing, member:7."""
        detail = self.department or (str(self.member_id) if self.member_id is not None else "")
        return f"{self.kind}:{detail}" if detail else self.kind

    @classmethod
    def parse(cls, text: str) -> Whom:
        """Read `key()` back; blank is the company. Raises TargetError("target_for_whom")."""
        kind, _, detail = text.strip().partition(":")
        if kind in ("", Target.Whom.COMPANY) and not detail:
            return COMPANY
        if kind == Target.Whom.DEPARTMENT and detail in list(Department):
            return cls(kind, department=detail)
        if kind == Target.Whom.MEMBER and detail.isascii() and detail.isdecimal() and len(detail) < 20:
            number = int(detail)
            if 0 < number <= LARGEST_ID:
                return cls(kind, member_id=number)
        raise TargetError("target_for_whom", field="for", value=text.replace("\0", "")[:40])


COMPANY = Whom(Target.Whom.COMPANY.value)
