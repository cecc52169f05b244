"""What was agreed for each boundary, version after version."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.models import Member
from funnel.moment import RevopsNow
from handoffs.clock import Unit
from handoffs.lanes import LANES, Boundary

BOUNDARY_CHOICES = {b.value: LANES[b].words.en for b in Boundary}


class LaneTerms(models.Model):
    """What was agreed for a boundary, from a moment on. A change is a new version, for new promises only.

    `target` is in `unit` (hours or business days), null for a gate; `threshold` is the percentage of the
    customer sheet a gate demands; `items` are the sheet's items (key, label_en, label_ja, weight, required).
    """

    boundary = models.CharField(max_length=10, choices=BOUNDARY_CHOICES)
    version = models.PositiveIntegerField()
    target = models.PositiveIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=15, blank=True, choices={u.value: u.value for u in Unit})
    threshold = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    warn_at_percent = models.JSONField(default=list, blank=True)
    items = models.JSONField(default=list, blank=True)
    since = models.DateTimeField(db_default=RevopsNow(), editable=False)
    by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("terms of a lane"), _("terms of lanes")
        ordering = ["boundary", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["boundary", "version"], name="terms_version_once"),
            models.CheckConstraint(
                condition=(
                    Q(target__isnull=True, unit="")
                    | (Q(target__isnull=False, target__gt=0) & Q(unit__in=list(Unit)))
                ),
                name="terms_target_with_unit",
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=False)
                | (Q(threshold__isnull=False, threshold__gte=0, threshold__lte=100)),
                name="terms_clock_or_gate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.boundary} v{self.version}"
