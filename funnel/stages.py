"""Departments, stages, event kinds and the acts that move a lead: value, label and colour together. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from funnel.words import Words, named


class Department(StrEnum):
    """The four departments of the revenue model, in the order of the ring."""

    MARKETING = "marketing"
    INSIDE_SALES = "inside_sales"
    FIELD_SALES = "field_sales"
    CUSTOMER_SUCCESS = "customer_success"


DEPARTMENT_WORDS: dict[str, Words] = {
    Department.MARKETING: Words("Marketing", "マーケティング"),
    Department.INSIDE_SALES: Words("Inside Sales", "インサイドセールス"),
    Department.FIELD_SALES: Words("Field Sales", "フィールドセールス"),
    Department.CUSTOMER_SUCCESS: Words("Customer Success", "カスタマーサクセス"),
}
# As people say it in passing, beside a name.
DEPARTMENT_SHORT: dict[str, Words] = {
    Department.MARKETING: Words("Marketing", "マーケ"),
    Department.INSIDE_SALES: Words("IS", "IS"),
    Department.FIELD_SALES: Words("FS", "FS"),
    Department.CUSTOMER_SUCCESS: Words("CS", "CS"),
}


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


class DealState(StrEnum):
    """Where a deal stands; `returned` waits with inside sales, `void` leaves all counts."""

    OPEN = "open"
    RETURNED = "returned"
    WON = "won"
    LOST = "lost"
    VOID = "void"


DEAL_STATE_WORDS: dict[str, Words] = {
    DealState.OPEN: Words("Open", "進行中"),
    DealState.RETURNED: Words("Returned", "差し戻し"),
    DealState.WON: Words("Won", "受注"),
    DealState.LOST: Words("Lost", "失注"),
    DealState.VOID: Words("Entered by mistake", "誤登録"),
}


class DealStep(StrEnum):
    """The ordered steps of an open deal."""

    FIRST_MEETING = "first_meeting"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"
    CONTRACTING = "contracting"


DEAL_STEP_WORDS: dict[str, Words] = {
    DealStep.FIRST_MEETING: Words("First meeting", "初回商談"),
    DealStep.PROPOSAL: Words("Proposal", "提案"),
    DealStep.NEGOTIATION: Words("Negotiation", "交渉"),
    DealStep.CONTRACTING: Words("Contracting", "契約手続き"),
}


DEAL_STEP_PERCENT: dict[str, int] = {
    DealStep.FIRST_MEETING: 20,
    DealStep.PROPOSAL: 40,
    DealStep.NEGOTIATION: 60,
    DealStep.CONTRACTING: 90,
}
"""How likely an open deal at a step is won, in percent: the declared default, the same for every deal of the step."""


class DealKind(StrEnum):
    """What a deal sells; only NEW counts as `won` in the funnel."""

    NEW = "new"
    UPSELL = "upsell"
    CROSS_SELL = "cross_sell"
    RENEWAL = "renewal"


DEAL_KIND_WORDS: dict[str, Words] = {
    DealKind.NEW: Words("New business", "新規"),
    DealKind.UPSELL: Words("Upsell", "アップセル"),
    DealKind.CROSS_SELL: Words("Cross-sell", "クロスセル"),
    DealKind.RENEWAL: Words("Renewal", "更新"),
}


class CustomerPhase(StrEnum):
    """Where a customer stands in its life with us."""

    ONBOARDING = "onboarding"
    ADOPTING = "adopting"
    RENEWAL_WINDOW = "renewal_window"
    CHURN_NOTICE = "churn_notice"
    CHURNED = "churned"
    REACTIVATED = "reactivated"


CUSTOMER_PHASE_WORDS: dict[str, Words] = {
    CustomerPhase.ONBOARDING: Words("Onboarding", "導入中"),
    CustomerPhase.ADOPTING: Words("Adopting", "活用中"),
    CustomerPhase.RENEWAL_WINDOW: Words("Renewal due", "更新時期"),
    CustomerPhase.CHURN_NOTICE: Words("Notice given", "解約申出"),
    CustomerPhase.CHURNED: Words("Churned", "解約"),
    CustomerPhase.REACTIVATED: Words("Reactivated", "復活"),
}


class ActivityKind(StrEnum):
    """What somebody did with a person; which of them keep a promise is said in `KEEPS_CONTACT`."""

    CALL = "call"
    MAIL = "mail"
    MEETING = "meeting"
    DEMO = "demo"
    FORM = "form"
    VISIT = "visit"
    NOTE = "note"


ACTIVITY_WORDS: dict[str, Words] = {
    ActivityKind.CALL: Words("Call", "電話"),
    ActivityKind.MAIL: Words("E-mail", "メール"),
    ActivityKind.MEETING: Words("Meeting", "打ち合わせ"),
    ActivityKind.DEMO: Words("Demo", "デモ"),
    ActivityKind.FORM: Words("Form", "フォーム送信"),
    ActivityKind.VISIT: Words("Visit", "サイト訪問"),
    ActivityKind.NOTE: Words("Note", "メモ"),
}


class PersonRole(StrEnum):
    """The part a person plays in an account's decision."""

    DECIDES = "decides"
    CHAMPION = "champion"
    USES = "uses"
    OTHER = "other"


