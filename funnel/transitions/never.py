"""A pass that never was: what stands in its row, and what is left of it in the counts."""

from __future__ import annotations

from typing import Any

from funnel.models import Lead
from funnel.stages import Outcome, Stage
from funnel.transitions.ledger import Reach

NOTHING: dict[str, Any] = {
    "stage": Stage.LEAD, "outcome": Outcome.WITHDRAWN, "outcome_reason": "", "wake_up_on": None, "mql_at": None,
    "sql_at": None, "won_at": None, "onboarded_at": None, "renewed_at": None, "referred_at": None,
    "first_contact_at": None, "inferred": [], "is_counted": False, "date_conflict": False, "external_id": None,
}  # fmt: skip
"""The columns of a pass that never was. Its id in another system is free again for the next one."""


def never_was(lead: Lead) -> Reach:
    """The reach of a withdrawn pass: counted nowhere."""
    return Reach(lead.channel_id, False, frozenset(), {Stage.LEAD: lead.lead_at})
