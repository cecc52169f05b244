"""The ledger: one append-only table of everything that happened."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from funnel.models.company import DEPARTMENT_CHOICES, Member
from funnel.moment import RevopsNow
from funnel.stages import EVENT_WORDS, EventKind

FIRST_RECORDED = "first_recorded_at"


def first_recorded() -> Coalesce:
    """`Event.first_recorded_at` as SQL, to order by."""
    told = Cast(KeyTextTransform(FIRST_RECORDED, "data"), models.DateTimeField())
    return Coalesce(told, F("recorded_at"))


class Event(models.Model):
    """One dated fact. Never changed or deleted (triggers refuse UPDATE, DELETE and TRUNCATE).

    `occurred_at` is business time, `recorded_at` the database clock at the start of the recording
    transaction. `binding` is false for history and inferred passages: no promise, no notice.
    A correction is another event that names the one it `corrects`; its `data` holds the new
    `occurred_at`, or `withdrawn: true`. `data` holds codes, numbers and ids, never personal text;
    what somebody typed is a Note, referred to by id. An act told anew of another moment says in it when it
    was first recorded: `first_recorded_at`.
    """

    kind = models.CharField(max_length=30, choices={k: w.en for k, w in EVENT_WORDS.items()})
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    actor = models.ForeignKey(Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    department = models.CharField(max_length=20, blank=True, choices=DEPARTMENT_CHOICES)
    source = models.CharField(max_length=10, default="system")
    reason = models.CharField(max_length=40, blank=True)
    binding = models.BooleanField(default=True)
    inferred = models.BooleanField(default=False)
    lead = models.ForeignKey(
        "funnel.Lead", null=True, blank=True, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    deal = models.ForeignKey(
        "funnel.Deal", null=True, blank=True, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    contract = models.ForeignKey(
        "funnel.Contract", null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    customer = models.ForeignKey(
        "funnel.Customer",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="events",
        db_index=False,
    )
    handoff_ref = models.BigIntegerField(null=True, blank=True)
    note = models.ForeignKey("funnel.Note", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections", db_index=False
    )
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("event"), _("events")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(EventKind)), name="event_kind_known"),
            models.CheckConstraint(
                condition=Q(occurred_at__lte=F("recorded_at") + timedelta(minutes=5)),
                name="event_not_in_future",
            ),
            # Asked of members and programs; a file or history may say "not recorded".
            models.CheckConstraint(
                condition=Q(binding=False)
                | ~Q(kind__in=[EventKind.DEAL_WON, EventKind.DEAL_LOST])
                | ~Q(source__in=["html", "api"])
                | ~Q(reason__in=["", "not_recorded"]),
                name="event_end_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(inferred=False) | Q(binding=False), name="event_inferred_not_binding"
            ),
            models.CheckConstraint(
                condition=Q(kind=EventKind.EVENT_CORRECTED, corrects__isnull=False)
                | (~Q(kind=EventKind.EVENT_CORRECTED) & Q(corrects__isnull=True)),
                name="event_correction_names_event",
            ),
        ]
        indexes = [
            models.Index(fields=["lead", "id"], name="event_by_lead", condition=Q(lead__isnull=False)),
            models.Index(fields=["deal", "id"], name="event_by_deal", condition=Q(deal__isnull=False)),
            models.Index(
                fields=["customer", "id"], name="event_by_customer", condition=Q(customer__isnull=False)
            ),
            models.Index(fields=["corrects"], name="event_corrections", condition=Q(corrects__isnull=False)),
            models.Index(fields=["recorded_at"], name="event_by_recording", condition=Q(binding=True)),
            # What was recorded since a moment lies at the end: some pages of index for the whole ledger.
            BrinIndex(fields=["recorded_at"], name="event_recorded", pages_per_range=16),
            models.Index(
                fields=["-id"], name="event_of_settings", condition=Q(kind=EventKind.SETTING_CHANGED)
            ),
            models.Index(
                fields=["customer", "id"], name="event_of_health", condition=Q(kind=EventKind.HEALTH_CHANGED)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def first_recorded_at(self) -> datetime:
        """When the act was first recorded, if this tells it anew of another moment; else `recorded_at`."""
        told = self.data.get(FIRST_RECORDED)
        return datetime.fromisoformat(told) if told else self.recorded_at
