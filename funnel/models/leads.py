"""Leads (one pass of one person), what was done with them, and what was heard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funnel.models.company import Member
from funnel.models.people import Account, Person
from funnel.models.sources import Campaign, Channel
from funnel.moment import RevopsNow
from funnel.stages import (
    ACTIVITY_WORDS,
    BANT_WORDS,
    DIRECTION_WORDS,
    OUTCOME_WORDS,
    RESULT_WORDS,
    STAGE_WORDS,
    STAGES,
    Bant,
    Direction,
    Outcome,
    Result,
    Stage,
)

OPEN_STAGES = (Stage.LEAD, Stage.MQL, Stage.SQL)
READ_WITH: Mapping[Stage, tuple[str, ...]] = {
    Stage.LEAD: ("mql_at",),
    Stage.MQL: ("first_contact_at", "contact_owed_since", "closed_at", "inferred"),
}
"""What readings over everybody who entered a stage take from the index alone, never from the rows."""


class Lead(models.Model):
    """One pass of one person through the funnel; open until the outcome of its deal.

    `stage` is where it stands now (lead, mql, sql); `<stage>_at` is the first entry into each stage
    within this pass. All of them are a cache of the ledger, written with it by `funnel.transitions`.
    `inferred` names the stages passed without a date of their own. `is_counted` is false once merged or
    withdrawn: such a pass is out of every count. One is withdrawn when the file that brought it is undone;
    `lead_at` then keeps what the file said, every later stage is empty. `date_conflict`
    marks imported dates that are out of order. `contact_owed_since` is the moment from which its present first
    contact was promised, null when none ever was; whoever keeps promises writes it in the database.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="leads")
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="leads", db_index=False
    )
    pass_no = models.PositiveSmallIntegerField(default=1)
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    channel = models.ForeignKey(
        Channel, null=True, blank=True, on_delete=models.PROTECT, related_name="leads"
    )
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="leads"
    )
    segment = models.CharField(max_length=80, blank=True)
    owner = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.PROTECT, related_name="leads", db_index=False
    )
    referred_by = models.ForeignKey(
        "funnel.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="referred_leads"
    )

    stage = models.CharField(
        max_length=10, choices={s.value: STAGE_WORDS[s].en for s in OPEN_STAGES}, default=Stage.LEAD
    )
    outcome = models.CharField(
        max_length=15, null=True, blank=True, choices={o.value: OUTCOME_WORDS[o].en for o in Outcome}
    )
    outcome_reason = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    wake_up_on = models.DateField(null=True, blank=True)
    lead_at = models.DateTimeField()
    mql_at = models.DateTimeField(null=True, blank=True)
    sql_at = models.DateTimeField(null=True, blank=True)
    won_at = models.DateTimeField(null=True, blank=True)
    onboarded_at = models.DateTimeField(null=True, blank=True)
    renewed_at = models.DateTimeField(null=True, blank=True)
    referred_at = models.DateTimeField(null=True, blank=True)
    first_contact_at = models.DateTimeField(null=True, blank=True)
    contact_owed_since = models.DateTimeField(null=True, blank=True, editable=False)
    inferred = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    is_counted = models.BooleanField(default=True)
    date_conflict = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("lead"), _("leads")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(outcome__isnull=True), name="lead_one_open_per_person"
            ),
            models.UniqueConstraint(fields=["person", "pass_no"], name="lead_pass_once"),
            models.CheckConstraint(condition=Q(stage__in=list(OPEN_STAGES)), name="lead_stage_known"),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True, closed_at__isnull=True)
                | Q(outcome__isnull=False, outcome__in=list(Outcome), closed_at__isnull=False),
                name="lead_outcome_with_date",
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.LEAD) | Q(mql_at__isnull=False), name="lead_mql_has_date"
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.SQL) | Q(sql_at__isnull=False), name="lead_sql_has_date"
            ),
            models.CheckConstraint(
                condition=Q(sql_at__isnull=True) | Q(mql_at__isnull=False), name="lead_sql_passed_mql"
            ),
            models.CheckConstraint(
                condition=Q(won_at__isnull=True) | Q(sql_at__isnull=False), name="lead_won_passed_sql"
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.WON) | Q(won_at__isnull=False), name="lead_won_has_date"
            ),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True) | ~Q(outcome=Outcome.MERGED) | Q(is_counted=False),
                name="lead_merged_uncounted",
            ),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True)
                | ~Q(outcome=Outcome.WITHDRAWN)
                | Q(is_counted=False, mql_at__isnull=True, external_id__isnull=True),
                name="lead_withdrawn_is_nothing",
            ),
            models.CheckConstraint(
                condition=Q(date_conflict=True)
                | (
                    (Q(mql_at__isnull=True) | Q(mql_at__gte=F("lead_at")))
                    & (Q(sql_at__isnull=True) | Q(sql_at__gte=F("mql_at")))
                    & (Q(won_at__isnull=True) | Q(won_at__gte=F("sql_at")))
                ),
                name="lead_dates_in_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["stage", "-id"], name="lead_open_by_stage", condition=Q(outcome__isnull=True)
            ),
            models.Index(
                fields=["-id"],
                name="lead_lies_returned",
                condition=Q(stage=Stage.LEAD, outcome__isnull=True, mql_at__isnull=False),
            ),
            models.Index(
                fields=["-id"],
                name="lead_referred",
                condition=Q(stage=Stage.LEAD, outcome__isnull=True, referred_by__isnull=False),
            ),
            models.Index(fields=["owner", "-id"], name="lead_by_owner"),
            models.Index(fields=["account"], name="lead_by_account"),
            models.Index(fields=["segment"], name="lead_by_segment", condition=~Q(segment="")),
            models.Index(fields=["lead_at", "id"], name="lead_by_capture"),
            models.Index(fields=["stage", "id"], name="lead_by_stage"),
            models.Index(fields=["wake_up_on"], name="lead_to_wake", condition=Q(wake_up_on__isnull=False)),
            *[
                models.Index(
                    fields=[f"{stage}_at"],
                    name=f"lead_entered_{stage}",
                    include=READ_WITH.get(stage),
                    condition=Q(is_counted=True, **{f"{stage}_at__isnull": False}),
                )
                for stage in STAGES
            ],
        ]

    def __str__(self) -> str:
        return f"Lead {self.pk}"

    @property
    def is_open(self) -> bool:
        """True until the pass has an outcome."""
        return self.outcome is None

    def reached(self) -> dict[Stage, datetime]:
        """First entry of every stage reached, as cached from the ledger."""
        found = {stage: getattr(self, f"{stage}_at") for stage in STAGES}
        return {stage: at for stage, at in found.items() if at is not None}


