"""The API door of leads, activities, companies and persons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from funnel import normalise
from funnel.api import answers, filters, shapes
from funnel.api import serializers as takes
from funnel.api.bodies import take
from funnel.api.door import Act, Door
from funnel.api.idempotency import Answer
from funnel.api.paging import page
from funnel.api.problems import Fault, Invalid
from funnel.api.schema import acts, lists, reads
from funnel.models import Account, Activity, Customer, Lead, Member, Person
from funnel.querysets import leads_like
from funnel.stages import OUTCOME_WORDS, Stage
from funnel.transitions import companies, leads
from funnel.transitions.acting import Actor

Rows = QuerySet[Any]
OPEN = "open"


def shown() -> QuerySet[Lead]:
    """Leads with all that their row shows, in one statement."""
    return Lead.objects.select_related("person", "account", "channel", "campaign")


def one_lead(lead_id: int) -> answers.Row:
    """The row of one lead, as it stands now."""
    return answers.lead(shown().get(pk=lead_id))


def named(values: dict[str, Any], field: str, kind: Any) -> dict[str, Any]:
    """Replace the id in `field` by its record. Raises Invalid when there is none."""
    if values.get(field) is None:
        return values
    found = kind.objects.filter(pk=values[field]).first()
    if found is None:
        raise Invalid([Fault(field, "unknown_record")])
    return {**values, field: found}


def _outcome(rows: Rows, values: list[str]) -> Rows:
    wanted = Q(outcome__in=[v for v in values if v != OPEN])
    return rows.filter(wanted | Q(outcome=None) if OPEN in values else wanted)


class Leads(Door):
    """Every pass, newest first; and the way in."""

    writes = "capture"
    FILTERS = {
        "q": filters.search(
            leads_like,
            "Words of a person's or company's name or reading, e-mail or phone; a whole external id.",
        ),
        "stage": filters.one_of("stage", (Stage.LEAD, Stage.MQL, Stage.SQL)),
        "outcome": filters.one_of("outcome", [OPEN, *OUTCOME_WORDS])._replace(narrow=_outcome),
        "channel": filters.texts("channel__slug"),
        "owner": filters.ids("owner"),
        "external_id": filters.texts("external_id"),
    }

    @lists("leads_list", shapes.LEAD, FILTERS)
    def get(self, request: Request) -> Response:
        return page(request, filters.apply(request, shown(), self.FILTERS), answers.lead)

    @acts(
        "leads_capture",
        takes.LeadInput,
        shapes.LEAD,
        statuses=(201, 200),
        summary="201, or 200 with the person's open lead",
    )
    def post(self, request: Request) -> Response:
        values = take(takes.LeadInput, request.data)
        at = values.pop("occurred_at", None)

        def capture(by: Actor, now: datetime) -> Answer:
            fields = leads.LeadFields(**named(named(values, "owner", Member), "referred_by", Customer))
            captured = leads.capture(by, now=now, fields=fields, occurred_at=at)
            if captured.created:
                return Answer(answers.lead(captured.lead), 201)
            return Answer(one_lead(captured.lead.pk))

        return self.carry_out(capture)


class OneLead(Door):
    """One pass; its side facts can be changed, its stages only by acts."""

    writes = "edit"

    @reads("leads_read", shapes.LEAD)
    def get(self, request: Request, lead_id: int) -> Response:
        return Response(answers.lead(get_object_or_404(shown(), pk=lead_id)))

    @acts("leads_change", takes.LeadChange, shapes.LEAD, repeatable=False)
    def patch(self, request: Request, lead_id: int) -> Response:
        values = take(takes.LeadChange, request.data)

        def change(by: Actor, now: datetime) -> Answer:
            facts = named(values, "owner", Member)
            if "owner" in facts:
                leads.assign(lead_id, by, now=now, owner=facts["owner"])
            leads.describe(lead_id, by, now=now, **{k: v for k, v in facts.items() if k != "owner"})
            return Answer(one_lead(lead_id))

        return self.carry_out(change)


class Activities(Door):
    """What was done with the person of a lead."""

    writes = "log"

    @lists("activities_list", shapes.ACTIVITY)
    def get(self, request: Request, lead_id: int) -> Response:
        get_object_or_404(Lead.objects.only("pk"), pk=lead_id)
        rows = Activity.objects.filter(lead=lead_id).select_related("note", "event")
        return page(request, filters.apply(request, rows, {}), answers.activity)

    @acts("activities_log", takes.ActivityInput, shapes.ACTIVITY, statuses=(201,))
    def post(self, request: Request, lead_id: int) -> Response:
        values = take(takes.ActivityInput, request.data)
        values["is_human"] = values.pop("human", True)

        def log(by: Actor, now: datetime) -> Answer:
            return Answer(answers.activity(leads.log(lead_id, by, now=now, **values)), 201)

        return self.carry_out(log)


class Recycle(Act):
    """Back to nurture until a day."""

    writes = "recycle"
    TAKES, verb, row = takes.RecycleInput, leads.recycle, one_lead

    @acts("leads_recycle", takes.RecycleInput, shapes.LEAD)
    def post(self, request: Request, lead_id: int) -> Response:
        return self.act(request, lead_id)


class Disqualify(Act):
    """Not a fit."""

    writes = "disqualify"
    TAKES, verb, row = takes.ReasonInput, leads.disqualify, one_lead

    @acts("leads_disqualify", takes.ReasonInput, shapes.LEAD)
    def post(self, request: Request, lead_id: int) -> Response:
        return self.act(request, lead_id)


class Accounts(Door):
    """Companies."""

    FILTERS = {
        "q": filters.search(
            lambda rows, text: rows.filter(name_norm__contains=normalise.company(text)), "Part of the name."
        ),
        "external_id": filters.texts("external_id"),
    }

    @lists("accounts_list", shapes.ACCOUNT, FILTERS)
    def get(self, request: Request) -> Response:
        return page(request, filters.apply(request, Account.objects.all(), self.FILTERS), answers.account)


class OneAccount(Door):
    """One company."""

    @reads("accounts_read", shapes.ACCOUNT)
    def get(self, request: Request, account_id: int) -> Response:
        return Response(answers.account(get_object_or_404(Account, pk=account_id)))


class Persons(Door):
    """Human beings."""

    FILTERS = {"account": filters.ids("account"), "email": filters.texts("email_norm", "In lower case.")}

    @lists("persons_list", shapes.PERSON, FILTERS)
    def get(self, request: Request) -> Response:
        return page(request, filters.apply(request, Person.objects.all(), self.FILTERS), answers.person)


class OnePerson(Door):
    """One human being."""

    @reads("persons_read", shapes.PERSON)
    def get(self, request: Request, person_id: int) -> Response:
        return Response(answers.person(get_object_or_404(Person, pk=person_id)))


class Merge(Door):
    """Two records of one person become one: the other is merged into this one."""

    writes = "merge"

    @acts(
        "persons_merge",
        takes.MergeInput,
        shapes.PERSON,
        summary="Merge another record into this one; cannot be undone",
    )
    def post(self, request: Request, person_id: int) -> Response:
        values = take(takes.MergeInput, request.data)
        chosen = [name for name, is_taken in values.get("take", {}).items() if is_taken]

        def merge(by: Actor, now: datetime) -> Answer:
            get_object_or_404(Person, pk=person_id)
            get_object_or_404(Person, pk=values["absorb"])
            kept = leads.merge_people(person_id, values["absorb"], by, now=now, take=chosen)
            return Answer(answers.person(kept))

        return self.carry_out(merge)


class MergeAccounts(Door):
    """Two records of one company become one: the other is merged into this one."""

    writes = "merge"

    @acts(
        "accounts_merge",
        takes.MergeAccountsInput,
        shapes.ACCOUNT,
        summary="Merge another record into this one; cannot be undone",
    )
    def post(self, request: Request, account_id: int) -> Response:
        values = take(takes.MergeAccountsInput, request.data)
        chosen = [name for name, is_taken in values.get("take", {}).items() if is_taken]

        def merge(by: Actor, now: datetime) -> Answer:
            get_object_or_404(Account, pk=account_id)
            get_object_or_404(Account, pk=values["absorb"])
            return Answer(
                answers.account(companies.merge(account_id, values["absorb"], by, now=now, take=chosen))
            )

        return self.carry_out(merge)
