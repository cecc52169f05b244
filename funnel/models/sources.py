"""Where leads come from: channels, campaigns, traffic and spend per day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Channel(models.Model):
    """A source of leads (展示会, organic search …). Unknown ones met on import are created and reported.

    A retired one (`is_active` false) is no longer offered; what came through it stays.
    """

    slug = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=100)
    is_web = models.BooleanField(default=True)
    created_by_import = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("channel"), _("channels")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Campaign(models.Model):
    """One campaign or landing page within a channel or across them."""

    slug = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    channel = models.ForeignKey(
        Channel, null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TrafficReading(models.Model):
    """Visits of one day by channel and campaign; a re-import replaces the number."""

    day = models.DateField()
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    visits = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "channel", "campaign"], nulls_distinct=False, name="traffic_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.visits}"


class SpendEntry(models.Model):
    """Money spent on one day by channel and campaign, in the organisation's currency."""

    day = models.DateField()
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "channel", "campaign"], nulls_distinct=False, name="spend_once_a_day"
            ),
            # NaN sorts above every number, so the upper bound refuses it too.
            models.CheckConstraint(condition=Q(amount__gte=0, amount__lt=10**15), name="spend_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.amount}"
