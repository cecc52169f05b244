"""API tokens: made, shown once, revoked; and what was changed in settings, by whom and when."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel.company import tokens
from funnel.company.changing import changes
from funnel.forms.acts import ActForm
from funnel.forms.company import RevokeForm, TokenForm
from funnel.views.access import PageRequest, administers
from funnel.views.acting import carry_out
from funnel.views.keyset import Order, page
from funnel.views.settings.saving import UNPROCESSABLE, save, show
from funnel.views.settings.telling import told


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@administers
def token_list(request: PageRequest) -> HttpResponse:
    """Every token; or make one, and show it this once."""
    form = TokenForm(request.POST or None)
    if not form.is_bound:
        return _page(request, form)
    made: list[str] = []
    if not carry_out(
        request,
        form,
        lambda by, now, said: made.append(tokens.issue(said["name"], said["scope"], by, now=now)),
    ):
        response = _page(request, form)
        response.status_code = UNPROCESSABLE
        return response
    if not made:
        messages.info(request, _("This was already recorded."))
        return redirect("settings-tokens")
    return _page(request, TokenForm(), made[0])


@require_POST
@never_cache
@administers
def revoke(request: PageRequest) -> HttpResponse:
    """Close a token."""
    form = RevokeForm(request.POST)
    return save(
        request,
        form,
        lambda by, now, said: tokens.revoke(said["key"], by, now=now),
        back=reverse("settings-tokens"),
        again=lambda refused: _page(request, TokenForm()),
        done=_("The token is closed."),
    )


@require_safe
@never_cache
@administers
def history(request: PageRequest) -> HttpResponse:
    """Every change of settings in the ledger, the latest first."""
    found = page(request, changes().select_related("actor"), Order())
    today = request.now.astimezone(request.organization.tz).date()
    context = {"page": found, "rows": told(found.rows, today=today)}
    return show(request, "funnel/settings/history.html", "history", context)


def _page(request: PageRequest, form: ActForm, made: str = "") -> HttpResponse:
    rows = [(row, RevokeForm(initial={"key": row.key}, auto_id=False)) for row in tokens.listed()]
    context = {"form": form, "rows": rows, "made": made}
    return show(request, "funnel/settings/tokens.html", "tokens", context)
