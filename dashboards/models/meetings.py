"""Meetings held over the numbers: what was shown, where they stand, what was written on them."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dashboards.deck import KIND_WORDS
from dashboards.models.meeting_terms import KIND_CHOICES, MeetingTerms
from funnel.models import Member
from funnel.moment import RevopsNow

LONGEST = timedelta(days=2)


class Meeting(models.Model):
    """One meeting of one kind; its address is its kind and `label` (2026-W47), for ever.

    It goes by the `terms` that held when it was started. `snapshot` is what the numbers were at that moment
    (`dashboards.meetings.collecting`), and never changes; `since` is the meeting of its kind before, whose numbers it
    is compared with. `slide` counts from 0; `is_live` shows today's numbers in place of the snapshot's. `titles`
    holds, by slide's topic, the claims that were written over the product's own. `timer_spent` are seconds counted
    before `timer_since`, from when it runs (null: it stands). `version` grows with every change other screens must
    see.
    """

    kind = models.CharField(max_length=12, choices=KIND_CHOICES)
    label = models.CharField(max_length=12)
    held_on = models.DateField()
    starts = models.DateField()
    ends = models.DateField()
    started_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    started_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    terms = models.ForeignKey(MeetingTerms, on_delete=models.PROTECT, related_name="+", db_index=False)
    since = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    snapshot = models.JSONField()
    slide = models.PositiveSmallIntegerField(default=0)
    is_live = models.BooleanField(default=False)
    titles = models.JSONField(default=dict, blank=True)
    timer_since = models.DateTimeField(null=True, blank=True)
    timer_spent = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name, verbose_name_plural = _("meeting"), _("meetings")
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "label"], name="meeting_once"),
            models.CheckConstraint(condition=Q(kind__in=list(KIND_WORDS)), name="meeting_kind_known"),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="meeting_scope_runs_forward"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False, timer_since__isnull=True),
                name="meeting_closed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "-started_at"], name="meeting_latest_of_kind"),
            models.Index(fields=["id"], name="meeting_running", condition=Q(closed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.label}"

    @classmethod
    def running(cls) -> list[tuple[int, int]]:
        """The id and version of every meeting that is not closed; those left open for days are none any more."""
        rows = cls.objects.filter(closed_at__isnull=True, started_at__gt=RevopsNow() - LONGEST)
        return list(rows.order_by().values_list("pk", "version"))


class KpiAnswer(models.Model):
    """Whether a KPI still serves the business, as a meeting answered it; the last answer of a meeting stands."""

    class Answer(models.TextChoices):
        KEEP = "keep"
        CHANGE = "change"
        DROP = "drop"

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="answers")
    kpi = models.CharField(max_length=60)
    answer = models.CharField(max_length=6, choices=Answer.choices)
    answered_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    answered_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name, verbose_name_plural = _("answer about a KPI"), _("answers about KPIs")
        ordering = ["-answered_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "kpi"], name="kpi_answered_once"),
            models.CheckConstraint(
                condition=Q(answer__in=["keep", "change", "drop"]), name="kpi_answer_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi}: {self.answer}"
