"""Look, don't touch: facts are read-only here; only settings that no ledger keeps can be edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from funnel import models


class LookOnly(admin.ModelAdmin):
    """A list and a page to read; adding, changing and deleting go through the writers."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.Event)
class EventAdmin(LookOnly):
    """The ledger."""

    list_display = ("id", "kind", "occurred_at", "recorded_at", "department", "source", "binding", "inferred")
    list_filter = ("kind", "department", "binding")
    raw_id_fields = ("lead", "deal", "contract", "customer", "actor", "note", "corrects")


@admin.register(models.Lead)
class LeadAdmin(LookOnly):
    """Leads with where they stand."""

    list_display = ("id", "stage", "outcome", "pass_no", "lead_at", "mql_at", "sql_at", "won_at")
    list_filter = ("stage", "outcome")


@admin.register(models.Deal)
class DealAdmin(LookOnly):
    """Deals."""

    list_display = ("id", "name", "state", "step", "amount", "currency", "closed_at")
    list_filter = ("state", "step", "kind")


@admin.register(models.Customer)
class CustomerAdmin(LookOnly):
    """Customers."""

    list_display = ("id", "phase", "since", "onboarded_at")
    list_filter = ("phase",)


@admin.register(models.ImportBatch)
class ImportBatchAdmin(LookOnly):
    """Files read into the ledger."""

    list_display = ("id", "kind", "filename", "status", "total", "created", "updated", "unchanged", "rejected")
    list_filter = ("kind", "status")


class Settled(admin.ModelAdmin):
    """Settings an administrator edits; rows in use are not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.CompanyDay)
class CompanyDayAdmin(admin.ModelAdmin):
    """The company's own closed and open days."""

    list_display = ("day", "is_closed", "name")


@admin.register(models.Channel)
class ChannelAdmin(Settled):
    """Channels."""

    list_display = ("slug", "name", "is_web", "created_by_import")
    list_filter = ("created_by_import",)


@admin.register(models.Reason)
class ReasonAdmin(Settled):
    """Reasons on offer."""

    list_display = ("act", "code", "label_en", "label_ja", "position", "is_active")
    list_filter = ("act",)
