"""What a department says of its week in one sentence, and who helped another department."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.models import Member
from funnel.moment import RevopsNow
from funnel.stages import DEPARTMENT_WORDS, Department

DEPARTMENT_CHOICES = {department: words.en for department, words in DEPARTMENT_WORDS.items()}
LONGEST = 100


class WeekWord(models.Model):
    """One sentence of a department about a week, as no number says it; one version, never changed.

    `week` is its Monday. The highest version counts; one without text takes the sentence back.
    """

    week = models.DateField()
    department = models.CharField(max_length=20, choices=DEPARTMENT_CHOICES)
    version = models.PositiveIntegerField()
    text = models.CharField(max_length=LONGEST, blank=True)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    said_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("sentence of a week"), _("sentences of weeks")
        ordering = ["-week", "department", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["week", "department", "version"], name="week_word_version_once"),
            models.CheckConstraint(condition=Q(week__iso_week_day=1), name="week_word_of_a_monday"),
            models.CheckConstraint(condition=Q(department__in=list(Department)), name="week_word_department"),
            models.CheckConstraint(
                condition=Q(version__gt=1) | (Q(version=1) & ~Q(text="")), name="week_word_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.week} {self.department} v{self.version}"


class Help(models.Model):
    """Somebody helped a department other than his own, in a week; named so that the others see it.

    `week` is its Monday. It is taken back, never changed.
    """

    week = models.DateField()
    helper = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="helps")
    department = models.CharField(max_length=20, choices=DEPARTMENT_CHOICES)
    text = models.CharField(max_length=LONGEST)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    said_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name, verbose_name_plural = _("help"), _("helps")
        ordering = ["-week", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(week__iso_week_day=1), name="help_of_a_monday"),
            models.CheckConstraint(
                condition=Q(department__in=list(Department)), name="help_department_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="help_says_how"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="help_withdrawn_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["week", "id"], name="help_by_week")]

    def __str__(self) -> str:
        return self.text
