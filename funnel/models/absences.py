"""Days on which somebody is away."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from funnel.models.company import Member
from funnel.moment import RevopsNow


class Absence(models.Model):
    """A member is away on the organisation's days from `first_on` to `last_on`, both included.

    Nothing is given to him by rotation then; what he has stays his. Two absences of one member never overlap (a
    trigger holds it). Why he is away is nobody's business and is not kept.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="absences", db_index=False)
    first_on = models.DateField()
    last_on = models.DateField()
    entered_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    entered_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["first_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="absence_dates"),
        ]
        indexes = [models.Index(fields=["member", "last_on"], name="absence_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.first_on}–{self.last_on}"
