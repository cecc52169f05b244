"""When promises were last looked over."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SweepRun(models.Model):
    """The last sweep, one row: its moment, how many it marked, and the gap between due and marked (seconds).

    `woken_to` is the organisation's date up to which leads to be asked again have been told.
    """

    ran_at = models.DateTimeField()
    marked = models.PositiveIntegerField(default=0)
    worst_lag_seconds = models.PositiveIntegerField(default=0)
    woken_to = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("sweep"), _("sweeps")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="sweep_run_only_one")]

    def __str__(self) -> str:
        return f"{self.ran_at}"
