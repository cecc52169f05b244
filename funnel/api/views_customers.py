"""The API door of customers: usage, surveys, health, and the acts of customer success."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from funnel.api import answers, filters, shapes
from funnel.api import serializers as takes
from funnel.api.bodies import take, take_many
from funnel.api.door import Act, Door
from funnel.api.idempotency import Answer
from funnel.api.paging import page
from funnel.api.schema import acts, lists, reads
from funnel.api.views_leads import named, one_lead
from funnel.models import Contract, Customer, HealthRecord, Member, Organization
from funnel.stages import CustomerPhase
from funnel.transitions import customers, leads
from funnel.transitions.acting import Actor

MOST_READINGS = 5_000


def shown() -> QuerySet[Customer]:
    """Customers with all that their row shows, in three statements whatever their number."""
    latest = HealthRecord.objects.order_by("customer_id", "-day").distinct("customer_id")
    standing = Contract.objects.filter(voided_at=None).order_by("-id")
    return Customer.objects.select_related("account").prefetch_related(
        Prefetch("contracts", standing, to_attr="standing"), Prefetch("health", latest, to_attr="latest")
    )


def one_customer(customer_id: int) -> answers.Row:
    """The row of one customer, as it stands now."""
    return answers.customer(shown().get(pk=customer_id))


class Customers(Door):
    """Every customer, newest first."""

    FILTERS = {
        "phase": filters.one_of("phase", CustomerPhase),
        "owner": filters.ids("owner"),
        "account": filters.ids("account"),
        "external_id": filters.texts("external_id"),
    }

    @lists("customers_list", shapes.CUSTOMER, FILTERS)
    def get(self, request: Request) -> Response:
        return page(
            request,
            filters.apply(request, shown().filter(pk__in=Customer.objects.standing()), self.FILTERS),
            answers.customer,
        )


class OneCustomer(Door):
    """One customer."""

    writes = "assign"

    @reads("customers_read", shapes.CUSTOMER)
    def get(self, request: Request, customer_id: int) -> Response:
        return Response(answers.customer(get_object_or_404(shown(), pk=customer_id)))

    @acts("customers_change", takes.CustomerChange, shapes.CUSTOMER, repeatable=False)
    def patch(self, request: Request, customer_id: int) -> Response:
        values = take(takes.CustomerChange, request.data)

        def change(by: Actor, now: datetime) -> Answer:
            owner = named(values, "owner", Member)["owner"]
            customers.assign(customer_id, by, now=now, owner=owner)
            return Answer(one_customer(customer_id))

        return self.carry_out(change)


class Usage(Door):
    """Usage readings of a customer: one, or a list of them. Health follows at once."""

    writes = "record_usage"

    @acts(
        "customers_usage",
        PolymorphicProxySerializer(
            "UsageReadings", [takes.UsageInput, takes.UsageInput(many=True)], None, many=False
        ),
        shapes.USAGE_STORED,
        summary="One reading or a list; health follows at once",
    )
    def post(self, request: Request, customer_id: int) -> Response:
        rows = take_many(takes.UsageInput, request.data, limit=MOST_READINGS)

        def store(by: Actor, now: datetime) -> Answer:
            readings = [(row["day"], row["metric"], row["value"]) for row in rows]
            created, updated, unchanged = customers.record_usage(customer_id, by, now=now, readings=readings)
            _refresh(customer_id, by, now)
            return Answer({"created": created, "updated": updated, "unchanged": unchanged})

        return self.carry_out(store)


def _refresh(customer_id: int, by: Actor, now: datetime) -> None:
    today = now.astimezone(Organization.current().tz).date()
    customers.refresh_health(customer_id, day=today, now=now, by=by)


class Surveys(Door):
    """Answers to surveys."""

    writes = "record_survey"

    @lists("surveys_list", shapes.SURVEY)
    def get(self, request: Request, customer_id: int) -> Response:
        found = get_object_or_404(Customer, pk=customer_id)
        return page(request, filters.apply(request, found.surveys.all(), {}), answers.survey)

    @acts("surveys_record", takes.SurveyInput, shapes.SURVEY, statuses=(201,))
    def post(self, request: Request, customer_id: int) -> Response:
        values = take(takes.SurveyInput, request.data)

        def record(by: Actor, now: datetime) -> Answer:
            answer = customers.record_survey(customer_id, by, now=now, **values)
            _refresh(customer_id, by, now)
            return Answer(answers.survey(answer), 201)

        return self.carry_out(record)


class Health(Door):
    """A customer's health by day, newest first, with the factors that add up to each score."""

    @lists("customers_health", shapes.HEALTH)
    def get(self, request: Request, customer_id: int) -> Response:
        found = get_object_or_404(Customer, pk=customer_id)
        return page(request, filters.apply(request, found.health.all(), {}), answers.health)


class CustomerAct(Act):
    """One act on a customer."""

    row = one_customer


class Onboard(CustomerAct):
    """The customer has reached first value."""

    writes = "onboard"
    TAKES, verb = takes.OccurredInput, customers.onboard

    @acts("customers_onboard", takes.OccurredInput, shapes.CUSTOMER)
    def post(self, request: Request, customer_id: int) -> Response:
        return self.act(request, customer_id)


class Renew(CustomerAct):
    """The running contract is renewed."""

    writes = "renew"
    TAKES, verb = takes.RenewalInput, customers.renew

    @acts("customers_renew", takes.RenewalInput, shapes.CUSTOMER)
    def post(self, request: Request, customer_id: int) -> Response:
        return self.act(request, customer_id)


class Notice(CustomerAct):
    """The customer gave notice."""

    writes = "give_notice"
    TAKES, verb = takes.NoticeInput, customers.give_notice

    @acts("customers_notice", takes.NoticeInput, shapes.CUSTOMER)
    def post(self, request: Request, customer_id: int) -> Response:
        return self.act(request, customer_id)


class End(CustomerAct):
    """The running contract ends."""

    writes = "end_contract"
    TAKES, verb = takes.EndInput, customers.end_contract

    @acts("customers_end", takes.EndInput, shapes.CUSTOMER)
    def post(self, request: Request, customer_id: int) -> Response:
        return self.act(request, customer_id)


class Advocacy(CustomerAct):
    """The customer agreed to refer or to be a case."""

    writes = "agree_advocacy"
    TAKES, verb = takes.OccurredInput, customers.agree_advocacy

    @acts("customers_advocacy", takes.OccurredInput, shapes.CUSTOMER)
    def post(self, request: Request, customer_id: int) -> Response:
        return self.act(request, customer_id)


class Case(CustomerAct):
    """Marketing has taken up a case study."""

    writes = "create_case"
    TAKES, verb = takes.Nothing, customers.create_case

    @acts("customers_case", takes.Nothing, shapes.CUSTOMER)
    def post(self, request: Request, customer_id: int) -> Response:
        return self.act(request, customer_id)


class Referrals(Door):
    """The customer referred somebody."""

    writes = "receive_referral"

    @acts("customers_referral", takes.ReferralInput, shapes.LEAD, statuses=(201, 200))
    def post(self, request: Request, customer_id: int) -> Response:
        values = take(takes.ReferralInput, request.data)

        def refer(by: Actor, now: datetime) -> Answer:
            fields = leads.LeadFields(**named(values, "owner", Member))
            captured = customers.receive_referral(customer_id, by, now=now, fields=fields)
            return Answer(one_lead(captured.lead.pk), 201 if captured.created else 200)

        return self.carry_out(refer)
