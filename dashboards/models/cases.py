"""What was learnt from a deal won or lost, or from a customer who left, shared with everybody."""

from __future__ import annotations

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funnel.models import Customer, Deal, Member, Note
from funnel.moment import RevopsNow
from funnel.words import Words

MOST_TAGS, LONGEST_TAG = 5, 20


class CaseKind(StrEnum):
    """How a case ended."""

    WON = "won"
    LOST = "lost"
    CHURNED = "churned"


CASE_WORDS: dict[str, Words] = {
    CaseKind.WON: Words("Won", "受注"),
    CaseKind.LOST: Words("Lost", "失注"),
    CaseKind.CHURNED: Words("Churned", "解約"),
}


class SharedCase(models.Model):
    """The lesson of one deal that was won or lost, or of one customer who churned.

    `kind` is how it ended when it was shared. The lesson is a Note, which is erased with the person it came from; a
    change writes a new one. `tags` are what it is found by, in small letters.
    """

    kind = models.CharField(max_length=8, choices={kind: words.en for kind, words in CASE_WORDS.items()})
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="cases"
    )
    lesson = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="+", db_index=False)
    tags = ArrayField(models.CharField(max_length=LONGEST_TAG), size=MOST_TAGS, default=list, blank=True)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    shared_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("shared case"), _("shared cases")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[CaseKind.WON, CaseKind.LOST], deal__isnull=False, customer__isnull=True)
                | Q(kind=CaseKind.CHURNED, deal__isnull=True, customer__isnull=False),
                name="case_of_one_record",
            ),
            models.UniqueConstraint(fields=["deal", "kind"], name="case_of_deal_once"),
            models.UniqueConstraint(fields=["customer"], name="case_of_customer_once"),
        ]
        indexes = [GinIndex(fields=["tags"], name="case_by_tag")]

    def __str__(self) -> str:
        return f"{self.kind} {self.deal_id or self.customer_id}"
