"""Facts: the tables. Stages and the ledger are written by `funnel.transitions` alone."""

from funnel.models.absences import Absence
from funnel.models.admission import FreshStart, Invitation, TokenUse
from funnel.models.company import CompanyDay, DepartmentSetting, Member, Membership, Organization, Reason
from funnel.models.customers import Contract, Customer, HealthRecord, SurveyResponse, UsageReading
from funnel.models.deals import Deal
from funnel.models.imports import IdempotencyKey, ImportBatch, ImportMapping, ImportPiece, ImportRow
from funnel.models.leads import Activity, Lead, Note, Qualification
from funnel.models.ledger import Event
from funnel.models.people import Account, Person
from funnel.models.saved import CompaniesApart, PeopleApart, SavedView
from funnel.models.sources import Campaign, Channel, SpendEntry, TrafficReading
from funnel.models.wordings import Wording

__all__ = [
    "Absence",
    "Account",
    "Activity",
    "Campaign",
    "Channel",
    "CompaniesApart",
    "CompanyDay",
    "Contract",
    "Customer",
    "Deal",
    "DepartmentSetting",
    "Event",
    "FreshStart",
    "HealthRecord",
    "IdempotencyKey",
    "ImportBatch",
    "ImportMapping",
    "ImportPiece",
    "ImportRow",
    "Invitation",
    "Lead",
    "Member",
    "Membership",
    "Note",
    "Organization",
    "PeopleApart",
    "Person",
    "Qualification",
    "Reason",
    "SavedView",
    "SpendEntry",
    "SurveyResponse",
    "TokenUse",
    "TrafficReading",
    "UsageReading",
    "Wording",
]
