"""What members keep for themselves of the lists: saved views, and pairs of people said to be two."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from funnel.models.company import DEPARTMENT_CHOICES, Member
from funnel.models.people import Account, Person
from funnel.moment import RevopsNow
from funnel.stages import Department


class SavedView(models.Model):
    """A list as a member left it: which list, and the filters and order of its address.

    With a `department` its members see it too; only its owner changes it. `query` holds no cursor, so that a view
    always begins at its start.
    """

    class List(models.TextChoices):
        LEADS = "leads"
        PEOPLE = "people"
        CUSTOMERS = "customers"

    owner = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="saved_views", db_index=False)
    list = models.CharField(max_length=10, choices=List.choices)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=1000, blank=True)
    department = models.CharField(max_length=20, blank=True, choices=DEPARTMENT_CHOICES)
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "list", "name"], name="saved_view_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_name"),
            models.CheckConstraint(
                condition=Q(list__in=["leads", "people", "customers"]), name="saved_view_list_known"
            ),
            models.CheckConstraint(
                condition=Q(department="") | Q(department__in=list(Department)),
                name="saved_view_department_known",
            ),
        ]
        indexes = [
            models.Index(fields=["department"], name="saved_view_shared", condition=~Q(department="")),
        ]

    def __str__(self) -> str:
        return self.name


class PeopleApart(models.Model):
    """Somebody looked at two alike records and said that they are two people; the pair is proposed no more."""

    first = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="people_apart_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="people_apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"


class CompaniesApart(models.Model):
    """Somebody looked at two alike records and said that they are two companies; the pair is proposed no more."""

    first = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="companies_apart_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="companies_apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"
