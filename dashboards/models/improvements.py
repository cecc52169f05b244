"""What was decided to be done about a number, by whom and by when, and what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dashboards.models.meetings import Meeting
from dashboards.models.reviews import BreachReview
from funnel.models import Member
from funnel.moment import RevopsNow
from handoffs.models import BOUNDARY_CHOICES


class Improvement(models.Model):
    """One thing that somebody does so that a number gets better; the one model for all that is decided.

    `kpi` is the slug of the number, "" where none was named; `boundary` and `cause` say which misses it is about,
    `breach` the very one, `meeting` where it was decided. `expected` is by how much the KPI should move, in its own
    unit (a rate in shares: 0.05 are five points). It took effect on the day it was `done_on`; `dropped_at` says it is
    not done after all, and why. Every change counts the `version` up, so that two who change it see each other.
    """

    text = models.CharField(max_length=200)
    kpi = models.CharField(max_length=60, blank=True, default="")
    boundary = models.CharField(max_length=10, blank=True, default="", choices=BOUNDARY_CHOICES)
    cause = models.CharField(max_length=40, blank=True, default="")
    hypothesis = models.CharField(max_length=500, blank=True, default="")
    expected = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    owner = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="improvements", db_index=False)
    due_on = models.DateField()
    meeting = models.ForeignKey(
        Meeting, null=True, blank=True, on_delete=models.PROTECT, related_name="improvements"
    )
    breach = models.ForeignKey(
        BreachReview, null=True, blank=True, on_delete=models.PROTECT, related_name="improvements"
    )
    decided_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    decided_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    done_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    result = models.CharField(max_length=500, blank=True, default="")
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    dropped_why = models.CharField(max_length=200, blank=True, default="")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("improvement"), _("improvements")
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="improvement_says_what"),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True, done_by__isnull=True)
                | Q(done_on__isnull=False, done_by__isnull=False),
                name="improvement_done_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at__isnull=True, dropped_by__isnull=True, dropped_why="")
                | (Q(dropped_at__isnull=False, dropped_by__isnull=False) & ~Q(dropped_why="")),
                name="improvement_dropped_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | Q(dropped_at__isnull=True), name="improvement_one_end"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on", "id"],
                name="improvement_open_by_due",
                condition=Q(done_on__isnull=True, dropped_at__isnull=True),
            ),
            models.Index(
                fields=["owner", "due_on"],
                name="improvement_of_owner",
                condition=Q(done_on__isnull=True, dropped_at__isnull=True),
            ),
            models.Index(
                F("done_on").desc(), "id", name="improvement_done", condition=Q(done_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_open(self) -> bool:
        """True while it is still to be done."""
        return self.done_on is None and self.dropped_at is None
