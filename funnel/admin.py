"""Look, don't touch: facts and settings are written by their own writers; only the currency is set here."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest
from knox.models import AuthToken

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


@admin.register(models.Organization)
class OrganizationAdmin(LookOnly):
    """The organisation. Its currency alone is set here; the rest has its pages under Settings."""

    list_display = ("name", "zone", "country", "currency", "fiscal_year_start")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in models.Organization._meta.fields if field.name != "currency"]

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        now = moment.now()
        by = Actor.of(cast(models.Member, request.user), "admin", now=now)
        setting_changed(
            by, now=now, what="organization.currency", old=form.initial["currency"], new=obj.currency
        )


@admin.register(models.DepartmentSetting)
class DepartmentSettingAdmin(LookOnly):
    """Which departments are staffed, and who covers the others."""

    list_display = ("department", "staffed", "covered_by")


@admin.register(models.CompanyDay)
class CompanyDayAdmin(LookOnly):
    """The company's own closed and open days."""

    list_display = ("day", "is_closed", "name")


@admin.register(models.Channel)
class ChannelAdmin(LookOnly):
    """Channels."""

    list_display = ("slug", "name", "is_web", "is_active", "created_by_import")
    list_filter = ("created_by_import",)


@admin.register(models.Reason)
class ReasonAdmin(LookOnly):
    """Reasons on offer."""

    list_display = ("act", "code", "label_en", "label_ja", "position", "is_active")
    list_filter = ("act",)


@admin.register(models.Member)
class MemberAdmin(LookOnly):
    """Members, as they sign in."""

    fields = (
        "username",
        "name",
        "name_kana",
        "email",
        "language",
        "is_active",
        "is_administrator",
        "is_viewer",
    )
    list_display = ("name", "username", "is_active", "is_administrator", "is_viewer", "is_service")
    list_filter = ("is_active", "is_administrator", "is_viewer", "is_service")
    search_fields = ("name", "username")
    ordering = ("name",)


# Rights are memberships, and tokens are issued under Settings: nobody makes either here.
admin.site.unregister((Group, AuthToken))
