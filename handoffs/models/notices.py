"""The outbox: what people are told, and how it reached them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from funnel.models import Member
from funnel.models.company import DEPARTMENT_CHOICES
from funnel.moment import RevopsNow
from handoffs.models.handoffs import Handoff


class Notice(models.Model):
    """One message about one handoff at one step: the outbox. `key` is stable, so a repeat can be recognised.

    Written in the transaction of what it tells of; delivered at least once, retried with a growing pause.
    """

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20)
    handoff = models.ForeignKey(
        Handoff, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    department = models.CharField(max_length=20, blank=True, choices=DEPARTMENT_CHOICES)
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    next_try_at = models.DateTimeField(db_default=RevopsNow())
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(attempts__lte=50), name="notice_attempts_bounded"),
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True) | Q(given_up_at__isnull=True), name="notice_one_end"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="notice_to_deliver",
                condition=Q(delivered_at__isnull=True, given_up_at__isnull=True),
            ),
            models.Index(fields=["department", "-id"], name="notice_of_department"),
        ]

    def __str__(self) -> str:
        return self.key
