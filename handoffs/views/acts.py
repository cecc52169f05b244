"""Every act of the queue and the record: an address, a form, one verb. Works with and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from funnel import moment
from funnel.forms import (
    ActForm,
    DisqualifyForm,
    KickoffForm,
    LogForm,
    LoseForm,
    MqlForm,
    RecycleForm,
    StepForm,
    WinForm,
    WithdrawForm,
)
from funnel.models import Activity, Customer, Deal, Event, Lead, Member
from funnel.stages import DEPARTMENT_WORDS, EVENT_WORDS, EventKind
from funnel.transitions import corrections, customers, deals, leads
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, View, receives, writes
from funnel.views.acting import REFUSALS, refusal_of
from funnel.views.once import first_time
from handoffs import desk, offers, promises
from handoffs.forms import AssignForm, BantForm, ReturnForm, SqlForm
from handoffs.models import Handoff
from handoffs.sheets import PASSED_WITH_WON
from handoffs.views import clocks
from handoffs.views.queue import desk_of, tab_of, tabs_context
from handoffs.views.rows import LABELS, account_of, lead_of, rows_of
from handoffs.views.strips import unfold

Cleaned = dict[str, Any]


class PageAct(NamedTuple):
    """One act: the form it needs, the verb it calls, and what is said when it is done."""

    form: type[ActForm]
    perform: Callable[[Actor, datetime, int, Cleaned], object]
    done: Any


def _log(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    kind, result = LogForm.WHAT[said["what"]]
    return leads.log(
        pk, by, now=now, kind=kind, result=result, note=said["note"], occurred_at=said["occurred_at"],
        direction="internal" if kind == "note" else "outbound", expects_note=True,
    )  # fmt: skip


def _bant(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return leads.record_bant(pk, by, now=now, bant=said["bant"])


def _sql(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return promises.submit_sql(
        pk, by, now=now, bant=said["bant"], sheet=said["sheet"], meeting_at=said["meeting_at"],
        below_threshold_reason=said["below_threshold_reason"], note=said["sheet"].get("note", ""),
    )  # fmt: skip


def _win(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return promises.hand_over_won(
        pk, by, now=now, amount=said["amount"], signed_on=said["signed_on"], starts_on=said["starts_on"],
        ends_on=said["ends_on"], mrr=said["mrr"], seats=said["seats"],
        passed={item.key: said[item.key] for item in PASSED_WITH_WON},
        reason=said["reason"], kickoff_at=said["kickoff_at"],
    )  # fmt: skip


def _lose(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return deals.lose(
        pk, by, now=now, reason=said["reason"], note=said["note"], wake_up_on=said["wake_up_on"]
    )


def _recycle(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return leads.recycle(
        pk, by, now=now, reason=said["reason"], note=said["note"], wake_up_on=said["wake_up_on"]
    )


def _wake(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    person = Lead.objects.values_list("person_id", flat=True).get(pk=pk)
    woken = leads.reopen_pass(person, by, now=now)
    # Whoever wakes it looks after it, unless somebody does already.
    return woken if woken.owner_id else leads.assign(woken.pk, by, now=now, owner=by.member)


def _reasoned(verb: Callable[..., object]) -> Callable[[Actor, datetime, int, Cleaned], object]:
    return lambda by, now, pk, said: verb(pk, by, now=now, reason=said["reason"], note=said["note"])


def _bare(verb: Callable[..., object]) -> Callable[[Actor, datetime, int, Cleaned], object]:
    return lambda by, now, pk, said: verb(pk, by, now=now)


def _step(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return deals.move_step(pk, by, now=now, step=said["step"])


def _withdraw(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return corrections.withdraw(pk, by, now=now, reason=said["note"])


def _kickoff(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return deals.kickoff(pk, by, now=now, kickoff_at=said["kickoff_at"])


def _take(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    return promises.assign(pk, by, now=now, owner=by.member)


def _assign(by: Actor, now: datetime, pk: int, said: Cleaned) -> object:
    owner = Member.objects.get(pk=said["owner"]) if said["owner"] else None
    return promises.assign(pk, by, now=now, owner=owner)


ACTS: dict[tuple[str, str], PageAct] = {
    ("lead", "log"): PageAct(LogForm, _log, _("Recorded")),
    ("lead", "mql"): PageAct(MqlForm, _reasoned(leads.certify_mql), _("Certified MQL")),
    ("lead", "bant"): PageAct(BantForm, _bant, _("Kept what was heard")),
    ("lead", "sql"): PageAct(SqlForm, _sql, _("Handed over to Field Sales")),
    ("lead", "recycle"): PageAct(RecycleForm, _recycle, _("Put back to nurture")),
    ("lead", "disqualify"): PageAct(DisqualifyForm, _reasoned(leads.disqualify), _("Closed as not a fit")),
    ("lead", "wake"): PageAct(ActForm, _wake, _("Started again")),
    ("handoff", "accept"): PageAct(ActForm, _bare(promises.accept), _("Accepted")),
    ("handoff", "return"): PageAct(ReturnForm, _reasoned(promises.give_back), _("Handoff returned")),
    ("handoff", "take"): PageAct(ActForm, _take, _("It is yours now; the deadline stays")),
    ("handoff", "assign"): PageAct(AssignForm, _assign, _("Assigned; the deadline stays")),
    ("deal", "step"): PageAct(StepForm, _step, _("Step recorded")),
    ("deal", "win"): PageAct(WinForm, _win, _("Recorded as won")),
    ("deal", "lose"): PageAct(LoseForm, _lose, _("Recorded as lost")),
    ("deal", "kickoff"): PageAct(KickoffForm, _kickoff, _("Kickoff set")),
    ("deal", "hold"): PageAct(ActForm, _bare(deals.hold_kickoff), _("Recorded that the kickoff was held")),
    ("deal", "resend"): PageAct(ActForm, _bare(deals.resend_won), _("Handed over again")),
    ("event", "withdraw"): PageAct(WithdrawForm, _withdraw, _("Undone")),
    ("customer", "onboard"): PageAct(
        ActForm, _bare(customers.onboard), _("Recorded that first value was reached")
    ),
    ("customer", "case"): PageAct(
        ActForm, _bare(customers.create_case), _("Recorded that the case was taken up")
    ),
}
UNDONE_AT_ONCE = (
    EventKind.CONTACT_ATTEMPTED, EventKind.ACTIVITY_LOGGED, EventKind.MQL_CERTIFIED, EventKind.SQL_CERTIFIED,
)  # fmt: skip
"""What a toast offers to take back."""

MODELS: dict[str, Any] = {
    "lead": Lead,
    "deal": Deal,
    "handoff": Handoff,
    "customer": Customer,
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
    if not form.is_bound:
        return _show(request, act, form, record)
    if not form.is_valid():
        return _show(request, act, form, record, status=422)
    try:
        outcome = _perform(request, act, name, record, form.cleaned_data)
    except REFUSALS as error:
        refusal = refusal_of(error)
        form.refuse(refusal)
        if refusal.status == HTTPStatus.CONFLICT:
            _say_who(request, form, record)
        return _show(request, act, form, record, status=refusal.status)
    return _after(request, outcome, record)


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


class Outcome(NamedTuple):
    """What was done, what came of it, and when it was recorded; `first` is false for a repeat."""

    done: str
    result: object
    at: datetime
    first: bool


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


def _after(request: PageRequest, outcome: Outcome, record: Any) -> HttpResponse:
    account = account_of(record, lead_of(record))
    if request.htmx and request.POST.get("row"):
        toast = {
            "done": outcome.done,
            "company": account.name if account else "",
            "undo_url": _undo_url(request, outcome, record),
            "note_url": "",
            "department": request.POST.get("acting", ""),
        }
        if isinstance(outcome.result, Activity):
            toast["note_url"] = reverse("activity-note", args=[outcome.result.pk])
        return _row(request, outcome=outcome, toast=toast)
    messages.success(request, f"{outcome.done} – {account.name}" if account else outcome.done)
    return redirect(back_of(request))


def _undo_url(request: PageRequest, outcome: Outcome, record: Any) -> str:
    """Where the act just done is taken back, if it can be by a correction."""
    lead = lead_of(record)
    if lead is None or not outcome.first or isinstance(record, Event):
        return ""
    mine = Event.objects.filter(
        lead=lead, actor=request.user, recorded_at=outcome.at, kind__in=UNDONE_AT_ONCE
    )
    pk = mine.order_by("-id").values_list("pk", flat=True).first()
    return reverse("event-withdraw", args=[pk]) if pk else ""


def _show(request: PageRequest, act: PageAct, form: ActForm, record: Any, status: int = 200) -> HttpResponse:
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
    toast: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The row as it now stands, with what was done or why not; the tabs' counts beside it."""
    item = _item(request.POST["row"], outcome)
    by = Actor.of(request.user, "html", now=moment.now(), zone=request.organization.tz)
    tab = tab_of(request.POST)
    (row,) = rows_of(request, [item], tab, by)
    unfold(request, row, item, tab, form)
    row.done = outcome.done if outcome else ""
    if form is not None and row.strip.form is not form:
        row.form, row.form_url = form, request.path
    context = {
        "row": row, "tab": tab, "swap": True, "may_write": by.may_write, "back": back_of(request), "toast": toast,
        "oob": request.POST.get("oob"),
    }  # fmt: skip
    if outcome:
        asked = QueryDict(urlsplit(back_of(request)).query)
        context |= tabs_context(desk_of(asked, by, request), tab, request)
    return render(request, "handoffs/_row_answer.html", context, status=status)


def _item(name: str, outcome: Outcome | None) -> desk.Item:
    """The row that a form stood in; a lead that was woken up stands there instead of the pass that slept."""
    if outcome is not None and isinstance(outcome.result, Lead) and name.startswith(("wake-", "nurture-")):
        name = f"lead-{outcome.result.pk}"
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
