"""The page that leaves the demo behind, and how far that is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from kombu.exceptions import OperationalError as BrokerDown

from funnel import normalise
from funnel.errors import Refused
from funnel.forms import LineField
from funnel.forms.settings import PasswordForm
from funnel.models import FreshStart, Member
from funnel.views.access import PageRequest, administers
from funnel.views.settings.saving import UNPROCESSABLE, show
from revops.own_data import building
from revops.tasks import start_own_data

CONFIRMED = gettext_lazy("start with our own data")


class OwnDataForm(PasswordForm):
    """Whose company it is, who administers it, and the word that says it is meant."""

    submit = gettext_lazy("End the demo and start")
    field_order = ("once", "company", "name", "email", "password", "again", "confirmed")
    company = LineField(label=gettext_lazy("Company name"), max_length=200)
    name = LineField(label=gettext_lazy("Your name"), max_length=150)
    email = LineField(
        label=gettext_lazy("Your e-mail, to sign in with"),
        max_length=150,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "username"}),
    )
    confirmed = LineField(label=gettext_lazy("To confirm, type"), max_length=100)

    def prepare(self) -> None:
        label = _("To confirm, type “%(word)s”") % {"word": CONFIRMED}
        self.fields["confirmed"].label = label
        self.fields["confirmed"].widget.attrs["autocomplete"] = "off"

    def whose(self) -> Member | None:
        """Somebody of this name and address, who is not there yet."""
        said = self.cleaned_data
        return Member(username=said.get("email", ""), name=said.get("name", ""))

    def clean_email(self) -> str:
        """An address that is one."""
        try:
            return normalise.email(self.cleaned_data["email"]) or ""
        except Refused as refusal:
            raise ValidationError(refusal.say(get_language())) from refusal

    def clean_confirmed(self) -> str:
        """The words themselves; nothing like them."""
        if self.cleaned_data["confirmed"].casefold() != str(CONFIRMED).casefold():
            raise ValidationError(_("Type exactly “%(word)s”.") % {"word": CONFIRMED})
        return str(CONFIRMED)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@administers
@sensitive_post_parameters("password", "again")
def own_data(request: PageRequest) -> HttpResponse:
    """What will happen, and the form that makes it happen; while it happens, how far it is."""
    if not request.organization.is_demo:
        return show(request, "revops/own_data.html", "own-data", {"is_own": True})
    form = OwnDataForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            with transaction.atomic():
                building.ask(
                    request.user, company=said["company"], email=said["email"], name=said["name"],
                    language=request.user.language, password=make_password(said["password"]),
                )  # fmt: skip
                transaction.on_commit(_hint)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("own-data")
    context: dict[str, Any] = {"form": form, **_state()}
    status = UNPROCESSABLE if form.is_bound else 200
    return show(request, "revops/own_data.html", "own-data", context, status=status)


@require_safe
@never_cache
@administers
def own_data_progress(request: PageRequest) -> HttpResponse:
    """How far it is. Once it is done the page asks nobody any more: everybody is signed out."""
    return render(request, "revops/_own_data_progress.html", _state())


def _hint() -> None:
    try:
        start_own_data.delay()
    except BrokerDown:
        return  # Beat asks every minute whether there is something to do.


def _state() -> dict[str, Any]:
    asked = FreshStart.objects.filter(pk=1).first()
    far = building.progress()
    waits = asked is not None and asked.standing == FreshStart.Standing.ASKED
    stopped = asked is not None and asked.standing == FreshStart.Standing.BUILDING and not far.is_running
    return {
        "asked": asked,
        "progress": far,
        "is_underway": waits or far.is_running,
        "failure": asked.failure if asked is not None else "",
        "was_interrupted": stopped,
    }
