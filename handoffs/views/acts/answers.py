"""What an act is answered with: its form again with what is wrong, the row as it now stands, or the page before."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import BadRequest
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from funnel import moment
from funnel.forms import ActForm
from funnel.forms.acts.contacts import time_chips
from funnel.models import Activity, Event, Lead
from funnel.stages import Outcome as LeadOutcome
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest
from funnel.views.undoing import say_done, undo_url
from handoffs import desk
from handoffs.models import Handoff
from handoffs.views.queue import desk_of, tab_of, tabs_context
from handoffs.views.rows import account_of, lead_of, rows_of
from handoffs.views.strips import unfold


class Outcome(NamedTuple):
    """What was done, what came of it, and when it was recorded; `first` is false for a repeat."""

    done: str
    result: object
    at: datetime
    first: bool


def after(request: PageRequest, outcome: Outcome, record: Any) -> HttpResponse:
    account = account_of(record, lead_of(record))
    if request.htmx and request.POST.get("row"):
        toast: dict[str, Any] = {
            "done": outcome.done,
            "company": account.name if account else "",
            "undo_url": _undo_url(request, outcome, record),
            "note_url": "",
            "department": request.POST.get("acting", ""),
            "late": _kept_late(outcome, record),
        }
        if isinstance(outcome.result, Activity):
            toast["note_url"] = reverse("activity-note", args=[outcome.result.pk])
            toast["times"] = time_chips(outcome.result.lead, outcome.at, request.organization)
        return _row(request, outcome=outcome, toast=toast)
    said = f"{outcome.done} – {account.name}" if account else outcome.done
    say_done(request, said, _undo_url(request, outcome, record), back_of(request))
    return redirect(back_of(request))


def _kept_late(outcome: Outcome, record: Any) -> int | None:
    """The handoff that the act just done keeps too late: why is best asked while it is remembered."""
    lead = lead_of(record)
    if not outcome.first or lead is None:
        return None
    late = Handoff.objects.filter(lead=lead, kept_recorded_at=outcome.at, missed_at__isnull=False)
    return late.values_list("pk", flat=True).first()


def _undo_url(request: PageRequest, outcome: Outcome, record: Any) -> str:
    """Where the act just done is taken back, if it can be by a correction."""
    if not outcome.first or isinstance(record, Event):
        return ""
    return undo_url(request.user, outcome.at)


def show(request: PageRequest, form: ActForm, record: Any, status: int = 200) -> HttpResponse:
    """The form: inside its row when a script asked for it, else on a page of its own."""
    if request.htmx and request.method == "POST" and request.POST.get("row"):
        return _row(request, form=form, status=status)
    lead = lead_of(record)
    context = {
        "form": form,
        "record": record,
        "lead": lead,
        "account": account_of(record, lead),
        "back": back_of(request),
        "url": request.path,
        "row": request.GET.get("row", "") if request.htmx else "",
        "tab": request.GET.get("tab", ""),
        "row_department": request.GET.get("acting", ""),
    }
    template = "handoffs/_act_form.html" if request.htmx else "handoffs/act.html"
    return render(request, template, context, status=status)


def _row(
    request: PageRequest,
    *,
    form: ActForm | None = None,
    outcome: Outcome | None = None,
    toast: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The row as it now stands, with what was done or why not; the tabs' counts beside it."""
    stood = request.POST["row"]
    tab = tab_of(request.POST)
    item = _item(stood, outcome, tab)
    by = Actor.of(request.user, "html", now=moment.now(), zone=request.organization.tz)
    (row,) = rows_of(request, [item], tab, by)
    unfold(request, row, item, tab, form)
    row.done = outcome.done if outcome else ""
    if form is not None and row.strip.form is not form:
        row.form, row.form_url = form, request.path
    context = {
        "row": row, "tab": tab, "swap": True, "may_write": by.may_write, "back": back_of(request), "toast": toast,
        "oob": request.POST.get("oob") and ("true" if row.dom == stood else f"outerHTML:#row-{stood}"),
    }  # fmt: skip
    if outcome:
        asked = QueryDict(urlsplit(back_of(request)).query)
        context |= tabs_context(desk_of(asked, by, request), tab, request)
    return render(request, "handoffs/_row_answer.html", context, status=status)


def _item(name: str, outcome: Outcome | None, tab: str) -> desk.Item:
    """The row that a form stood in.

    A lead that was woken up stands there instead of the pass that slept; that pass again when the waking is undone.
    """
    result = outcome.result if outcome is not None else None
    if isinstance(result, Lead) and name.startswith(("wake-", "nurture-")):
        name = f"lead-{result.pk}"
    elif isinstance(result, Event) and name == f"lead-{result.lead_id}":
        never = Lead.objects.filter(
            pk=result.lead_id or 0, outcome=LeadOutcome.WITHDRAWN, previous__isnull=False
        )
        for slept in never.values_list("previous", flat=True):
            name = f"{'nurture' if tab == 'nurture' else 'wake'}-{slept}"
    kind, _dash, pk = name.partition("-")
    item = desk.find(kind, int(pk)) if pk.isdecimal() and len(pk) < 19 else None
    if item is None:
        raise BadRequest
    return item


def back_of(request: PageRequest) -> str:
    """The page an act was done from, if it is one of ours; else the queue."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else "/"
