"""One shape for every page of settings: where it stands, and a form that is saved or says why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from funnel.forms import ActForm
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest
from funnel.views.acting import carry_out

Verb = Callable[[Actor, datetime, Mapping[str, Any]], object]
UNPROCESSABLE = 422


def show(
    request: PageRequest, template: str, section: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of settings, with its own navigation."""
    known = {
        "section": section,
        "may_administer": request.user.is_administrator,
        "organization": request.organization,
    }
    return render(request, template, {**known, **context}, status=status)


def save(
    request: PageRequest,
    form: ActForm,
    verb: Verb,
    *,
    back: str,
    again: Callable[[ActForm], HttpResponse],
    done: str | None = None,
) -> HttpResponse:
    """Carry out `verb` and go back with a word; else show the page again with what was typed and why not."""
    if carry_out(request, form, verb):
        messages.success(request, done or _("Saved"))
        return redirect(back)
    response = again(form)
    response.status_code = UNPROCESSABLE
    return response


def stamp_of(request: PageRequest) -> str | None:
    """What the person was shown when the form was opened."""
    return request.POST.get("stamp") or None
