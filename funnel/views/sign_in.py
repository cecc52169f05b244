"""Signing in by e-mail and password, bounded per address and per e-mail."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from redis import RedisError
from rest_framework.throttling import SimpleRateThrottle

from funnel.views.access import public


class SignInForm(AuthenticationForm):
    """E-mail and password; says the same whether the e-mail is unknown or the password wrong."""

    error_messages = {
        "invalid_login": _("This e-mail and password do not match. Check both, and upper and lower case."),
        "inactive": _("This account is closed. Ask an administrator."),
    }
    username = forms.CharField(
        label=_("E-mail"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "inputmode": "email", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class _Attempts(SimpleRateThrottle):
    """Counts failed attempts by address and by e-mail: neither one guesser nor many may try one account for long.

    An attempt counts while it is made and is taken back when it succeeds: an office behind one address that signs in
    at nine locks nobody out.
    """

    scope = "sign-in"

    def __init__(self, key: str) -> None:
        super().__init__()
        self.counted = key

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return f"sign-in:{self.counted}"

    def take_back(self) -> None:
        """Forget the attempt counted last by this object."""
        self.history.remove(self.now)
        self.cache.set(self.key, self.history, self.parse_rate(self.rate)[1])


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@public
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form, or sign in and go where the person wanted to."""
    there = _wanted(request)
    counted = _count(request) if request.method == "POST" else ()
    if counted is None:
        typed = {"username": request.POST.get("username", "")[:150]}
        context = {"form": SignInForm(request, initial=typed), "next": there, "too_often": True}
        return render(request, "sign_in.html", context, status=429)
    form = SignInForm(request, request.POST if request.method == "POST" else None)
    if form.is_valid():
        login(request, form.get_user())
        for attempts in counted:
            attempts.take_back()
        return redirect(there)
    return render(
        request, "sign_in.html", {"form": form, "next": there}, status=422 if form.is_bound else 200
    )


@never_cache
@public
def admin_door(request: HttpRequest) -> HttpResponse:
    """The administration has no sign-in of its own: one form, one bound on attempts."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(_wanted(request))


def _wanted(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else resolve_url(settings.LOGIN_REDIRECT_URL)


def _count(request: HttpRequest) -> Sequence[_Attempts] | None:
    """Count the attempt at both counters and return them; None where one of them has had enough."""
    email = request.POST.get("username", "").strip().casefold()[:150]
    address = SimpleRateThrottle.get_ident(_Attempts(""), request)  # type: ignore[arg-type]
    counters = (_Attempts(address), _Attempts(email))
    try:
        allowed = [each.allow_request(request, None) for each in counters]  # type: ignore[arg-type]
    except RedisError:
        return ()  # Without Redis nobody is counted; locking everybody out would be worse.
    return counters if all(allowed) else None
