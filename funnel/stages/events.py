"""Everything the ledger can say, and which event is the entry into a stage. Pure."""

from __future__ import annotations

from enum import StrEnum

from funnel.stages.leads import Stage
from funnel.words import Words


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
    BREACH_REVIEWED = "breach_reviewed"
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
    EventKind.HEALTH_CHANGED: Words("Health changed", "健康度の変化"),
    EventKind.ADVOCACY_AGREED: Words("Agreed to refer", "紹介・事例の承諾"),
    EventKind.REFERRAL_RECEIVED: Words("Referral received", "紹介"),
    EventKind.CASE_CREATED: Words("Case study created", "導入事例作成"),
    EventKind.HANDOFF_ACCEPTED: Words("Handoff accepted", "受領"),
    EventKind.HANDOFF_RETURNED: Words("Handoff returned", "差し戻し"),
    EventKind.HANDOFF_EXCUSED: Words("Miss excused", "遅延理由の承認"),
    EventKind.BREACH_REVIEWED: Words("Cause of the miss", "期限超過の原因"),
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
