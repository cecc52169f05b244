"""Coming in: invitations, when a program last called, and the request to start with one's own data."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from funnel.models.company import DEPARTMENT_CHOICES, Member, Membership
from funnel.moment import RevopsNow
from funnel.stages import Department


class Invitation(models.Model):
    """An open door for one address, until it is used, taken back or expired. The link is kept as a hash only.

    `email` is lower case. Whoever comes in belongs to `departments` in `role` from that day on. Of one address
    one invitation is open at a time; a new one takes the old one back.
    """

    email = models.EmailField(max_length=150)
    name = models.CharField(max_length=150, blank=True)
    departments = ArrayField(
        models.CharField(max_length=20, choices=DEPARTMENT_CHOICES), default=list, blank=True
    )
    role = models.CharField(max_length=10, choices=Membership.Role.choices, default=Membership.Role.MEMBER)
    language = models.CharField(max_length=5, default="ja")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    created_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                name="invitation_one_open",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, member__isnull=True)
                | Q(used_at__isnull=False, member__isnull=False),
                name="invitation_used_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True), name="invitation_one_end"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="invitation_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(departments__contained_by=[d.value for d in Department]),
                name="invitation_departments",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}"


class TokenUse(models.Model):
    """When the token of a digest last opened the API, to about ten minutes. Goes with the token."""

    digest = models.CharField(max_length=128, primary_key=True)
    last_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.last_used_at}"


class FreshStart(models.Model):
    """Somebody asked to leave the demo behind: one row, which goes with the demo itself.

    `password` is a hash. `standing` is how far the new installation is being made; `failure` the class of what
    went wrong, after which it can be asked for again.
    """

    class Standing(models.TextChoices):
        ASKED = "asked"
        BUILDING = "building"
        FAILED = "failed"

    company = models.CharField(max_length=200)
    email = models.EmailField(max_length=150)
    name = models.CharField(max_length=150)
    language = models.CharField(max_length=5)
    password = models.CharField(max_length=128)
    asked_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=RevopsNow())
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.ASKED)
    failure = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="fresh_start_only_one"),
            models.CheckConstraint(
                condition=Q(standing__in=["asked", "building", "failed"]), name="fresh_start_standing_known"
            ),
        ]

    def __str__(self) -> str:
        return self.standing
