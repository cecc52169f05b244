"""Customers: contracts, usage, surveys and the daily health record."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from funnel.models.company import Member
from funnel.models.deals import Deal
from funnel.models.leads import Lead
from funnel.models.people import Account
from funnel.moment import RevopsNow
from funnel.stages import CUSTOMER_PHASE_WORDS, CustomerPhase

UNKNOWN_SCORE = 101
"""Above every score: where a customer that was never judged stands in an order by health."""


class CustomerRows(models.QuerySet["Customer"]):
    """Finding customers."""

    def standing(self) -> CustomerRows:
        """Those whose contracts were not all taken back: who came by a win that was undone never was one."""
        valid = Contract.objects.filter(customer=OuterRef("customer"), voided_at=None)
        void = Contract.objects.filter(customer=OuterRef("pk"), voided_at__isnull=False)
        return self.filter(~Exists(void.filter(~Exists(valid))))


class Customer(models.Model):
    """An account with a signed contract. `phase` is a cache of the ledger, written with it.

    The renewal window alone comes with time: it is noted daily for contracts that end soon. `plan` is what
    they use, `growth` where there is room for more, `note` what everybody should know; all in words.
    `health_score` and `health_band` repeat the latest health record, null without one: the database keeps them so,
    whatever is written here.
    """

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="customer")
    origin_lead = models.ForeignKey(
        Lead, null=True, blank=True, on_delete=models.PROTECT, related_name="customers"
    )
    owner = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="customers"
    )
    phase = models.CharField(
        max_length=15,
        choices={k: w.en for k, w in CUSTOMER_PHASE_WORDS.items()},
        default=CustomerPhase.ONBOARDING,
    )
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    onboarded_at = models.DateTimeField(null=True, blank=True)
    since = models.DateField()
    plan = models.CharField(max_length=120, blank=True, db_default="")
    growth = models.CharField(max_length=200, blank=True, db_default="")
    note = models.TextField(blank=True, db_default="")
    health_score = models.PositiveSmallIntegerField(null=True, editable=False)
    health_band = models.CharField(max_length=10, null=True, editable=False)
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    objects = CustomerRows.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("customer"), _("customers")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["since", "id"], name="customer_by_since"),
            # Who was never judged comes last.
            models.Index(Coalesce("health_score", UNKNOWN_SCORE), "id", name="customer_by_health"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(phase__in=list(CustomerPhase)), name="customer_phase_known")
        ]

    def __str__(self) -> str:
        return self.account.name


class Contract(models.Model):
    """A signed contract. `kickoff_at` is when the kickoff will be, set by an act; `ended_at` when it ended.

    `mrr` is monthly recurring revenue in `currency`, excluding tax; null when not known.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contracts")
    deal = models.OneToOneField(
        Deal, null=True, blank=True, on_delete=models.PROTECT, related_name="contract"
    )
    renewal_of = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="renewed_by"
    )
    signed_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    mrr = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="JPY")
    seats = models.PositiveIntegerField(null=True, blank=True)
    kickoff_at = models.DateTimeField(null=True, blank=True)
    kickoff_held_at = models.DateTimeField(null=True, blank=True)
    notice_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="contract_dates"
            ),
            # NaN sorts above every number, so the upper bound refuses it too.
            models.CheckConstraint(
                condition=Q(mrr__isnull=True) | Q(mrr__gte=0, mrr__lt=10**15),
                name="contract_mrr_not_negative",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="contract_currency_code"),
            models.CheckConstraint(
                condition=Q(kickoff_held_at__isnull=True) | Q(kickoff_at__isnull=False),
                name="contract_kickoff_order",
            ),
        ]
        indexes = [
            models.Index(fields=["ends_on"], name="contract_ending", condition=Q(ended_on__isnull=True)),
            models.Index(fields=["customer"], name="contract_void", condition=Q(voided_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Contract {self.pk}"


class UsageReading(models.Model):
    """One metric of one customer on one day (logins, active_users, features, inquiries …); re-sent values replace."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="usage")
    day = models.DateField()
    metric = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=18, decimal_places=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "metric", "day"], name="usage_once_a_day"),
            # NaN sorts above every number, so the upper bound refuses it too.
            models.CheckConstraint(condition=Q(value__gte=0, value__lt=10**13), name="usage_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.day}"


class SurveyResponse(models.Model):
    """One answer to a survey: NPS 0–10 or CSAT 1–5; one per customer, kind and wave."""

    class Kind(models.TextChoices):
        NPS = "nps"
        CSAT = "csat"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="surveys")
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.NPS)
    wave = models.CharField(max_length=20)
    score = models.PositiveSmallIntegerField()
    answered_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["kind", "answered_on"], name="survey_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["customer", "kind", "wave"], name="survey_once_a_wave"),
            models.CheckConstraint(
                condition=Q(kind="nps", score__lte=10) | Q(kind="csat", score__gte=1, score__lte=5),
                name="survey_score_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.score}"


class HealthRecord(models.Model):
    """A customer's health on one day: score 0–100, band, and the factors that add up to it.

    `factors` is a list of {key, weight, points, value}; the words are made when shown.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="health")
    day = models.DateField()
    score = models.PositiveSmallIntegerField()
    band = models.CharField(max_length=10)
    factors = models.JSONField(default=list)

    class Meta:
        get_latest_by = "day"
        constraints = [
            models.UniqueConstraint(fields=["customer", "day"], name="health_once_a_day"),
            models.CheckConstraint(condition=Q(score__lte=100), name="health_score_range"),
            models.CheckConstraint(
                condition=Q(band__in=["healthy", "watch", "at_risk"]), name="health_band_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.day}: {self.score}"
