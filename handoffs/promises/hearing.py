"""Which event does what to a promise, and at which boundary."""

from __future__ import annotations

from funnel.stages import EventKind
from handoffs.lanes import LANES, Boundary

OPENS: dict[EventKind, Boundary] = {
    kind: boundary for boundary, lane in LANES.items() for kind in lane.opened_by
}
KEEPS: dict[EventKind, Boundary] = {
    kind: boundary for boundary, lane in LANES.items() if lane.unit is not None for kind in lane.kept_by
}
RETURNS: dict[EventKind, Boundary] = {
    EventKind.MQL_RETURNED: Boundary.MQL,
    EventKind.SQL_RETURNED: Boundary.SQL,
}
# Who works on what was handed over has taken it, whether or not he said so.
TAKES: dict[EventKind, Boundary] = {
    EventKind.SQL_CERTIFIED: Boundary.MQL,
    EventKind.DEAL_STEP_CHANGED: Boundary.SQL,
    EventKind.DEAL_WON: Boundary.SQL,
    EventKind.DEAL_LOST: Boundary.SQL,
    EventKind.KICKOFF_HELD: Boundary.WON,
    EventKind.REFERRAL_RECEIVED: Boundary.ADVOCACY,
    EventKind.CASE_CREATED: Boundary.ADVOCACY,
}
ENDS: dict[EventKind, tuple[Boundary, ...]] = {
    EventKind.DEAL_VOIDED: (Boundary.SQL, Boundary.WON),
}
# These end the pass, and with it what was owed for the lead, when the lead is then closed.
ENDS_PASS: frozenset[EventKind] = frozenset(
    {
        EventKind.LEAD_RECYCLED,
        EventKind.LEAD_DISQUALIFIED,
        EventKind.LEAD_JOINED,
        EventKind.RECORDS_MERGED,
        EventKind.DEAL_WON,
        EventKind.DEAL_LOST,
    }
)
RELEVANT: frozenset[EventKind] = frozenset(
    {*OPENS, *KEEPS, *RETURNS, *TAKES, *ENDS, *ENDS_PASS, EventKind.EVENT_CORRECTED}
)
ACTS_UNBOUND: frozenset[EventKind] = frozenset({*RETURNS, *TAKES, *ENDS, *ENDS_PASS})
DECIDES: frozenset[EventKind] = frozenset(
    {EventKind.HANDOFF_ACCEPTED, EventKind.HANDOFF_RETURNED, *RETURNS, *TAKES, *ENDS, *ENDS_PASS}
)
"""What accepts, returns or ends a round: withdrawn, the round is as it would be without it."""
