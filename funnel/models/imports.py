"""What came through the doors: files with one outcome a row, and answers kept for repeated API calls."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from funnel.models.company import Member
from funnel.moment import RevopsNow


class ImportBatch(models.Model):
    """One file read into the ledger. `sha256` with `kind` and `history` finds an unfinished run to resume.

    When done, created + updated + unchanged + rejected = total (a constraint holds it).
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    kind = models.CharField(max_length=12)
    filename = models.CharField(max_length=255, blank=True)
    stored_as = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64)
    encoding = models.CharField(max_length=20, blank=True)
    history = models.BooleanField(default=False)
    columns = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    failure = models.CharField(max_length=40, blank=True)
    rows_read = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="done")
                | Q(total=F("created") + F("updated") + F("unchanged") + F("rejected")),
                name="import_every_row_accounted",
            )
        ]
        indexes = [models.Index(fields=["sha256", "kind"], name="import_to_resume")]

    def __str__(self) -> str:
        return f"{self.kind} {self.filename}"


class ImportRow(models.Model):
    """The outcome of one row, by physical line number. `raw` is kept for rejected rows only and is erasable."""

    class Outcome(models.TextChoices):
        CREATED = "created"
        UPDATED = "updated"
        UNCHANGED = "unchanged"
        REJECTED = "rejected"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.CharField(max_length=40, blank=True)
    params = models.JSONField(default=dict, blank=True)
    flags = models.JSONField(default=list, blank=True)
    raw = models.TextField(blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "line"], name="import_row_once"),
            models.CheckConstraint(condition=Q(line__gt=0), name="import_row_line"),
            models.CheckConstraint(
                condition=~Q(outcome="rejected") | ~Q(reason=""), name="import_row_rejected_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.outcome}"


class IdempotencyKey(models.Model):
    """The answer given to a POST with an `Idempotency-Key`; written in the transaction of the act itself."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_to_expire")]

    def __str__(self) -> str:
        return self.key
