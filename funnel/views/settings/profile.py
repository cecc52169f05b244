"""The overview of settings, and what everybody sets for himself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funnel.company import departments, members, profile
from funnel.forms.acts import ActForm
from funnel.forms.settings import OwnPasswordForm, ProfileForm
from funnel.models import Member
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, keeps_own, may_lead, reads
from funnel.views.settings.saving import save, show


@require_safe
@never_cache
@reads
def overview(request: PageRequest) -> HttpResponse:
    """What can be set, for whom; departments nobody is in are said at once."""
    entries = [("settings-profile", _("Profile"), _("Name, language, colours, password, shortcuts"))]
    empty = []
    if may_lead(request):
        today = request.now.astimezone(request.organization.tz).date()
        empty = departments.without_people(today)
        entries += [
            ("settings-members", _("Members"), _("Who works here, from when, in which department and role")),
            (
                "settings-departments",
                _("Departments"),
                _("Who covers a department without people of its own"),
            ),
        ]
    if request.user.is_administrator:
        entries += [
            ("settings-tokens", _("API tokens"), _("Programs that read and write")),
            ("settings-history", _("Changes"), _("Who changed which setting, and when")),
        ]
    found = [(reverse(name), title, text) for name, title, text in entries]
    if may_lead(request):
        found.append(
            (
                reverse("settings-reasons", args=["return"]),
                pgettext("settings", "Reasons"),
                _("What is offered when something is returned, lost or won"),
            )
        )
    return show(request, "funnel/settings/overview.html", "", {"entries": found, "empty_departments": empty})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@keeps_own
def own_profile(request: PageRequest) -> HttpResponse:
    """Show and change one's own profile."""
    if request.method != "POST":
        return _page(request, None, None)

    def verb(by: Actor, now: datetime, said: Mapping[str, Any]) -> None:
        profile.edit(
            request.user.pk, by, now=now, name=said["name"], name_kana=said["name_kana"],
            language=said["language"], theme=said["theme"], shortcuts_off=said["shortcuts"] == "off",
        )  # fmt: skip
        translation.activate(said["language"])

    form = ProfileForm(request.POST)
    return save(
        request,
        form,
        verb,
        back=reverse("settings-profile"),
        again=lambda refused: _page(request, refused, None),
    )


@require_POST
@never_cache
@keeps_own
@sensitive_post_parameters("current", "password", "again")
def own_password(request: PageRequest) -> HttpResponse:
    """Change one's own password; this browser stays signed in, the others are signed out."""
    member = Member.objects.get(pk=request.user.pk)
    form = OwnPasswordForm(request.POST, subject=member)
    answer = save(
        request,
        form,
        lambda by, now, said: members.set_password(member.pk, by, now=now, password=said["password"]),
        back=reverse("settings-profile"),
        again=lambda refused: _page(request, None, refused),
        done=_("Your password has been changed."),
    )
    if form.is_valid():
        update_session_auth_hash(request, Member.objects.get(pk=member.pk))
    return answer


def _page(request: PageRequest, form: ActForm | None, password: ActForm | None) -> HttpResponse:
    member = request.user
    initial = {
        "name": member.name,
        "name_kana": member.name_kana,
        "language": member.language,
        "theme": member.theme,
        "shortcuts": "off" if member.shortcuts_off else "on",
    }
    today = request.now.astimezone(request.organization.tz).date()
    context = {
        "form": form or ProfileForm(initial=initial),
        "password": password or OwnPasswordForm(subject=member),
        "memberships": members.of_today(member, today),
    }
    return show(request, "funnel/settings/profile.html", "profile", context)
