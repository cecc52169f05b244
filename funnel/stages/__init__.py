"""Departments, stages, event kinds and the acts that move a lead: value, label and colour together. Pure."""

from __future__ import annotations

from funnel.stages.acts import ACTS, Act
from funnel.stages.contacts import (
    ACTIVITY_WORDS,
    BANT_FIELDS,
    BANT_WORDS,
    DIRECTION_WORDS,
    KEEPS_CONTACT,
    PERSON_ROLE_WORDS,
    RESULT_WORDS,
    ActivityKind,
    Bant,
    Direction,
    PersonRole,
    Result,
)
from funnel.stages.deals import (
    CUSTOMER_PHASE_WORDS,
    DEAL_KIND_WORDS,
    DEAL_STATE_WORDS,
    DEAL_STEP_PERCENT,
    DEAL_STEP_WORDS,
    CustomerPhase,
    DealKind,
    DealState,
    DealStep,
)
from funnel.stages.departments import DEPARTMENT_SHORT, DEPARTMENT_WORDS, Department
from funnel.stages.events import ENTRY_KIND, EVENT_WORDS, REACHES, EventKind
from funnel.stages.leads import (
    COHORT_DAYS,
    OUTCOME_WORDS,
    STAGE_DEPARTMENT,
    STAGE_WORDS,
    STAGES,
    VISITOR,
    Outcome,
    Stage,
    previous,
    stages_before,
)
from funnel.words import Words, named

__all__ = [
    "ACTIVITY_WORDS",
    "ACTS",
    "Act",
    "ActivityKind",
    "BANT_FIELDS",
    "BANT_WORDS",
    "Bant",
    "COHORT_DAYS",
    "CUSTOMER_PHASE_WORDS",
    "CustomerPhase",
    "DEAL_KIND_WORDS",
    "DEAL_STATE_WORDS",
    "DEAL_STEP_PERCENT",
    "DEAL_STEP_WORDS",
    "DEPARTMENT_SHORT",
    "DEPARTMENT_WORDS",
    "DIRECTION_WORDS",
    "DealKind",
    "DealState",
    "DealStep",
    "Department",
    "Direction",
    "ENTRY_KIND",
    "EVENT_WORDS",
    "EventKind",
    "KEEPS_CONTACT",
    "NAMED",
    "OUTCOME_WORDS",
    "Outcome",
    "PERSON_ROLE_WORDS",
    "PersonRole",
    "REACHES",
    "RESULT_WORDS",
    "Result",
    "STAGES",
    "STAGE_DEPARTMENT",
    "STAGE_WORDS",
    "Stage",
    "VISITOR",
    "previous",
    "stages_before",
]

NAMED: dict[str, dict[str, Words]] = {
    "department": DEPARTMENT_WORDS,
    "stage": STAGE_WORDS,
    "outcome": OUTCOME_WORDS,
    "deal_step": DEAL_STEP_WORDS,
    "deal_state": DEAL_STATE_WORDS,
    "deal_kind": DEAL_KIND_WORDS,
    "customer_phase": CUSTOMER_PHASE_WORDS,
    "activity": ACTIVITY_WORDS,
    "result": RESULT_WORDS,
}
"""The tables whose names a company may change; the codes, and with them the API, stay."""

for _table, _words in NAMED.items():
    _words.update(named(_table, _words))
