"""What was passed over with a handoff."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.models import Deal, Member
from handoffs.models.handoffs import Handoff
from handoffs.models.terms import LaneTerms


class CustomerSheet(models.Model):
    """What was passed over at the sql boundary. `score` is frozen at submission, with the terms it was judged by.

    `values` hold what was heard in words; they are erasable, the score stays.
    """

    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="sheets")
    handoff = models.OneToOneField(
        Handoff, on_delete=models.PROTECT, null=True, blank=True, related_name="sheet"
    )
    terms = models.ForeignKey(LaneTerms, on_delete=models.PROTECT, related_name="+")
    values = models.JSONField(default=dict)
    score = models.DecimalField(max_digits=5, decimal_places=2)
    missing = models.JSONField(default=list)
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("customer sheet"), _("customer sheets")
        ordering = ["-id"]
        indexes = [models.Index(fields=["submitted_at"], name="sheet_by_day")]
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="sheet_score_range"),
        ]

    def __str__(self) -> str:
        return f"Sheet {self.pk}"
