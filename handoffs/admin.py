"""Look, don't touch: promises are written by `handoffs.promises` alone, notices by `handoffs.notices`."""

from django.contrib import admin

from funnel.admin import LookOnly
from handoffs.models import CustomerSheet, Handoff, LaneTerms, Notice, SweepRun


@admin.register(Handoff)
class HandoffAdmin(LookOnly):
    """Every round of every boundary."""

    list_display = (
        "id",
        "boundary",
        "round",
        "done_by_department",
        "owner",
        "decision",
        "due_at",
        "kept_at",
        "missed_at",
    )
    list_filter = ("boundary", "decision", "done_by_department", "is_self")
    list_select_related = ("owner",)
    date_hierarchy = "opened_at"


@admin.register(LaneTerms)
class LaneTermsAdmin(LookOnly):
    """What was agreed, version by version."""

    list_display = ("boundary", "version", "target", "unit", "threshold", "since", "by")
    list_filter = ("boundary",)
    list_select_related = ("by",)


@admin.register(CustomerSheet)
class CustomerSheetAdmin(LookOnly):
    """What was passed over with a deal, and how complete it was."""

    list_display = ("id", "deal", "score", "submitted_at", "submitted_by")
    list_select_related = ("deal", "submitted_by")


@admin.register(Notice)
class NoticeAdmin(LookOnly):
    """The outbox: what was told, what is waiting, what was given up."""

    list_display = ("key", "department", "member", "attempts", "delivered_at", "given_up_at", "failure")
    list_filter = ("kind", "department", ("given_up_at", admin.EmptyFieldListFilter))
    list_select_related = ("member",)


@admin.register(SweepRun)
class SweepRunAdmin(LookOnly):
    """When the last sweep ran."""

    list_display = ("ran_at", "marked", "worst_lag_seconds")
