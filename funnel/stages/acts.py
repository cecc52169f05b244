"""The acts of members: who may, from which stages, into which. Pure."""

from __future__ import annotations

from typing import NamedTuple

from funnel.stages.departments import Department
from funnel.stages.leads import Outcome, Stage

_M, _I, _F, _C = Department
_ALL = frozenset(Department)


class Act(NamedTuple):
    """One thing a member can do: who may, from which lead stages, and into which stage it leads.

    `led` keeps it to those who lead one of the departments, and to administrators.
    """

    departments: frozenset[Department]
    from_stages: frozenset[Stage] | None = None
    to: Stage | None = None
    closes: Outcome | None = None
    led: bool = False


ACTS: dict[str, Act] = {
    "capture": Act(_ALL, None, Stage.LEAD),
    "log": Act(_ALL),
    "assign": Act(_ALL),
    "edit": Act(_ALL),
    "certify_mql": Act(frozenset({_M, _I}), frozenset({Stage.LEAD}), Stage.MQL),
    "record_bant": Act(frozenset({_I, _F}), frozenset({Stage.MQL, Stage.SQL})),
    "certify_sql": Act(frozenset({_I}), frozenset({Stage.MQL}), Stage.SQL),
    "return_mql": Act(frozenset({_I}), frozenset({Stage.MQL}), Stage.LEAD),
    "return_sql": Act(frozenset({_F}), frozenset({Stage.SQL}), Stage.MQL),
    "recycle": Act(_ALL - {_C}, frozenset({Stage.LEAD, Stage.MQL}), None, Outcome.RECYCLED),
    "disqualify": Act(_ALL - {_C}, frozenset({Stage.LEAD, Stage.MQL}), None, Outcome.DISQUALIFIED),
    "join": Act(_ALL - {_C}, frozenset({Stage.LEAD, Stage.MQL}), None, Outcome.JOINED),
    "merge": Act(_ALL, frozenset({Stage.LEAD, Stage.MQL}), None, Outcome.MERGED, led=True),
    "step_deal": Act(frozenset({_F})),
    "win": Act(frozenset({_F}), frozenset({Stage.SQL}), Stage.WON, Outcome.WON),
    "lose": Act(frozenset({_F}), frozenset({Stage.SQL}), None, Outcome.LOST),
    "reopen": Act(frozenset({_F})),
    "void": Act(frozenset({_F})),
    "resend_won": Act(frozenset({_F})),
    "kickoff": Act(frozenset({_F, _C})),
    "hold_kickoff": Act(frozenset({_C})),
    "onboard": Act(frozenset({_C}), None, Stage.ONBOARDED),
    "open_deal": Act(frozenset({_F, _C})),
    "renew": Act(frozenset({_C, _F}), None, Stage.RENEWED),
    "end_contract": Act(frozenset({_C})),
    "give_notice": Act(frozenset({_C})),
    "record_usage": Act(_ALL),
    "record_survey": Act(_ALL),
    "agree_advocacy": Act(frozenset({_C})),
    "receive_referral": Act(frozenset({_M, _C}), None, Stage.REFERRED),
    "create_case": Act(frozenset({_M})),
    "correct": Act(_ALL),
    "set_target": Act(_ALL, led=True),
    # A file says what every department did, by the ten thousand.
    "import": Act(_ALL, led=True),
}
"""The allowed acts. Lead stages are those of `Lead.stage` (lead, mql, sql); None means any."""
