"""Identities: companies and persons. They survive every pass and never become anything else."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Collate, Lower, NullIf

from funnel.moment import RevopsNow
from funnel.stages import PERSON_ROLE_WORDS, PersonRole

LAST = "\U0010fffd"
"""Sorts behind every letter."""


def or_last(column: str) -> Collate:
    """A text by which people are sorted, the same in every database; who has none comes last."""
    return Collate(Coalesce(NullIf(column, Value("")), Value(LAST)), "C")


def mail_domain() -> Func:
    """What follows the @ of a person's mailbox."""
    return Func(F("email_norm"), Value("@"), Value(2), function="split_part", output_field=models.TextField())


class Account(models.Model):
    """A company we deal with. `name_norm` (without legal form, NFKC) finds it again; it is not unique on purpose.

    `employees` is a number of people, null when not known; `region` a prefecture or city as people say it.
    """

    name = models.CharField(max_length=200)
    name_norm = models.CharField(max_length=200, blank=True)
    name_kana = models.CharField(max_length=200, blank=True)
    domain = models.CharField(max_length=200, blank=True)
    segment = models.CharField(max_length=80, blank=True)
    industry = models.CharField(max_length=80, blank=True, db_default="")
    employees = models.PositiveIntegerField(null=True, blank=True)
    region = models.CharField(max_length=120, blank=True, db_default="")
    website = models.CharField(max_length=200, blank=True, db_default="")
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["name_norm"], name="account_by_name", condition=Q(merged_into=None)),
            models.Index(
                fields=["name_norm"], name="account_merged_name", condition=Q(merged_into__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="account_not_into_itself",
            ),
            models.CheckConstraint(
                condition=Q(employees__isnull=True) | Q(employees__lte=10_000_000),
                name="account_employees_plausible",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """A human being; personal text lives here and can be erased, the ledger refers by id.

    A lead known only by an external id has a person without name or e-mail. After erasure every
    personal field is empty and stays so (a constraint holds it). `role` is the part played in the
    decision at the account; blank when not known. `search_text` is what a search looks through: names,
    readings, company, mail and phone in one spelling; triggers keep it.
    """

    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    name = models.CharField(max_length=150, blank=True)
    name_norm = models.CharField(max_length=150, blank=True)
    name_kana = models.CharField(max_length=150, blank=True)
    title = models.CharField(max_length=150, blank=True)
    role = models.CharField(
        max_length=15, blank=True, db_default="", choices={k: w.en for k, w in PERSON_ROLE_WORDS.items()}
    )
    email = models.CharField(max_length=254, blank=True)
    email_norm = models.CharField(max_length=254, null=True, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    phone_norm = models.CharField(max_length=40, blank=True)
    search_text = models.TextField(blank=True, db_default="", editable=False)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    erased_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email_norm"], condition=Q(merged_into__isnull=True), name="person_email_once"
            ),
            models.CheckConstraint(
                condition=Q(email_norm__isnull=True) | Q(email_norm=Lower("email_norm"), email_norm__gt=""),
                name="person_email_lower",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(
                    email_norm__isnull=True,
                    email="",
                    name="",
                    name_norm="",
                    name_kana="",
                    phone="",
                    phone_norm="",
                ),
                name="person_erased_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="person_not_into_itself"
            ),
            models.CheckConstraint(condition=Q(role__in=["", *PersonRole]), name="person_role_known"),
        ]
        indexes = [
            models.Index(fields=["account", "name_norm"], name="person_by_account_name"),
            models.Index(
                fields=["email_norm"], name="person_merged_email", condition=Q(merged_into__isnull=False)
            ),
            models.Index(fields=["phone_norm"], name="person_by_phone", condition=~Q(phone_norm="")),
            models.Index(
                mail_domain(),
                name="person_by_mail_domain",
                condition=Q(merged_into=None, email_norm__isnull=False),
            ),
            *[
                models.Index(or_last(column), "id", name=name, condition=Q(merged_into=None, erased_at=None))
                for column, name in (("name_kana", "person_by_kana"), ("email_norm", "person_by_mail"))
            ],
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"
