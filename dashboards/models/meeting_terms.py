"""What was agreed about each kind of meeting, version after version: how often, through what, with whom."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dashboards.cadence import Rhythm
from dashboards.deck import KIND_WORDS, Slide, Topic, minutes
from funnel.models import Member
from funnel.moment import RevopsNow

KIND_CHOICES = {kind: words.en for kind, words in KIND_WORDS.items()}


class MeetingTerms(models.Model):
    """The terms of a kind of meeting, from a moment on; a change is a new version, for meetings started afterwards.

    Without a `unit` it is held when somebody starts it. Else it is held at `at`, local, every business day, on
    `weekday` (Monday is 0) of each `every`-th week, or on the first business day of each `every`-th month.
    `slides` are [topic, minutes] in their order. Who takes part gets its minutes: leads of departments
    (`with_leads`), everybody of `departments`, `members`; and always whoever ran it or has something to do.
    """

    class Unit(models.TextChoices):
        DAY = "day"
        WEEK = "week"
        MONTH = "month"

    kind = models.CharField(max_length=12, choices=KIND_CHOICES)
    version = models.PositiveIntegerField()
    unit = models.CharField(max_length=5, blank=True, choices=Unit.choices)
    every = models.PositiveSmallIntegerField(default=1)
    weekday = models.PositiveSmallIntegerField(null=True, blank=True)
    at = models.TimeField()
    slides = models.JSONField()
    with_leads = models.BooleanField(default=True)
    departments = models.JSONField(default=list, blank=True)
    members = models.ManyToManyField(Member, blank=True, related_name="+")
    since = models.DateTimeField(db_default=RevopsNow(), editable=False)
    by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name, verbose_name_plural = _("terms of a meeting"), _("terms of meetings")
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="meeting_terms_version_once"),
            models.CheckConstraint(condition=Q(kind__in=list(KIND_WORDS)), name="meeting_terms_kind_known"),
            models.CheckConstraint(
                condition=Q(unit__in=["", "day", "month"], weekday__isnull=True)
                | Q(unit="week", weekday__isnull=False, weekday__lte=6),
                name="meeting_terms_weekday_of_week",
            ),
            models.CheckConstraint(
                condition=Q(every__gte=1, every__lte=12), name="meeting_terms_every_in_range"
            ),
            models.CheckConstraint(condition=~Q(slides=[]), name="meeting_terms_some_slide"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}"

    @property
    def deck(self) -> tuple[Slide, ...]:
        """What such a meeting goes through, in its order."""
        return tuple(Slide(Topic(topic), length) for topic, length in self.slides)

    @property
    def minutes(self) -> int:
        """The minutes planned for the whole of it."""
        return minutes(self.deck)

    @property
    def rhythm(self) -> Rhythm | None:
        """How often it is held; None where it is not held by itself."""
        match self.unit:
            case self.Unit.DAY:
                return Rhythm(self.at)
            case self.Unit.WEEK:
                return Rhythm(self.at, weekday=self.weekday, weeks=self.every)
            case self.Unit.MONTH:
                return Rhythm(self.at, months=self.every)
        return None