class Note(models.Model):
    """Free text somebody typed about a lead; erasable, and referred to by the ledger by id only."""

    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(Member, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["lead"], name="note_by_lead")]
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(text=""), name="note_erased_is_empty"
            )
        ]

    def __str__(self) -> str:
        return f"Note {self.pk}"


class Activity(models.Model):
    """A call, mail, meeting, form or visit. `is_human` and outbound ones of the contact kinds keep a promise.

    `occurred_at` is business time; the event of the ledger that records it carries `recorded_at`.
    """

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="activities")
    kind = models.CharField(max_length=10, choices={k: w.en for k, w in ACTIVITY_WORDS.items()})
    direction = models.CharField(max_length=10, choices={k: w.en for k, w in DIRECTION_WORDS.items()})
    result = models.CharField(
        max_length=12, blank=True, choices={k: w.en for k, w in RESULT_WORDS.items() if k}
    )
    is_human = models.BooleanField(default=True)
    note = models.ForeignKey(Note, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    occurred_at = models.DateTimeField()
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    event = models.OneToOneField("funnel.Event", on_delete=models.PROTECT, related_name="activity")

    class Meta:
        indexes = [
            models.Index(fields=["lead", "-occurred_at"], name="activity_by_lead"),
            models.Index(
                fields=["occurred_at"], name="activity_heard", condition=Q(direction=Direction.INBOUND)
            ),
            models.Index(
                fields=["kind", "occurred_at"], name="activity_held", condition=Q(result=Result.HELD)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(ACTIVITY_WORDS)), name="activity_kind_known"),
            models.CheckConstraint(
                condition=Q(direction__in=list(DIRECTION_WORDS)), name="activity_direction_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


def _answer() -> models.CharField:
    return models.CharField(
        max_length=10, choices={b.value: BANT_WORDS[b].en for b in Bant}, default=Bant.UNKNOWN
    )


class Qualification(models.Model):
    """What was heard about budget, authority, need and timeline; a new row each time, the latest counts."""

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="qualifications")
    budget = _answer()
    authority = _answer()
    need = _answer()
    timeline = _answer()
    note = models.ForeignKey(Note, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    event = models.OneToOneField("funnel.Event", on_delete=models.PROTECT, related_name="qualification")

    class Meta:
        get_latest_by = "id"
        indexes = [models.Index(fields=["lead", "-id"], name="qualification_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    budget__in=list(Bant),
                    authority__in=list(Bant),
                    need__in=list(Bant),
                    timeline__in=list(Bant),
                ),
                name="qualification_answers_known",
            )
        ]

    def __str__(self) -> str:
        return f"BANT {self.pk}"

    def answers(self) -> dict[str, str]:
        """The four answers by field."""
        return {
            "budget": self.budget,
            "authority": self.authority,
            "need": self.need,
            "timeline": self.timeline,
        }
