"""Every act on a customer. Only here is its phase written."""

from funnel.transitions.customers.advocacy import agree_advocacy, create_case, receive_referral
from funnel.transitions.customers.each import each
from funnel.transitions.customers.hearing import (
    BREADTH_METRIC,
    INQUIRY_METRIC,
    USAGE_METRIC,
    assess,
    put_back_usage,
    recall_health,
    record_survey,
    record_usage,
    refresh_health,
)
from funnel.transitions.customers.phases import (
    assign,
    end_contract,
    give_notice,
    note_renewals,
    onboard,
    renew,
)

__all__ = [
    "BREADTH_METRIC",
    "INQUIRY_METRIC",
    "USAGE_METRIC",
    "agree_advocacy",
    "assess",
    "assign",
    "create_case",
    "each",
    "end_contract",
    "give_notice",
    "note_renewals",
    "onboard",
    "put_back_usage",
    "recall_health",
    "receive_referral",
    "record_survey",
    "record_usage",
    "refresh_health",
    "renew",
]
