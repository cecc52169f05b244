"""Pure. How files name stages, activities, directions and results, and what each name stands for here."""

from __future__ import annotations

from funnel.stages import (
    ACTIVITY_WORDS,
    DEAL_STEP_WORDS,
    DIRECTION_WORDS,
    RESULT_WORDS,
    ActivityKind,
    DealStep,
    Direction,
    Result,
)
from funnel.words import Words


def _own(words: dict[str, Words]) -> dict[str, str]:
    """Every code and its name in both languages, as `rows` folds what it reads."""
    found = {}
    for code, names in words.items():
        for name in (code, names.en, names.ja):
            if name and code:
                found["".join(name.casefold().split()).replace("-", "_")] = str(code)
    return found


STAGES: dict[str, str] = _own(dict(DEAL_STEP_WORDS)) | {
    "open": "open", "進行中": "open", "商談中": "open",
    "won": "won", "closedwon": "won", "受注": "won", "成約": "won", "契約": "won",
    "lost": "lost", "closedlost": "lost", "失注": "lost",
    "appointmentscheduled": DealStep.FIRST_MEETING, "qualifiedtobuy": DealStep.FIRST_MEETING,
    "prospecting": DealStep.FIRST_MEETING, "qualification": DealStep.FIRST_MEETING,
    "needsanalysis": DealStep.FIRST_MEETING, "アポイント": DealStep.FIRST_MEETING, "初回訪問": DealStep.FIRST_MEETING,
    "presentationscheduled": DealStep.PROPOSAL, "valueproposition": DealStep.PROPOSAL,
    "proposal/pricequote": DealStep.PROPOSAL, "提案中": DealStep.PROPOSAL, "見積": DealStep.PROPOSAL,
    "decisionmakerboughtin": DealStep.NEGOTIATION, "negotiation/review": DealStep.NEGOTIATION,
    "購入適格": DealStep.FIRST_MEETING, "アポイント設定": DealStep.FIRST_MEETING, "見込み": DealStep.FIRST_MEETING,
    "要件分析": DealStep.FIRST_MEETING, "ニーズ分析": DealStep.FIRST_MEETING, "プレゼンテーション予定": DealStep.PROPOSAL,
    "プレゼンテーションを予定": DealStep.PROPOSAL, "価値提案": DealStep.PROPOSAL, "提案/見積": DealStep.PROPOSAL,
    "proposal/quote": DealStep.PROPOSAL, "id.decisionmakers": DealStep.FIRST_MEETING,
    "perceptionanalysis": DealStep.PROPOSAL, "意思決定者の賛同": DealStep.NEGOTIATION,
    "意思決定者の同意": DealStep.NEGOTIATION, "交渉/レビュー": DealStep.NEGOTIATION, "契約書送付": DealStep.CONTRACTING,
    "契約書を送付": DealStep.CONTRACTING, "クローズ(成約)": "won", "クローズ(失注)": "lost", "成立": "won",
    "不成立": "lost", "商談成立": "won", "商談不成立": "lost",
    "交渉中": DealStep.NEGOTIATION, "contractsent": DealStep.CONTRACTING, "契約手続": DealStep.CONTRACTING,
}  # fmt: skip

ACTIVITIES: dict[str, str] = _own(dict(ACTIVITY_WORDS)) | {
    "phone": ActivityKind.CALL, "telephone": ActivityKind.CALL, "架電": ActivityKind.CALL, "通話": ActivityKind.CALL,
    "email": ActivityKind.MAIL, "メール送信": ActivityKind.MAIL, "訪問": ActivityKind.MEETING,
    "商談": ActivityKind.MEETING, "面談": ActivityKind.MEETING, "ミーティング": ActivityKind.MEETING,
    "デモ実施": ActivityKind.DEMO, "フォーム": ActivityKind.FORM, "問い合わせ": ActivityKind.FORM,
    "備考": ActivityKind.NOTE,
}  # fmt: skip

DIRECTIONS: dict[str, str] = _own(dict(DIRECTION_WORDS)) | {
    "out": Direction.OUTBOUND, "outgoing": Direction.OUTBOUND, "架電": Direction.OUTBOUND, "送信": Direction.OUTBOUND,
    "in": Direction.INBOUND, "incoming": Direction.INBOUND, "着信": Direction.INBOUND, "受電": Direction.INBOUND,
}  # fmt: skip

RESULTS: dict[str, str] = _own(dict(RESULT_WORDS)) | {
    "answered": Result.CONNECTED, "通話": Result.CONNECTED, "接続": Result.CONNECTED, "応答": Result.CONNECTED,
    "noanswer": Result.NO_ANSWER, "unanswered": Result.NO_ANSWER, "voicemail": Result.NO_ANSWER,
    "留守電": Result.NO_ANSWER, "応答なし": Result.NO_ANSWER, "noshow": Result.NO_SHOW, "欠席": Result.NO_SHOW,
}  # fmt: skip
