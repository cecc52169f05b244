"""Who may open a page: every view declares one of these permissions, and a test enumerates all addresses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, NamedTuple

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from funnel.models import Member, Membership, Organization
from funnel.moment import RevopsNow
from funnel.stages import ACTS

View = Callable[..., HttpResponse]


class Permission(NamedTuple):
    """What a view asks: a kind, named like its decorator, and for `writes` the act of `ACTS`."""

    kind: str
    act: str = ""


class PageRequest(HttpRequest):
    """A request that passed one of the decorators below: who asks, of which organisation, and when."""

    user: Member
    organization: Organization
    now: datetime
    htmx: Any


def public(view: View) -> View:
    """Anybody, signed in or not."""
    return _declared(Permission("public"), view)


def reads(view: View) -> View:
    """Everybody signed in: what the company knows of a customer is one picture."""
    return _declared(Permission("reads"), view)


def writes(act: str) -> Callable[[View], View]:
    """Members of the departments that `ACTS[act]` names; the verb itself refuses others with its sentence."""
    if act not in ACTS:
        raise ValueError(f"not an act: {act}")
    return lambda view: _declared(Permission("writes", act), view)


def receives(view: View) -> View:
    """Members of the department that a handoff was handed to; the verb refuses others with its sentence."""
    return _declared(Permission("receives"), view)


def leads_only(view: View) -> View:
    """Leads of a department, and administrators."""
    return _declared(Permission("leads_only"), view)


def administers(view: View) -> View:
    """Administrators."""
    return _declared(Permission("administers"), view)


def _declared(permission: Permission, view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if permission.kind != "public" and not request.user.is_authenticated:
            return _to_sign_in(request)
        organization = Organization.objects.annotate(now=RevopsNow()).get(pk=1)
        page: Any = request
        page.organization, page.now = organization, organization.now
        if not _allows(permission, page):
            raise PermissionDenied
        with timezone.override(organization.tz):
            return view(page, *args, **kwargs)

    guarded.permission = permission  # type: ignore[attr-defined]
    return guarded


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    there = redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
    # A fragment must not show the sign-in page inside a row.
    return HttpResponseClientRedirect(there["Location"]) if request.headers.get("HX-Request") else there


def _allows(permission: Permission, request: PageRequest) -> bool:
    if permission.kind == "administers":
        return request.user.is_administrator
    if permission.kind == "leads_only":
        return may_lead(request)
    return True


def may_lead(request: PageRequest) -> bool:
    """Say whether pages of `leads_only` are open to him: leads of a department, and administrators."""
    if request.user.is_administrator:
        return True
    today = request.now.astimezone(request.organization.tz).date()
    current = Membership.objects.filter(member=request.user, role=Membership.Role.LEAD, valid_from__lte=today)
    return current.exclude(valid_to__lte=today).exists()
