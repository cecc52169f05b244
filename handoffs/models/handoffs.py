"""The promises themselves, one row a round."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funnel.models import Customer, Deal, Event, Lead, Member
from funnel.models.company import DEPARTMENT_CHOICES
from handoffs.lanes import DECISION_WORDS, Boundary, Decision
from handoffs.models.terms import BOUNDARY_CHOICES, LaneTerms
from handoffs.querysets import HandoffQuerySet
from handoffs.rotation import WAITING, Why


class Handoff(models.Model):
    """One promise: the receiver owes something by `due_at` for one subject, in one round.

    Opened by a binding event, in its transaction. `due_at` is fixed at opening (null for the gate).
    `kept_at` is when the owed act occurred; `missed_at` equals `due_at` (for the gate, the submission)
    and stays when the act comes late. The promise's state is derived from the dates. Verdicts are
    final (a trigger holds it): a miss stays a miss, a kept promise stays kept unless the ledger withdraws the
    act that kept it (`kept_by`), an excuse changes neither.
    `is_self`: sender and receiver are one; counted, but left out of acceptance and handoff time.
    `closed_at` is when (database clock) nothing more could happen to the round: done and accepted,
    returned, cancelled, or its subject gone. `warn_at` is the next warning step; null when none is left.
    `escalate_at` is when the department's lead hears that it is still not done; null once he has heard.
    `routed_by` is why the owner got it, or why there is none (`handoffs.rotation.Why`); `owned_at` since when it is
    his, which is the day it counts as received; `routed_count` the how-many-th of that day it was when the product
    chose, `routed_limit` his limit then (null: none).
    """

    boundary = models.CharField(max_length=10, choices=BOUNDARY_CHOICES)
    round = models.PositiveSmallIntegerField(default=1)
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, null=True, blank=True, related_name="handoffs")
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, null=True, blank=True, related_name="handoffs")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="handoffs"
    )
    opened_by = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="opened_handoff")
    kept_by = models.ForeignKey(
        Event, on_delete=models.PROTECT, null=True, blank=True, related_name="kept_handoffs"
    )
    terms = models.ForeignKey(LaneTerms, on_delete=models.PROTECT, related_name="+")
    from_department = models.CharField(max_length=20, choices=DEPARTMENT_CHOICES)
    to_department = models.CharField(max_length=20, choices=DEPARTMENT_CHOICES)
    done_by_department = models.CharField(max_length=20, choices=DEPARTMENT_CHOICES)
    sender = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="handoffs"
    )
    is_self = models.BooleanField(default=False)

    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    kept_at = models.DateTimeField(null=True, blank=True)
    kept_recorded_at = models.DateTimeField(null=True, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    warn_at = models.DateTimeField(null=True, blank=True)
    escalate_at = models.DateTimeField(null=True, blank=True)
    routed_by = models.CharField(max_length=20, blank=True)
    owned_at = models.DateTimeField(null=True, blank=True)
    routed_count = models.PositiveIntegerField(null=True, blank=True)
    routed_limit = models.PositiveSmallIntegerField(null=True, blank=True)

    decision = models.CharField(
        max_length=10, choices={k: w.en for k, w in DECISION_WORDS.items()}, default=Decision.PENDING
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    return_reason = models.CharField(max_length=40, blank=True)
    returned_after_contact = models.BooleanField(null=True, blank=True)
    excuse_reason = models.CharField(max_length=40, blank=True)
    excused_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    excused_at = models.DateTimeField(null=True, blank=True)
    below_threshold_reason = models.CharField(max_length=40, blank=True)

    objects = HandoffQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("handoff"), _("handoffs")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lead"],
                condition=Q(boundary="mql", closed_at__isnull=True),
                name="handoff_mql_one_live",
            ),
            models.UniqueConstraint(
                fields=["boundary", "deal"],
                condition=Q(boundary__in=["sql", "won"], closed_at__isnull=True),
                name="handoff_deal_one_live",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False)
                | (Q(cancelled_at__isnull=True) & ~Q(decision="returned")),
                name="handoff_ended_is_closed",
            ),
            models.UniqueConstraint(
                fields=["lead", "round"], condition=Q(boundary="mql"), name="handoff_mql_round_once"
            ),
            models.UniqueConstraint(
                fields=["deal", "round"], condition=Q(boundary="sql"), name="handoff_sql_round_once"
            ),
            models.UniqueConstraint(
                fields=["deal", "round"], condition=Q(boundary="won"), name="handoff_won_round_once"
            ),
            models.UniqueConstraint(
                fields=["customer", "round"],
                condition=Q(boundary="advocacy"),
                name="handoff_advocacy_round_once",
            ),
            models.CheckConstraint(condition=Q(boundary__in=list(Boundary)), name="handoff_boundary_known"),
            models.CheckConstraint(condition=Q(decision__in=list(Decision)), name="handoff_decision_known"),
            models.CheckConstraint(
                condition=Q(boundary="mql", lead__isnull=False)
                | Q(boundary__in=["sql", "won"], lead__isnull=False, deal__isnull=False)
                | Q(boundary="advocacy", customer__isnull=False),
                name="handoff_has_subject",
            ),
            models.CheckConstraint(
                condition=Q(boundary="sql", due_at__isnull=True)
                | (~Q(boundary="sql") & Q(due_at__isnull=False)),
                name="handoff_due_unless_gate",
            ),
            models.CheckConstraint(
                condition=Q(decision="pending", decided_at__isnull=True)
                | (~Q(decision="pending") & Q(decided_at__isnull=False)),
                name="handoff_decision_with_date",
            ),
            models.CheckConstraint(
                condition=Q(decision="returned") & ~Q(return_reason="")
                | ~Q(decision="returned") & Q(return_reason=""),
                name="handoff_return_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(missed_at__isnull=True) | Q(due_at__isnull=True) | Q(missed_at=F("due_at")),
                name="handoff_missed_as_of_due",
            ),
            models.CheckConstraint(
                condition=Q(kept_at__isnull=True, kept_recorded_at__isnull=True)
                | Q(kept_at__isnull=False, kept_recorded_at__isnull=False),
                name="handoff_kept_with_recording",
            ),
            models.CheckConstraint(
                condition=Q(kept_at__isnull=True)
                | Q(due_at__isnull=True)
                | Q(kept_at__lte=F("due_at"), kept_recorded_at__lte=F("due_at"))
                | Q(missed_at__isnull=False),
                name="handoff_late_is_missed",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(kept_at__isnull=True, missed_at__isnull=True),
                name="handoff_cancelled_has_no_verdict",
            ),
            models.CheckConstraint(
                condition=Q(excused_at__isnull=True, excuse_reason="")
                | (Q(excused_at__isnull=False, missed_at__isnull=False) & ~Q(excuse_reason="")),
                name="handoff_excuse_of_a_miss",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True, owned_at__isnull=True, routed_count__isnull=True)
                | Q(owner__isnull=False, owned_at__isnull=False),
                name="handoff_owned_since",
            ),
            models.CheckConstraint(
                condition=Q(routed_by__in=["", *WAITING], owner__isnull=True)
                | Q(routed_by__in=[w for w in Why if w not in WAITING], owner__isnull=False),
                name="handoff_routed_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="handoff_to_sweep",
                condition=Q(
                    due_at__isnull=False,
                    kept_at__isnull=True,
                    missed_at__isnull=True,
                    cancelled_at__isnull=True,
                ),
            ),
            models.Index(
                fields=["done_by_department", "due_at"],
                name="handoff_live_queue",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index(fields=["owner"], name="handoff_live_of_owner", condition=Q(closed_at__isnull=True)),
            models.Index(
                fields=["warn_at"],
                name="handoff_to_warn",
                condition=Q(
                    warn_at__isnull=False,
                    kept_at__isnull=True,
                    missed_at__isnull=True,
                    cancelled_at__isnull=True,
                ),
            ),
            models.Index(
                fields=["escalate_at"],
                name="handoff_to_escalate",
                condition=Q(escalate_at__isnull=False, kept_at__isnull=True, closed_at__isnull=True),
            ),
            models.Index(
                fields=["owner", "done_by_department", "owned_at"],
                name="handoff_received",
                condition=Q(owner__isnull=False),
            ),
            models.Index(
                fields=["done_by_department", "due_at"],
                name="handoff_without_owner",
                condition=Q(owner__isnull=True, closed_at__isnull=True),
            ),
            models.Index(fields=["boundary", "due_at"], name="handoff_by_due"),
            models.Index(fields=["boundary", "opened_at"], name="handoff_by_opening"),
            models.Index(fields=["lead"], name="handoff_by_lead"),
            models.Index(fields=["owner", "-id"], name="handoff_by_owner"),
            models.Index(fields=["boundary"], name="handoff_returned", condition=Q(decision="returned")),
        ]

    def __str__(self) -> str:
        return f"{self.boundary} #{self.pk} round {self.round}"
