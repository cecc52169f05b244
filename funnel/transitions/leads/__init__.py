"""Every act on a lead. Only here are its stages written."""

from funnel.transitions.leads.capturing import Captured, assign, capture, describe, log, reopen_pass
from funnel.transitions.leads.certifying import answers, certify_mql, certify_sql, record_bant, send_back
from funnel.transitions.leads.closing import disqualify, join, recycle
from funnel.transitions.leads.merging import merge_people
from funnel.transitions.leads.noting import annotate, put_back_in_time
from funnel.transitions.people import LeadFields

__all__ = [
    "Captured",
    "LeadFields",
    "annotate",
    "answers",
    "assign",
    "capture",
    "certify_mql",
    "certify_sql",
    "describe",
    "disqualify",
    "join",
    "log",
    "merge_people",
    "put_back_in_time",
    "record_bant",
    "recycle",
    "reopen_pass",
    "send_back",
]
