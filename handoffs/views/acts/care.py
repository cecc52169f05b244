"""What the queue does with customers and their contracts: a form and a verb for each address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from funnel.errors import MoveRefused
from funnel.forms import ActForm
from funnel.models import Contract, Customer
from funnel.stages import DealKind
from funnel.transitions import customers, deals
from funnel.transitions.acting import Actor
from funnel.transitions.deals import DealFields
from funnel.transitions.people import LeadFields
from funnel.views.customers.forms import (
    AdvocacyForm,
    EndForm,
    NoticeForm,
    ReferralForm,
    RenewForm,
    UpsellForm,
)

Said = dict[str, Any]


class CareAct(NamedTuple):
    """One act: the form it needs, the verb it calls, and what is said when it is done."""

    form: type[ActForm]
    perform: Callable[[Actor, datetime, int, Said], object]
    done: Any


def _customer_of(contract_id: int) -> int:
    return Contract.objects.values_list("customer_id", flat=True).get(pk=contract_id)


def _renew(by: Actor, now: datetime, pk: int, said: Said) -> object:
    dates = {key: said[key] for key in ("signed_on", "starts_on", "ends_on", "mrr")}
    return customers.renew(_customer_of(pk), by, now=now, **dates)


def _notice(by: Actor, now: datetime, pk: int, said: Said) -> object:
    return customers.give_notice(_customer_of(pk), by, now=now, notice_on=said["notice_on"])


def _end(by: Actor, now: datetime, pk: int, said: Said) -> object:
    return customers.end_contract(
        _customer_of(pk), by, now=now, ended_on=said["ended_on"], reason=said["reason"]
    )


def _upsell(by: Actor, now: datetime, pk: int, said: Said) -> object:
    """A further deal on the customer's own pass, with whoever sold the first."""
    customer = Customer.objects.select_related("origin_lead").get(pk=pk)
    lead = customer.origin_lead
    if lead is None:
        raise MoveRefused("no_lead")
    sold = lead.deals.filter(owner__isnull=False).select_related("owner").order_by("-id").first()
    fields = DealFields(
        product=said["product"], amount=said["amount"], kind=DealKind.UPSELL,
        owner=sold.owner if sold else None,
    )  # fmt: skip
    return deals.open_deal(lead.pk, by, now=now, fields=fields)


def _refer(by: Actor, now: datetime, pk: int, said: Said) -> object:
    fields = LeadFields(company=said["company"], name=said["name"], email=said["email"])
    return customers.receive_referral(pk, by, now=now, fields=fields)


def _agree(by: Actor, now: datetime, pk: int, said: Said) -> object:
    return customers.agree_advocacy(pk, by, now=now)


CARE_ACTS: dict[tuple[str, str], CareAct] = {
    ("contract", "renew"): CareAct(RenewForm, _renew, _("The renewal is recorded")),
    ("contract", "notice"): CareAct(NoticeForm, _notice, _("The notice is recorded")),
    ("contract", "end"): CareAct(EndForm, _end, _("The contract is recorded as ended")),
    ("customer", "upsell"): CareAct(UpsellForm, _upsell, _("Opened as a deal of Field Sales")),
    ("customer", "refer"): CareAct(ReferralForm, _refer, _("The referred lead was added for Marketing")),
    ("customer", "agree"): CareAct(AdvocacyForm, _agree, _("Handed over to Marketing")),
}
