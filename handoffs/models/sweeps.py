"""When promises were last looked over."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class SweepRun(models.Model):
    """The last sweep, one row: its moment, how many it marked, and the gap between due and marked (seconds)."""

    ran_at = models.DateTimeField()
    marked = models.PositiveIntegerField(default=0)
    worst_lag_seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="sweep_run_only_one")]

    def __str__(self) -> str:
        return f"{self.ran_at}"
