"""Deals: what is being sold to whom, for how much, and how it ended."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from funnel.models.company import Member
from funnel.models.leads import Lead, Note
from funnel.models.people import Account
from funnel.moment import RevopsNow
from funnel.stages import DEAL_KIND_WORDS, DEAL_STATE_WORDS, DEAL_STEP_WORDS, DealKind, DealState, DealStep

NEVER = date(9999, 12, 31)
"""After every day: where a deal without one stands in an order by days."""


class Deal(models.Model):
    """One thing being sold on a lead. `state` and `step` are a cache of the ledger, written with it.

    An amount of 0 is an amount; null is "not known yet". Currency is fixed at close; yen are whole.
    Deals are not in the funnel's `won` unless `kind` is new business.
    `next_step` is what is to be done next, typed by a person and so erasable; `next_step_on` is its day. Both stay
    when the deal closes, so that one reopened says again what was meant.
    """

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="deals")
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="deals"
    )
    name = models.CharField(max_length=200, blank=True)
    product = models.CharField(max_length=100, blank=True)
    segment = models.CharField(max_length=80, blank=True)
    kind = models.CharField(
        max_length=12, choices={k: w.en for k, w in DEAL_KIND_WORDS.items()}, default=DealKind.NEW
    )
    state = models.CharField(
        max_length=10, choices={k: w.en for k, w in DEAL_STATE_WORDS.items()}, default=DealState.OPEN
    )
    step = models.CharField(
        max_length=20, choices={k: w.en for k, w in DEAL_STEP_WORDS.items()}, default=DealStep.FIRST_MEETING
    )
    owner = models.ForeignKey(Member, null=True, blank=True, on_delete=models.PROTECT, related_name="deals")
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="JPY")
    opened_at = models.DateTimeField()
    meeting_at = models.DateTimeField(null=True, blank=True)
    expected_close_on = models.DateField(null=True, blank=True)
    next_step = models.ForeignKey(Note, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    next_step_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("deal"), _("deals")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(DealState)), name="deal_state_known"),
            models.CheckConstraint(condition=Q(kind__in=list(DealKind)), name="deal_kind_known"),
            models.CheckConstraint(condition=Q(step__in=list(DealStep)), name="deal_step_known"),
            # NaN sorts above every number, so the upper bound refuses it too.
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0, amount__lt=10**15),
                name="deal_amount_not_negative",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="deal_currency_code"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[DealState.WON, DealState.LOST, DealState.VOID], closed_at__isnull=False
                )
                | Q(state__in=[DealState.OPEN, DealState.RETURNED], closed_at__isnull=True),
                name="deal_closed_with_date",
            ),
            models.CheckConstraint(
                condition=~Q(state=DealState.WON) | Q(amount__isnull=False), name="deal_won_has_amount"
            ),
            models.CheckConstraint(
                condition=~Q(state=DealState.LOST) | ~Q(reason=""), name="deal_lost_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(next_step_on__isnull=True) | Q(next_step__isnull=False),
                name="deal_day_of_a_next_step",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="deal_by_state"),
            models.Index(fields=["closed_at"], name="deal_closed", condition=Q(state__in=["won", "lost"])),
            models.Index(fields=["lead", "product"], name="deal_by_lead_product"),
            models.Index(fields=["opened_at"], name="deal_by_opening"),
            models.Index(
                fields=["meeting_at"], name="deal_by_meeting", condition=Q(meeting_at__isnull=False)
            ),
            models.Index(fields=["owner", "-id"], name="deal_by_owner"),
            models.Index(
                fields=["next_step_on", "id"],
                name="deal_next_step_due",
                condition=Q(state=DealState.OPEN, next_step_on__isnull=False),
            ),
            # Who has no day for a next step comes last.
            models.Index(
                Coalesce("next_step_on", models.Value(NEVER, models.DateField())),
                "id",
                name="deal_by_next_step",
                condition=Q(state=DealState.OPEN),
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"Deal {self.pk}"

    @property
    def is_open(self) -> bool:
        """True while it can still be won or lost."""
        return self.state in (DealState.OPEN, DealState.RETURNED)

    @property
    def next_step_text(self) -> str:
        """What is to be done next; blank when nothing was said, or it was erased."""
        return self.next_step.text if self.next_step else ""

    @property
    def next_step_seen(self) -> str:
        """What a reader saw of the next step, as a token that he sends back when he changes it."""
        return f"{self.next_step_id or ''}:{self.next_step_on or ''}"
