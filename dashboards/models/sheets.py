"""The current-state sheet: one row for each version of a line, never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from dashboards.models.ranges import in_range
from funnel.models import Member, Note
from funnel.moment import RevopsNow


class SheetRow(models.Model):
    """Where a KPI of the company stands, where it is to be, and the measure that is to bring it there; one version.

    `now` and `goal` are in the KPI's unit (a rate is a share); `reached_in` is the first day of the month the goal is
    for. A change is a new version, the highest one counts; one without any content clears the line. The measure is a
    Note, which can be erased; who sees to it and by when may be left open.
    """

    kpi = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    now = models.DecimalField(max_digits=22, decimal_places=6, null=True, blank=True)
    goal = models.DecimalField(max_digits=22, decimal_places=6, null=True, blank=True)
    reached_in = models.DateField()
    measure = models.ForeignKey(
        Note, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    owner = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    due_on = models.DateField(null=True, blank=True)
    set_by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    set_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    class Meta:
        ordering = ["kpi", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kpi", "version"], name="sheet_version_once"),
            models.CheckConstraint(condition=~Q(kpi=""), name="sheet_names_kpi"),
            models.CheckConstraint(condition=Q(version__gte=1), name="sheet_version_from_one"),
            models.CheckConstraint(condition=Q(reached_in__day=1), name="sheet_reached_in_month"),
            models.CheckConstraint(condition=in_range("now"), name="sheet_now_in_range"),
            models.CheckConstraint(condition=in_range("goal"), name="sheet_goal_in_range"),
            models.CheckConstraint(
                condition=Q(measure__isnull=False) | Q(owner__isnull=True, due_on__isnull=True),
                name="sheet_owner_of_measure",
            ),
            models.CheckConstraint(
                condition=Q(version__gt=1)
                | Q(now__isnull=False)
                | Q(goal__isnull=False)
                | Q(measure__isnull=False),
                name="sheet_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} v{self.version}"
