"""Counts of stage entries: deltas written with the event, and daily counts they are folded into."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.models import Channel
from funnel.stages import STAGE_WORDS, STAGES

STAGE_CHOICES = {s.value: STAGE_WORDS[s].en for s in STAGES}


class Measure(models.TextChoices):
    """What a count counts.

    ENTERED: leads that entered `stage` on `day`. REACHED: leads captured on `day` that have reached
    `stage` since. WITHIN: leads that entered the stage before `stage` on `day` and entered `stage`
    within its cohort window. All days are organisation-local.
    """

    ENTERED = "entered"
    REACHED = "reached"
    WITHIN = "within"


class CountDelta(models.Model):
    """±n to a count, inserted in the transaction of the event; the folder moves it into DailyCount."""

    measure = models.CharField(max_length=8, choices=Measure.choices)
    stage = models.CharField(max_length=10, choices=STAGE_CHOICES)
    day = models.DateField()
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    inferred = models.BooleanField(default=False)
    n = models.IntegerField()

    class Meta:
        verbose_name, verbose_name_plural = _("change of a count"), _("changes of counts")
        constraints = [
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="delta_measure_known"),
            models.CheckConstraint(condition=Q(stage__in=list(STAGES)), name="delta_stage_known"),
            models.CheckConstraint(condition=~Q(n=0), name="delta_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.stage} {self.day} {self.n:+d}"


class DailyCount(models.Model):
    """A count of one day; exact together with the deltas not folded yet. Never negative in total."""

    measure = models.CharField(max_length=8, choices=Measure.choices)
    stage = models.CharField(max_length=10, choices=STAGE_CHOICES)
    day = models.DateField()
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    inferred = models.BooleanField(default=False)
    n = models.IntegerField()

    class Meta:
        verbose_name, verbose_name_plural = _("daily count"), _("daily counts")
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "day", "stage", "channel", "inferred"],
                nulls_distinct=False,
                name="daily_count_once",
            ),
            models.CheckConstraint(condition=Q(n__gte=0), name="daily_count_not_negative"),
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="daily_measure_known"),
            models.CheckConstraint(condition=Q(stage__in=list(STAGES)), name="daily_stage_known"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.stage} {self.day} {self.n}"
