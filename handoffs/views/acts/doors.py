"""Every act of the queue and the record: an address, a form, one verb. Works with and without scripts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from funnel import moment
from funnel.forms import ActForm, LogForm
from funnel.models import Contract, Customer, Deal, Event, Lead
from funnel.stages import DEPARTMENT_WORDS, EVENT_WORDS
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, View, receives, writes
from funnel.views.acting import REFUSALS, refusal_of
from funnel.views.once import first_time
from handoffs import desk, offers
from handoffs.models import Handoff
from handoffs.views import clocks
from handoffs.views.acts.answers import Outcome, after, show
from handoffs.views.acts.prefilling import prefill
from handoffs.views.acts.table import ACTS, Cleaned, PageAct
from handoffs.views.rows import LABELS, lead_of

MODELS: dict[str, Any] = {
    "lead": Lead,
    "deal": Deal,
    "handoff": Handoff,
    "customer": Customer,
    "contract": Contract,
    "event": Event,
}


def view_of(subject: str, slug: str) -> View:
    """The view of one act, with the permission it declares."""
    permission = receives if slug in offers.DECISIONS else writes(offers.ACT_OF_SLUG[slug])

    def view(request: PageRequest, pk: int) -> HttpResponse:
        return _act(request, ACTS[subject, slug], f"{subject}-{slug}", _subject(subject, pk))

    view.__name__ = f"{subject}_{slug}"
    return require_http_methods(["GET", "HEAD", "POST"])(never_cache(permission(view)))


def _subject(subject: str, pk: int) -> Any:
    related = {
        "lead": ("person", "account"),
        "deal": ("account", "lead__person", "lead__account"),
        "handoff": ("lead__person", "lead__account", "customer__account", "customer__origin_lead"),
        "customer": ("account", "origin_lead__person"),
        "contract": ("customer__account", "customer__origin_lead__person"),
        "event": ("lead__person", "lead__account", "customer__account"),
    }
    found = MODELS[subject].objects.select_related(*related[subject]).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _act(request: PageRequest, act: PageAct, name: str, record: Any) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = act.form(
        data,
        subject=record,
        organization=request.organization,
        now=request.now,
        auto_id=f"{name}-{record.pk}-%s",
    )
    form.title = form.title or LABELS[name.partition("-")[2], ""]
    form.submit = form.submit or form.title
    prefill(form, record)
    if not form.is_bound:
        return show(request, form, record)
    if not form.is_valid():
        return show(request, form, record, status=422)
    try:
        outcome = _perform(request, act, name, record, form.cleaned_data)
    except REFUSALS as error:
        refusal = refusal_of(error)
        form.refuse(refusal)
        if refusal.status == HTTPStatus.CONFLICT:
            _say_who(request, form, record)
        return show(request, form, record, status=refusal.status)
    return after(request, outcome, record)


def _say_who(request: PageRequest, form: ActForm, record: Any) -> None:
    """Add who was there before, and when: the latest thing that somebody recorded about the same lead."""
    lead = lead_of(record)
    latest = (
        Event.objects.filter(lead=lead, actor__isnull=False).order_by("-id") if lead else Event.objects.none()
    )
    first = latest.select_related("actor").first()
    if first is None:
        return
    said = {
        "name": str(first.actor),
        "what": EVENT_WORDS[first.kind].say(get_language()),
        "at": clocks.when(first.recorded_at, request),
    }
    form.add_error(None, gettext("%(name)s recorded “%(what)s” on %(at)s.") % said)


def _perform(request: PageRequest, act: PageAct, name: str, record: Any, said: Cleaned) -> Outcome:
    """Do the act in one transaction, once for each form shown; say what was done, and what came of it."""
    with transaction.atomic():
        now = moment.now()
        by = Actor.of(request.user, "html", now=now, acting=_hat(request, record))
        if not first_time(request.user, f"{name}:{said['once']}"):
            return Outcome(str(_("This was already recorded.")), None, now, False)
        result = act.perform(by, now, record.pk, said)
    if "what" in said:
        labels = dict(LogForm.base_fields["what"].choices)  # type: ignore[attr-defined]
        return Outcome(gettext("Recorded: %(what)s") % {"what": labels[said["what"]]}, result, now, True)
    return Outcome(str(act.done), result, now, True)


def _hat(request: PageRequest, record: Any) -> str:
    """The department acted for: the one chosen on the page, else the one the row lies with."""
    chosen = request.POST.get("acting", "")
    return chosen if chosen in DEPARTMENT_WORDS else str(offers.department_of(desk.Item("", record)))
