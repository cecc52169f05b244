"""What a lead can reach, whose stage it is, and how a pass ends. Pure."""

from __future__ import annotations

from enum import StrEnum

from funnel.stages.departments import Department
from funnel.words import Words


class Stage(StrEnum):
    """What a lead can have reached. `Lead.<stage>_at` holds the first entry within the pass."""

    LEAD = "lead"
    MQL = "mql"
    SQL = "sql"
    WON = "won"
    ONBOARDED = "onboarded"
    RENEWED = "renewed"
    REFERRED = "referred"


STAGES: tuple[Stage, ...] = tuple(Stage)


VISITOR = "visitor"


STAGE_WORDS: dict[str, Words] = {
    VISITOR: Words("Visitors", "サイト訪問者"),
    Stage.LEAD: Words("Leads", "リード"),
    Stage.MQL: Words("MQL", "MQL"),
    Stage.SQL: Words("SQL", "商談(SQL)"),
    Stage.WON: Words("Won", "受注"),
    Stage.ONBOARDED: Words("Onboarded", "導入完了"),
    Stage.RENEWED: Words("Renewed", "更新"),
    Stage.REFERRED: Words("Referred", "紹介"),
}


STAGE_DEPARTMENT: dict[str, Department] = {
    VISITOR: Department.MARKETING,
    Stage.LEAD: Department.MARKETING,
    Stage.MQL: Department.MARKETING,
    Stage.SQL: Department.INSIDE_SALES,
    Stage.WON: Department.FIELD_SALES,
    Stage.ONBOARDED: Department.CUSTOMER_SUCCESS,
    Stage.RENEWED: Department.CUSTOMER_SUCCESS,
    Stage.REFERRED: Department.CUSTOMER_SUCCESS,
}


COHORT_DAYS: dict[Stage, int] = {
    Stage.MQL: 30,
    Stage.SQL: 60,
    Stage.WON: 90,
    Stage.ONBOARDED: 30,
    Stage.RENEWED: 400,
    Stage.REFERRED: 365,
}
"""Days within which stage t must be entered after the stage before it, for the cohort rate (inclusive)."""


class Outcome(StrEnum):
    """How a pass ended."""

    WON = "won"
    LOST = "lost"
    JOINED = "joined"
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


OUTCOME_WORDS: dict[str, Words] = {
    Outcome.WON: Words("Won", "受注"),
    Outcome.LOST: Words("Lost", "失注"),
    Outcome.JOINED: Words("Joined another deal", "他の商談に合流"),
    Outcome.RECYCLED: Words("Back to nurture", "育成戻し"),
    Outcome.DISQUALIFIED: Words("Not a fit", "対象外"),
    Outcome.MERGED: Words("Merged", "名寄せ統合"),
    Outcome.WITHDRAWN: Words("Withdrawn", "取り消し"),
}


def stages_before(stage: Stage) -> tuple[Stage, ...]:
    """Stages that count as passed when `stage` is entered (docs/lifecycle.md)."""
    order = (Stage.LEAD, Stage.MQL, Stage.SQL, Stage.WON)
    if stage in order:
        return order[: order.index(stage)]
    return order


def previous(stage: Stage) -> Stage | None:
    """The stage a rate into `stage` starts from; None for the first."""
    return {
        Stage.LEAD: None,
        Stage.MQL: Stage.LEAD,
        Stage.SQL: Stage.MQL,
        Stage.WON: Stage.SQL,
        Stage.ONBOARDED: Stage.WON,
        Stage.RENEWED: Stage.WON,
        Stage.REFERRED: Stage.WON,
    }[stage]
