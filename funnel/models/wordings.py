"""What the company calls things: every wording that was ever given to a stage, a reason or a channel."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from funnel.models.company import Member
from funnel.moment import RevopsNow


class Wording(models.Model):
    """One version of the name of one thing; never changed, only followed by the next (a trigger holds it).

    `what` names the thing: `stage.sql`, `reason.12`, `channel.3`, `campaign.8`. Two empty names mean the
    product's own word again.
    """

    what = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    ja = models.CharField(max_length=200, blank=True)
    en = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField(db_default=RevopsNow(), editable=False)
    by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["what", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["what", "version"], name="wording_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="wording_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.what} v{self.version}"
