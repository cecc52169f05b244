"""What came through the doors: files with one outcome a row, and answers kept for repeated API calls."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from funnel.models.company import Member
from funnel.moment import RevopsNow


class ImportBatch(models.Model):
    """One file read into the ledger. `sha256` with `kind` and `history` finds an unfinished run to resume.

    When done, created + updated + unchanged + rejected = total (a constraint holds it). Undoing it takes
    back what its rows made: undone + kept = created + updated when that is done (another one holds that).
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        UNDOING = "undoing"
        UNDONE = "undone"

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
    undone = models.PositiveIntegerField(default=0, db_default=0)
    kept = models.PositiveIntegerField(default=0, db_default=0)
    undone_by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("import"), _("imports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["done", "undoing", "undone"])
                | Q(total=F("created") + F("updated") + F("unchanged") + F("rejected")),
                name="import_every_row_accounted",
            ),
            models.CheckConstraint(
                condition=Q(undone=0, kept=0, undone_at__isnull=True)
                | Q(status="undoing", undone_at__isnull=True)
                | Q(status="undone", undone_at__isnull=False, undone=F("created") + F("updated") - F("kept")),
                name="import_undone_accounted",
            ),
            models.CheckConstraint(
                condition=~Q(status="undone") | Q(undone_at__isnull=False), name="import_undone_has_date"
            ),
        ]
        indexes = [models.Index(fields=["sha256", "kind"], name="import_to_resume")]

    def __str__(self) -> str:
        return f"{self.kind} {self.filename}"


class ImportMapping(models.Model):
    """How the columns of files with this header were read the last time: offered again for the next such file.

    `header_sha256` is of the headings, folded; `columns` is field → place.
    """

    kind = models.CharField(max_length=12)
    header_sha256 = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    used_at = models.DateTimeField(db_default=RevopsNow())
    by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "header_sha256"], name="import_mapping_once"),
            models.CheckConstraint(
                condition=Q(header_sha256__regex=r"^[0-9a-f]{64}$"), name="import_mapping_digest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.header_sha256[:8]}"


class ImportPiece(models.Model):
    """Rows of a file written in one transaction: which events of the ledger are theirs.

    They were recorded at `recorded_at` by this file, with ids above `after_event` and up to `last_event`; other
    doors' events may lie among them.
    """

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="pieces")
    first_line = models.PositiveIntegerField()
    last_line = models.PositiveIntegerField()
    recorded_at = models.DateTimeField()
    after_event = models.BigIntegerField()
    last_event = models.BigIntegerField()

    class Meta:
        ordering = ["batch", "first_line"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "first_line"], name="import_piece_once"),
            models.CheckConstraint(
                condition=Q(last_line__gte=F("first_line"), last_event__gte=F("after_event")),
                name="import_piece_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.first_line}-{self.last_line}"


class ImportRow(models.Model):
    """The outcome of one row, by physical line number. `raw` is kept for rejected rows only, and for 30 days.

    `before` holds, of a row that changed what the ledger does not tell (names, numbers), what stood there and
    what was put: {field: [old, new]}. It may hold personal text: it goes once the file can no longer be undone, and
    with the person it speaks of (a trigger). `undo` says what became of
    the row when the file was undone, `undo_reason` why it was kept.
    """

    class Outcome(models.TextChoices):
        CREATED = "created"
        UPDATED = "updated"
        UNCHANGED = "unchanged"
        REJECTED = "rejected"

    class Undo(models.TextChoices):
        NONE = ""
        UNDONE = "undone"
        KEPT = "kept"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.CharField(max_length=40, blank=True)
    params = models.JSONField(default=dict, blank=True)
    flags = models.JSONField(default=list, blank=True)
    raw = models.TextField(blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)
    before = models.JSONField(default=dict, db_default=Value({}, models.JSONField()), blank=True)
    undo = models.CharField(max_length=6, blank=True, default="", db_default="", choices=Undo.choices)
    undo_reason = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "line"], name="import_row_once"),
            models.CheckConstraint(condition=Q(line__gt=0), name="import_row_line"),
            models.CheckConstraint(
                condition=~Q(outcome="rejected") | ~Q(reason=""), name="import_row_rejected_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(undo__in=["", "undone", "kept"]), name="import_row_undo_known"
            ),
            models.CheckConstraint(
                condition=~Q(undo="kept") | ~Q(undo_reason=""), name="import_row_kept_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["batch"], condition=~Q(before={}), name="import_row_before"),
            models.Index(fields=["batch"], condition=~Q(raw=""), name="import_row_raw"),
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
