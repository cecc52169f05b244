"""Who may open a page: every view declares one of these permissions, and a test enumerates all addresses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, NamedTuple

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, reswap

from funnel.errors import NotYours
from funnel.models import Member, Membership, Organization
from funnel.moment import RevopsNow
from funnel.stages import ACTS
from funnel.transitions.acting import Actor

View = Callable[..., HttpResponse]
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Permission(NamedTuple):
    """What a view asks: a kind, named like its decorator; for `writes` the act of `ACTS`, and whom its form is shown."""

    kind: str
    act: str = ""
    form_too: bool = False


class PageRequest(HttpRequest):
    """A request that passed one of the decorators below: who asks, of which organisation, and when."""

    user: Member
    organization: Organization
    now: datetime
    may_lead: object
    htmx: Any


def public(view: View) -> View:
    """Anybody, signed in or not."""
    return _declared(Permission("public"), view)


def reads(view: View) -> View:
    """Everybody signed in: what the company knows of a customer is one picture. Such a page changes nothing."""
    return _declared(Permission("reads"), view)


def keeps_own(view: View) -> View:
    """Everybody signed in, viewers too: what is changed is only his own, such as his settings or what he has read."""
    return _declared(Permission("keeps_own"), view)


def writes(act: str, *, form_too: bool = False) -> Callable[[View], View]:
    """Members of the departments that `ACTS[act]` names; others signed in may look at the page, unless `form_too`."""
    if act not in ACTS:
        raise ValueError(f"not an act: {act}")
    return lambda view: _declared(Permission("writes", act, form_too), view)


def receives(view: View) -> View:
    """Members of any department; the verb refuses whom the handoff was not handed to."""
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
        page.may_lead = SimpleLazyObject(lambda: may_lead(page))
        if not _allows(permission, page):
            raise PermissionDenied
        refusal = _refusal(permission, page)
        if refusal is not None:
            return _say(refusal, page)
        with timezone.override(organization.tz):
            return view(page, *args, **kwargs)

    guarded.permission = permission  # type: ignore[attr-defined]
    return guarded


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return redirect_to_login(request.get_full_path() if request.method == "GET" else _page_of(request))
    # A fragment must not show the sign-in page inside a row, nor be a page by itself afterwards.
    page: Any = request
    there = redirect_to_login(page.htmx.current_url_abs_path or _page_of(request))
    return HttpResponseClientRedirect(there["Location"])


def _page_of(request: HttpRequest) -> str:
    """The page a form was sent from, where what was typed still waits; only one of this site."""
    page = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if ours else "/"


def _allows(permission: Permission, request: PageRequest) -> bool:
    if permission.kind == "administers":
        return request.user.is_administrator
    if permission.kind == "leads_only":
        return may_lead(request)
    return True


def _refusal(permission: Permission, request: PageRequest) -> NotYours | None:
    """Why he may not write here, asked before his input is looked at; None if he may, or only looks."""
    looks = request.method in SAFE_METHODS and not permission.form_too
    if permission.kind not in ("writes", "receives") or looks:
        return None
    by = Actor.of(request.user, "html", now=request.now, zone=request.organization.tz)
    if permission.kind == "receives":
        return None if by.may_write else NotYours("read_only")
    try:
        by.department_for(permission.act)
    except NotYours as refusal:
        return refusal
    return None


def _say(refusal: NotYours, request: PageRequest) -> HttpResponse:
    sentence = refusal.say(translation.get_language())
    if not request.headers.get("HX-Request"):
        raise PermissionDenied(sentence)
    # A row on the page stays as it is; the sentence is put into it.
    answer = render(request, "components/refusal.html", {"sentence": sentence}, status=refusal.status)
    return reswap(answer, "afterbegin")


def may_lead(request: PageRequest) -> bool:
    """Say whether pages of `leads_only` are open to him: leads of a department, and administrators."""
    if request.user.is_administrator:
        return True
    today = request.now.astimezone(request.organization.tz).date()
    current = Membership.objects.filter(member=request.user, role=Membership.Role.LEAD, valid_from__lte=today)
    return current.exclude(valid_to__lte=today).exists()
