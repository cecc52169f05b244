"""People of a company who are known without a lead: another contact there, a decision maker somebody mentioned."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from funnel import normalise
from funnel.errors import BadValue
from funnel.models import Account, Customer, Lead, Person
from funnel.stages import EventKind
from funnel.transitions import people
from funnel.transitions.acting import Actor
from funnel.transitions.ledger import record
from funnel.transitions.people import LeadFields

FACTS = ("name", "name_kana", "title", "role", "phone", "email")


@transaction.atomic
def add_person(
    account_id: int, by: Actor, *, now: datetime, name: str, name_kana: str = "", title: str = "", role: str = "",
    phone: str = "", email: str = "",
) -> Person:  # fmt: skip
    """Add a contact to a company; nothing is promised, and no pass begins. The ledger keeps that it was, not who.

    Raises BadValue("person_known") for somebody of that name there, BadValue("email_taken") for an address that
    another person has, NotYours.
    """
    department = by.department_for("edit")
    account = Account.objects.get(pk=account_id, merged_into=None)
    if not normalise.person_name(name):
        raise BadValue("person_required", field="name")
    fields = LeadFields(account.name, name, email, phone, title, name_kana=name_kana)
    people.serialise(*people.identity_keys(fields))
    address = normalise.email(email)
    if address and Person.objects.filter(email_norm=address, merged_into=None).exists():
        raise BadValue("email_taken", field="email")
    person, is_new = people.person(fields, account)
    if not is_new:
        raise BadValue("person_known", field="name")
    people.rewrite(person, {"role": role})
    lead = Lead.objects.filter(account=account).order_by("-id").first()
    record(
        EventKind.DETAILS_CHANGED, by, now=now, department=department, lead=lead,
        customer=Customer.objects.filter(account=account).first(), binding=False,
        data={"what": "person", "id": person.pk, "added": True,
              "fields": [name for name in FACTS if getattr(person, name)]},
    )  # fmt: skip
    return person
