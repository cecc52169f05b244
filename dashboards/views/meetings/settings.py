"""Settings of meetings: when each kind is held, what it goes through, who takes part, and every version so far."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dashboards import meetings
from dashboards.deck import KIND_HELP, KIND_WORDS
from dashboards.models import MeetingTerms
from dashboards.views.meetings import terms_said
from dashboards.views.meetings.terms_form import MeetingTermsForm
from funnel.forms import ActForm
from funnel.views.access import PageRequest, administers, leads_only
from funnel.views.settings.saving import save, show


@require_safe
@never_cache
@leads_only
def kinds(request: PageRequest) -> HttpResponse:
    """Every kind of meeting: what is agreed, a form to agree anew, and every version so far."""
    return _kinds(request, {})


@require_POST
@never_cache
@administers
def agree(request: PageRequest, kind: str) -> HttpResponse:
    """Agree anew on a kind of meeting."""
    if kind not in KIND_WORDS:
        raise Http404
    form = MeetingTermsForm(request.POST, prefix=kind, subject=meetings.of_kind(kind))
    return save(
        request,
        form,
        lambda by, now, said: meetings.agree(kind, said["agreed"], by, now=now, version=said["version"]),
        back=reverse("settings-meetings") + f"#{kind}",
        again=lambda refused: _kinds(request, {kind: refused}),
    )


def _kinds(request: PageRequest, bound: dict[str, ActForm]) -> HttpResponse:
    rows = [_row(request, versions, bound.get(kind)) for kind, versions in meetings.history().items()]
    return show(request, "dashboards/settings/meetings.html", "meetings", {"rows": rows})


def _row(request: PageRequest, versions: list[MeetingTerms], bound: ActForm | None) -> dict[str, Any]:
    terms = versions[0]
    form = bound or (
        MeetingTermsForm(prefix=terms.kind, subject=terms) if request.user.is_administrator else None
    )
    coming = meetings.upcoming(terms, request.organization, request.now)
    return {
        "kind": terms.kind,
        "words": KIND_WORDS[terms.kind],
        "help": KIND_HELP[terms.kind],
        "terms": terms,
        "form": form,
        "is_open": bound is not None,
        "following": coming[0] if coming else None,
        **_told(terms),
        "versions": [(each, _told(each)) for each in versions],
    }


def _told(terms: MeetingTerms) -> dict[str, str]:
    return {
        "held": terms_said.held(terms),
        "goes_through": terms_said.slides(terms.slides),
        "taking_part": terms_said.taking_part(terms),
    }
