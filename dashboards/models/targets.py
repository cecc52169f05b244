"""What is to be reached: one row for each version of a target, never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from dashboards.models.ranges import in_range
from funnel.models import Member, Note
from funnel.models.company import DEPARTMENT_CHOICES
from funnel.moment import RevopsNow
from funnel.stages import Department


class Target(models.Model):
    """What a KPI is to reach in a month or quarter, for the company, a department or a member, as of one version.

    `value` is in the KPI's unit (a rate is a share, not a percentage); null withdraws the target. `first_day` is
    the first day of the month or fiscal quarter. A change is a new version; the highest one counts. What somebody
    wrote about it is a Note, which can be erased.
    """

    class Whom(models.TextChoices):
        """For whom a target is."""

        COMPANY = "company"
        DEPARTMENT = "department"
        MEMBER = "member"

    class Kind(models.TextChoices):
        """How long it runs."""

        MONTH = "month"
        QUARTER = "quarter"

    kpi = models.CharField(max_length=60)
    whom = models.CharField(max_length=10, choices=Whom.choices)
    department = models.CharField(max_length=20, blank=True, choices=DEPARTMENT_CHOICES)
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=7, choices=Kind.choices)
    first_day = models.DateField()
    version = models.PositiveIntegerField()
    value = models.DecimalField(max_digits=22, decimal_places=6, null=True, blank=True)
    set_by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    set_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    note = models.ForeignKey(
        Note, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["kpi", "kind", "first_day", "-version"]
        constraints = [
            # It serves the reader too: the newest version of some KPIs for one of the three.
            models.UniqueConstraint(
                fields=["whom", "department", "member", "kpi", "kind", "first_day", "version"],
                nulls_distinct=False,
                name="target_version_once",
            ),
            models.CheckConstraint(condition=~Q(kpi=""), name="target_names_kpi"),
            models.CheckConstraint(
                condition=Q(whom="company", department="", member__isnull=True)
                | Q(whom="department", department__in=list(Department), member__isnull=True)
                | Q(whom="member", department="", member__isnull=False),
                name="target_for_whom",
            ),
            models.CheckConstraint(condition=Q(kind__in=["month", "quarter"]), name="target_kind_known"),
            models.CheckConstraint(condition=Q(first_day__day=1), name="target_from_first_of_month"),
            models.CheckConstraint(condition=Q(version__gte=1), name="target_version_from_one"),
            models.CheckConstraint(condition=in_range("value"), name="target_in_range"),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | Q(version__gt=1), name="target_withdraws_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.kind} {self.first_day} v{self.version}"