PERSON_ROLE_WORDS: dict[str, Words] = {
    PersonRole.DECIDES: Words("Decision maker", "決裁者"),
    PersonRole.CHAMPION: Words("Champion", "推進役"),
    PersonRole.USES: Words("User", "現場"),
    PersonRole.OTHER: Words("Other", "その他"),
}


class Direction(StrEnum):
    """Who reached out to whom."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"
    INTERNAL = "internal"


DIRECTION_WORDS: dict[str, Words] = {
    Direction.OUTBOUND: Words("Outbound", "発信"),
    Direction.INBOUND: Words("Inbound", "受信"),
    Direction.INTERNAL: Words("Internal", "社内"),
}


class Result(StrEnum):
    """How an attempt ended."""

    CONNECTED = "connected"
    NO_ANSWER = "no_answer"
    SENT = "sent"
    HELD = "held"
    NO_SHOW = "no_show"
    NONE = ""


RESULT_WORDS: dict[str, Words] = {
    Result.CONNECTED: Words("Connected", "つながった"),
    Result.NO_ANSWER: Words("No answer", "不在"),
    Result.SENT: Words("Sent", "送信済み"),
    Result.HELD: Words("Held", "実施"),
    Result.NO_SHOW: Words("No-show", "不実施"),
    Result.NONE: Words("–", "–"),
}

KEEPS_CONTACT: frozenset[ActivityKind] = frozenset(
    {ActivityKind.CALL, ActivityKind.MAIL, ActivityKind.MEETING, ActivityKind.DEMO}
)
"""Kinds that, human and outbound, are a contact attempt. A note or a visit never is."""


class EventKind(StrEnum):
    """Everything the ledger can say."""

    LEAD_CAPTURED = "lead_captured"
    MQL_CERTIFIED = "mql_certified"
    MQL_RETURNED = "mql_returned"
    CONTACT_ATTEMPTED = "contact_attempted"
    ACTIVITY_LOGGED = "activity_logged"
    MEETING_HELD = "meeting_held"
    DEMO_HELD = "demo_held"
    OWNER_ASSIGNED = "owner_assigned"
    QUALIFICATION_RECORDED = "qualification_recorded"
    MEETING_BOOKED = "meeting_booked"
    SHEET_SUBMITTED = "sheet_submitted"
    SQL_CERTIFIED = "sql_certified"
    SQL_RETURNED = "sql_returned"
    LEAD_RECYCLED = "lead_recycled"
    LEAD_DISQUALIFIED = "lead_disqualified"
    LEAD_JOINED = "lead_joined"
    RECORDS_MERGED = "records_merged"
    DEAL_OPENED = "deal_opened"
    DEAL_STEP_CHANGED = "deal_step_changed"
    DEAL_WON = "deal_won"
    DEAL_LOST = "deal_lost"
    DEAL_REOPENED = "deal_reopened"
    DEAL_VOIDED = "deal_voided"
    CONTRACT_SIGNED = "contract_signed"
    CONTRACT_RENEWED = "contract_renewed"
    CONTRACT_ENDED = "contract_ended"
    CHURN_NOTICE_RECEIVED = "churn_notice_received"
    WON_RESENT = "won_resent"
    KICKOFF_SCHEDULED = "kickoff_scheduled"
    KICKOFF_HELD = "kickoff_held"
    FIRST_VALUE_REACHED = "first_value_reached"
    SURVEY_ANSWERED = "survey_answered"
    HEALTH_CHANGED = "health_changed"
    ADVOCACY_AGREED = "advocacy_agreed"
    REFERRAL_RECEIVED = "referral_received"
    CASE_CREATED = "case_created"
    HANDOFF_ACCEPTED = "handoff_accepted"
    HANDOFF_RETURNED = "handoff_returned"
    HANDOFF_EXCUSED = "handoff_excused"
    HANDOFF_ASSIGNED = "handoff_assigned"
    EVENT_CORRECTED = "event_corrected"
    DETAILS_CHANGED = "details_changed"
    SETTING_CHANGED = "setting_changed"
    FILE_IMPORTED = "file_imported"
    IMPORT_UNDONE = "import_undone"
    DATA_EXPORTED = "data_exported"
    PERSON_ERASED = "person_erased"


EVENT_WORDS: dict[str, Words] = {
    EventKind.LEAD_CAPTURED: Words("Lead captured", "リード獲得"),
    EventKind.MQL_CERTIFIED: Words("Certified MQL", "MQL認定"),
    EventKind.MQL_RETURNED: Words("MQL returned", "MQL差し戻し"),
    EventKind.CONTACT_ATTEMPTED: Words("Contact attempted", "接触試行"),
    EventKind.ACTIVITY_LOGGED: Words("Activity", "活動記録"),
    EventKind.MEETING_HELD: Words("Meeting held", "商談実施"),
    EventKind.DEMO_HELD: Words("Demo held", "デモ実施"),
    EventKind.OWNER_ASSIGNED: Words("Owner assigned", "担当割当"),
    EventKind.QUALIFICATION_RECORDED: Words("BANT recorded", "BANT判定"),
    EventKind.MEETING_BOOKED: Words("Meeting booked", "商談設定"),
    EventKind.SHEET_SUBMITTED: Words("Customer sheet submitted", "顧客情報シート提出"),
    EventKind.SQL_CERTIFIED: Words("Certified SQL", "SQL認定"),
    EventKind.SQL_RETURNED: Words("SQL returned", "SQL差し戻し"),
    EventKind.LEAD_RECYCLED: Words("Back to nurture", "育成戻し"),
    EventKind.LEAD_DISQUALIFIED: Words("Not a fit", "対象外"),
    EventKind.LEAD_JOINED: Words("Joined another deal", "他の商談に合流"),
    EventKind.RECORDS_MERGED: Words("Records merged", "名寄せ統合"),
    EventKind.DEAL_OPENED: Words("Deal opened", "商談開始"),
    EventKind.DEAL_STEP_CHANGED: Words("Deal moved", "商談段階の変更"),
    EventKind.DEAL_WON: Words("Won", "受注"),
    EventKind.DEAL_LOST: Words("Lost", "失注"),
    EventKind.DEAL_REOPENED: Words("Deal reopened", "商談再開"),
    EventKind.DEAL_VOIDED: Words("Entered by mistake", "誤登録"),
    EventKind.CONTRACT_SIGNED: Words("Contract signed", "契約締結"),
    EventKind.CONTRACT_RENEWED: Words("Contract renewed", "契約更新"),
    EventKind.CONTRACT_ENDED: Words("Contract ended", "契約終了"),
    EventKind.CHURN_NOTICE_RECEIVED: Words("Notice of cancellation", "解約申出"),
    EventKind.WON_RESENT: Words("Handed over again", "再引き渡し"),
    EventKind.KICKOFF_SCHEDULED: Words("Kickoff set", "キックオフ設定"),
    EventKind.KICKOFF_HELD: Words("Kickoff held", "キックオフ実施"),
    EventKind.FIRST_VALUE_REACHED: Words("First value reached", "価値実感"),
    EventKind.SURVEY_ANSWERED: Words("Survey answered", "アンケート回答"),
    EventKind.HEALTH_CHANGED: Words("Health changed", "ヘルススコア変化"),
    EventKind.ADVOCACY_AGREED: Words("Agreed to refer", "紹介・事例の承諾"),
    EventKind.REFERRAL_RECEIVED: Words("Referral received", "紹介"),
    EventKind.CASE_CREATED: Words("Case study created", "導入事例作成"),
    EventKind.HANDOFF_ACCEPTED: Words("Handoff accepted", "受領"),
    EventKind.HANDOFF_RETURNED: Words("Handoff returned", "差し戻し"),
    EventKind.HANDOFF_EXCUSED: Words("Miss excused", "遅延理由の承認"),
    EventKind.HANDOFF_ASSIGNED: Words("Handoff assigned", "引き渡しの担当割当"),
    EventKind.EVENT_CORRECTED: Words("Corrected", "訂正"),
    EventKind.DETAILS_CHANGED: Words("Details changed", "情報の更新"),
    EventKind.SETTING_CHANGED: Words("Setting changed", "設定変更"),
    EventKind.FILE_IMPORTED: Words("File imported", "ファイル取り込み"),
    EventKind.IMPORT_UNDONE: Words("Import undone", "取り込みの取り消し"),
    EventKind.DATA_EXPORTED: Words("Data exported", "データ出力"),
    EventKind.PERSON_ERASED: Words("Person erased", "個人情報の消去"),
}

REACHES: dict[EventKind, Stage] = {
    EventKind.LEAD_CAPTURED: Stage.LEAD,
    EventKind.MQL_CERTIFIED: Stage.MQL,
    EventKind.SQL_CERTIFIED: Stage.SQL,
    EventKind.DEAL_WON: Stage.WON,
    EventKind.FIRST_VALUE_REACHED: Stage.ONBOARDED,
    EventKind.CONTRACT_RENEWED: Stage.RENEWED,
    EventKind.REFERRAL_RECEIVED: Stage.REFERRED,
}
"""The event whose first effective occurrence about a lead is its entry into the stage."""

ENTRY_KIND: dict[Stage, EventKind] = {stage: kind for kind, stage in REACHES.items()}

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
    "renew": Act(frozenset({_C, _F}), None, Stage.RENEWED),
    "end_contract": Act(frozenset({_C})),
    "give_notice": Act(frozenset({_C})),
    "record_usage": Act(_ALL),
    "record_survey": Act(_ALL),
    "agree_advocacy": Act(frozenset({_C})),
    "receive_referral": Act(frozenset({_M, _C}), None, Stage.REFERRED),
    "create_case": Act(frozenset({_M})),
    "correct": Act(_ALL),
    # A file says what every department did, by the ten thousand.
    "import": Act(_ALL, led=True),
}
"""The allowed acts. Lead stages are those of `Lead.stage` (lead, mql, sql); None means any."""


class Bant(StrEnum):
    """One answer of the BANT strip."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


BANT_FIELDS: tuple[str, ...] = ("budget", "authority", "need", "timeline")
BANT_WORDS: dict[str, Words] = {
    "budget": Words("Budget", "予算"),
    "authority": Words("Authority", "決裁権"),
    "need": Words("Need", "ニーズ"),
    "timeline": Words("Timeline", "導入時期"),
    Bant.MET: Words("Met", "確認済み"),
    Bant.NOT_MET: Words("Not met", "なし"),
    Bant.UNKNOWN: Words("Unknown", "不明"),
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
