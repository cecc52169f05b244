"""Why promises were missed: one review for each breach, opened by itself."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from funnel.models import Member
from funnel.models.company import DEPARTMENT_CHOICES
from funnel.moment import RevopsNow
from handoffs.models import BOUNDARY_CHOICES, Handoff


class BreachReview(models.Model):
    """One missed promise, what was the case then, and the one cause that a person confirmed.

    Opened in the transaction that marks the miss. `boundary`, `department` (which owed the act) and `breached_at`
    are those of the handoff; `owner` is who had it at that moment, null when nobody did. `evidence`
    (`dashboards.causes.Evidence`) is collected after it and stands once a cause is confirmed; `suggested` are the
    causes it speaks for, the likeliest first. `cause` is the code of a reason for "breach", as the last standing
    event of the ledger says; "" while nobody has said.
    """

    handoff = models.OneToOneField(Handoff, on_delete=models.PROTECT, related_name="breach_review")
    boundary = models.CharField(max_length=10, choices=BOUNDARY_CHOICES)
    department = models.CharField(max_length=20, choices=DEPARTMENT_CHOICES)
    breached_at = models.DateTimeField()
    opened_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    owner = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    evidence = models.JSONField(null=True, blank=True)
    suggested = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    cause = models.CharField(max_length=40, blank=True, default="")
    confirmed_by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-breached_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cause="", confirmed_at__isnull=True, confirmed_by__isnull=True)
                | (~Q(cause="") & Q(confirmed_at__isnull=False)),
                name="breach_cause_with_date",
            ),
            models.CheckConstraint(
                condition=Q(evidence__isnull=True, suggested=[])
                | (Q(evidence__isnull=False) & ~Q(suggested=[])),
                name="breach_suggests_from_evidence",
            ),
        ]
        indexes = [
            models.Index(fields=["-breached_at", "-id"], name="breach_by_day"),
            models.Index(fields=["-breached_at", "-id"], name="breach_unreasoned", condition=Q(cause="")),
            models.Index(fields=["id"], name="breach_to_collect", condition=Q(evidence__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"Breach of handoff {self.handoff_id}"
