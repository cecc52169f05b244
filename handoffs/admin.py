"""Look, don't touch: promises are written by `handoffs.promises` alone, notices by `handoffs.notices`."""

from django.contrib import admin

from funnel.admin import LookOnly
from handoffs.models import CustomerSheet, Delivery, Handoff, LaneTerms, Notice, Outlet, SweepRun


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
    """The outbox: what was told."""

    list_display = ("key", "department", "member", "created_at", "spread_at")
    list_filter = ("kind", "department", ("spread_at", admin.EmptyFieldListFilter))
    list_select_related = ("member",)


@admin.register(Delivery)
class DeliveryAdmin(LookOnly):
    """How each notice reached each recipient: what is waiting, what was given up."""

    list_display = ("notice", "way", "member", "outlet", "attempts", "delivered_at", "given_up_at", "failure")
    list_filter = ("way", "kind", ("given_up_at", admin.EmptyFieldListFilter))
    list_select_related = ("notice", "member", "outlet")


@admin.register(Outlet)
class OutletAdmin(LookOnly):
    """The ways out, and whether they work; never their addresses."""

    list_display = ("way", "department", "is_active", "failing_since", "failure", "worked_at")
    exclude = ("url",)


@admin.register(SweepRun)
class SweepRunAdmin(LookOnly):
    """When the last sweep ran."""

    list_display = ("ran_at", "marked", "worst_lag_seconds")
