"""Inviting: a box to paste into, an answer for every piece, and the page behind the link."""

from __future__ import annotations

from collections.abc import Sequence
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.mail import EmailMessage, get_connection
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from funnel import moment
from funnel.company import invitations
from funnel.company.invitations import Answer
from funnel.errors import Refused
from funnel.forms.acts import ActForm
from funnel.forms.settings import ComeInForm, InviteForm
from funnel.views.access import PageRequest, administers, public
from funnel.views.acting import REFUSALS, carry_out, refusal_of
from funnel.views.settings.saving import UNPROCESSABLE, save, show

NO_MAIL = ("django.core.mail.backends.console.EmailBackend", "django.core.mail.backends.dummy.EmailBackend")
MAIL_TIMEOUT = 10


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@administers
def invite(request: PageRequest) -> HttpResponse:
    """Show the box; or invite, and answer every line that was pasted. A link is shown once."""
    form = InviteForm(request.POST or None, initial={"language": get_language() or "ja"})
    answers: list[Answer] = []

    def verb(by: Any, now: Any, said: Any) -> None:
        answers.extend(
            invitations.invite(
                said["pasted"], by, now=now, departments=said["departments"], role=said["role"],
                language=said["language"],
            )
        )  # fmt: skip

    if not form.is_bound:
        return show(request, "funnel/settings/invite.html", "members", {"form": form})
    if not carry_out(request, form, verb):
        return show(request, "funnel/settings/invite.html", "members", {"form": form}, status=UNPROCESSABLE)
    if not answers:
        messages.info(request, _("This was already recorded."))
        return redirect("settings-members")
    mailed = _send(request, answers, form.cleaned_data["language"])
    context = {
        "rows": [(a, _link(request, a.token) if a.token and a.token not in mailed else "") for a in answers],
        "mailed": mailed,
        "mail_failed": sends_mail() and any(a.token and a.token not in mailed for a in answers),
        "invited": sum(a.outcome == "invited" for a in answers),
        "days": invitations.LASTS.days,
    }
    return show(request, "funnel/settings/invited.html", "members", context)


@require_POST
@never_cache
@administers
def take_back(request: PageRequest, invitation_id: int) -> HttpResponse:
    """Close an open invitation."""
    form = ActForm(request.POST)
    return save(
        request,
        form,
        lambda by, now, said: invitations.take_back(invitation_id, by, now=now),
        back=reverse("settings-members"),
        again=lambda refused: _refused(request, refused),
        done=_("The invitation has been taken back."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password", "again")
@public
def come_in(request: PageRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link: name and password, and in."""
    try:
        invitation = invitations.behind(token, now=request.now)
    except Refused as gone:
        return _closed(request, gone)
    form = ComeInForm(request.POST or None, subject=invitation)
    if form.is_valid():
        try:
            member = invitations.accept(
                token,
                now=moment.now(),
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password"],
            )
        except REFUSALS as error:
            return _closed(request, refusal_of(error))
        login(request, member, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("/")
    context = {"form": form, "invitation": invitation, "organization": request.organization}
    return render(request, "funnel/come_in.html", context, status=UNPROCESSABLE if form.is_bound else 200)


def sends_mail() -> bool:
    """True when the installation has a mail server."""
    return settings.EMAIL_BACKEND not in NO_MAIL


def _closed(request: PageRequest, gone: Refused) -> HttpResponse:
    return render(request, "funnel/come_in.html", {"refusal": gone.say(get_language())}, status=410)


def _refused(request: PageRequest, form: ActForm) -> HttpResponse:
    for error in form.non_field_errors():
        messages.error(request, str(error))
    return redirect("settings-members")


def _link(request: PageRequest, token: str) -> str:
    return request.build_absolute_uri(reverse("come-in", args=[token]))


def _send(request: PageRequest, answers: Sequence[Answer], language: str) -> set[str]:
    """Mail the links; return the tokens that were taken by the server. Those that were not are shown instead."""
    taken: set[str] = set()
    if not sends_mail():
        return taken
    wire = get_connection(timeout=MAIL_TIMEOUT)
    try:
        wire.open()
        for answer in answers:
            if answer.token:
                wire.send_messages([_letter(request, answer, language)])
                taken.add(answer.token)
    except (OSError, SMTPException):
        return taken
    finally:
        wire.close()
    return taken


def _letter(request: PageRequest, answer: Answer, language: str) -> EmailMessage:
    with translation.override(language):
        context = {
            "name": answer.pasted.name,
            "by": request.user.name,
            "company": request.organization.name,
            "link": _link(request, answer.token),
            "days": invitations.LASTS.days,
        }
        subject = " ".join(render_to_string("funnel/email/invitation_subject.txt", context).split())
        body = render_to_string("funnel/email/invitation.txt", context)
    return EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [answer.pasted.email])
