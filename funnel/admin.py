"""Look, don't touch: facts are read-only here; only settings that no ledger keeps can be edited."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from funnel import models, moment
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import setting_changed


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

    list_display = ("id", "kind", "filename", "status", "total", "created", "updated", "rejected")
    list_filter = ("kind", "status")


class Settled(admin.ModelAdmin):
    """Settings an administrator edits; every change is an event, and rows in use are not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self.record(request, obj, sorted(form.changed_data))

    @transaction.atomic
    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects:
            self.record(request, row, ["added"])
        for row, fields in formset.changed_objects:
            self.record(request, row, sorted(fields))

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.record(request, obj, ["deleted"])
        super().delete_model(request, obj)

    def record(self, request: HttpRequest, obj: Any, fields: list[str]) -> None:
        """Write the change into the ledger: which row, which fields; values stay in the row."""
        now = moment.now()
        setting_changed(
            Actor.of(cast(models.Member, request.user), "admin", now=now),
            now=now,
            what=f"{obj._meta.model_name}.{obj.pk}",
            old=None,
            new=fields,
        )


@admin.register(models.Organization)
class OrganizationAdmin(Settled):
    """The organisation: name, zone, country, fiscal year."""

    list_display = ("name", "zone", "country", "currency", "fiscal_year_start")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(models.DepartmentSetting)
class DepartmentSettingAdmin(Settled):
    """Which departments are staffed, and who covers the others."""

    list_display = ("department", "staffed", "covered_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(models.CompanyDay)
class CompanyDayAdmin(Settled):
    """The company's own closed and open days."""

    list_display = ("day", "is_closed", "name")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


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


class MembershipInline(admin.TabularInline):
    """The departments of a member, from a day to a day."""

    model = models.Membership
    extra = 0
    can_delete = False


@admin.register(models.Member)
class MemberAdmin(Settled, UserAdmin):
    """Members: sign-in, language, role, and the departments they belong to."""

    inlines = (MembershipInline,)
    list_display = ("name", "username", "is_active", "is_administrator", "is_viewer", "is_service")
    list_filter = ("is_active", "is_administrator", "is_viewer", "is_service")
    search_fields = ("name", "username")
    ordering = ("name",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "name", "name_kana", "email", "language")}),
        (None, {"fields": ("is_active", "is_administrator", "is_viewer")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    "usable_password",
                    "password1",
                    "password2",
                    "name",
                    "email",
                    "language",
                )
            },
        ),
    )
