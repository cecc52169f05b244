"""The outbox: what people are told, and how each of them got it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funnel.models import Lead, Member
from funnel.models.company import DEPARTMENT_CHOICES
from funnel.moment import RevopsNow
from handoffs.kinds import CHOSEN, KIND_WORDS, MAILED, MENTIONED, POSTED, Kind, Way
from handoffs.models.handoffs import Handoff

MOST_ATTEMPTS = 50
WAITING = Q(delivered_at__isnull=True, given_up_at__isnull=True)


def default_mailed() -> list[str]:
    return [kind.value for kind in MAILED]


def default_mentioned() -> list[str]:
    return [kind.value for kind in MENTIONED]


def default_posted() -> list[str]:
    return [kind.value for kind in POSTED]


class Notice(models.Model):
    """One message about one record at one step: the outbox. `key` is stable, so a repeat can be recognised.

    Written in the transaction of what it tells of. Where it is about no record it brings its own words, `title` and
    `text` in its reader's language, and the `path` of the page they are about. `member` is whom it is for, null the
    whole `department`. `spread_at` is when its deliveries were made, one for each who hears of it and each way.
    """

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices={k: w.en for k, w in KIND_WORDS.items()})
    handoff = models.ForeignKey(
        Handoff, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    department = models.CharField(max_length=20, blank=True, choices=DEPARTMENT_CHOICES)
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="notices", db_index=False
    )
    title = models.CharField(max_length=200, blank=True, default="", db_default="")
    text = models.TextField(blank=True, default="", db_default="")
    path = models.CharField(max_length=200, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    spread_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("notice"), _("notices")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(Kind)), name="notice_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=Kind.TRIAL)
                | Q(handoff__isnull=False)
                | Q(lead__isnull=False)
                | (~Q(title="") & ~Q(path="")),
                name="notice_about_something",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="notice_to_spread", condition=Q(spread_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.key


class Outlet(models.Model):
    """A way out of the house: the mail server, or a chat room's webhook; and whether it works.

    A room is the organisation's (`department` blank) or a department's, and posts the `kinds` chosen for it.
    `url` is a secret: it is shown on no page and in no log. `failures` counts refusals since the last success,
    `failing_since` is the first of them, `failure` the last as a short code; until `next_try_at` it is left alone.
    """

    way = models.CharField(max_length=5, choices={Way.MAIL: "Mail", Way.CHAT: "Chat"})
    department = models.CharField(max_length=20, blank=True, choices=DEPARTMENT_CHOICES)
    url = models.TextField(blank=True)
    kinds = ArrayField(models.CharField(max_length=20), default=default_posted, blank=True)
    is_active = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=80, blank=True)
    next_try_at = models.DateTimeField(db_default=RevopsNow())
    worked_at = models.DateTimeField(null=True, blank=True)
    set_at = models.DateTimeField(null=True, blank=True)
    set_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name, verbose_name_plural = _("outlet"), _("outlets")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["way"], condition=Q(way=Way.MAIL), name="outlet_mail_once"),
            models.UniqueConstraint(
                fields=["department"], condition=Q(way=Way.CHAT), name="outlet_room_once"
            ),
            models.CheckConstraint(
                condition=Q(way=Way.MAIL, url="", department="")
                | Q(way=Way.CHAT) & (Q(is_active=False) | ~Q(url="")),
                name="outlet_room_has_url",
            ),
            models.CheckConstraint(
                condition=Q(kinds__contained_by=[k.value for k in CHOSEN]), name="outlet_kinds_known"
            ),
            models.CheckConstraint(
                condition=Q(failures=0, failing_since__isnull=True, failure="")
                | (Q(failures__gt=0, failing_since__isnull=False) & ~Q(failure="")),
                name="outlet_failure_in_full",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.department}".strip()


class Delivery(models.Model):
    """One notice on its way to one recipient over one way: a member's inbox or letter, or a chat room's post.

    `attempts` counts those that said something about this message, not those that met a dead outlet.
    A digest is one letter for many deliveries: they name the first of them in `within`, it has `is_digest`,
    and what happens to it happens to all. Its stable key is made of the notice's and the recipient's.
    `read_at` is when the member has read it in the app.
    """

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    kind = models.CharField(max_length=20)
    way = models.CharField(max_length=5, choices={w.value: w.value for w in Way})
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries", db_index=False
    )
    outlet = models.ForeignKey(
        Outlet, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries", db_index=False
    )
    within = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="others", db_index=False
    )
    is_digest = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)
    next_try_at = models.DateTimeField(db_default=RevopsNow())
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=80, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("delivery"), _("deliveries")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "way", "member"],
                condition=Q(member__isnull=False),
                name="delivery_once_a_member",
            ),
            models.UniqueConstraint(
                fields=["notice", "outlet"], condition=Q(member__isnull=True), name="delivery_once_a_room"
            ),
            models.CheckConstraint(
                condition=Q(way=Way.APP, member__isnull=False, outlet__isnull=True)
                | Q(way=Way.MAIL, member__isnull=False, outlet__isnull=False)
                | Q(way=Way.CHAT, member__isnull=True, outlet__isnull=False),
                name="delivery_to_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(way=Way.APP) | Q(delivered_at__isnull=False), name="delivery_app_at_once"
            ),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(way=Way.APP), name="delivery_read_in_the_app"
            ),
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True) | Q(given_up_at__isnull=True), name="delivery_one_end"
            ),
            models.CheckConstraint(
                condition=Q(attempts__lte=MOST_ATTEMPTS), name="delivery_attempts_bounded"
            ),
            models.CheckConstraint(
                condition=Q(within__isnull=True) | Q(is_digest=False) & ~Q(within=F("id")),
                name="delivery_within_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["outlet", "next_try_at"],
                name="delivery_to_send",
                condition=WAITING & Q(within__isnull=True),
            ),
            models.Index(
                fields=["outlet", "delivered_at"],
                name="delivery_lately",
                condition=Q(outlet__isnull=False, delivered_at__isnull=False),
            ),
            models.Index(
                fields=["outlet", "given_up_at"],
                name="delivery_given_up",
                condition=Q(given_up_at__isnull=False),
            ),
            models.Index(
                fields=["within"], name="delivery_within", condition=WAITING & Q(within__isnull=False)
            ),
            models.Index(fields=["member", "-id"], name="delivery_inbox", condition=Q(way=Way.APP)),
            models.Index(
                fields=["member", "-id"],
                name="delivery_unread",
                condition=Q(way=Way.APP, read_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.way}"


class NoticeChoice(models.Model):
    """How one member wants to hear: kinds by mail, kinds at which a chat room names him, his quiet hours.

    Quiet hours are times of the organisation's zone, both or none; an end before the start lies on the next day.
    `chat_id` is his id in the chat program, by which a post can call him; without one he is named in words.
    """

    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="notice_choice")
    by_mail = ArrayField(models.CharField(max_length=20), default=default_mailed, blank=True)
    by_chat = ArrayField(models.CharField(max_length=20), default=default_mentioned, blank=True)
    chat_id = models.CharField(max_length=30, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_to__isnull=False) & ~Q(quiet_from=F("quiet_to"))),
                name="notice_choice_quiet_hours",
            ),
            models.CheckConstraint(
                condition=Q(by_mail__contained_by=[k.value for k in CHOSEN])
                & Q(by_chat__contained_by=[k.value for k in CHOSEN]),
                name="notice_choice_kinds_known",
            ),
            models.CheckConstraint(
                condition=Q(chat_id="") | Q(chat_id__regex=r"^[A-Z0-9]+$"), name="notice_choice_chat_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}"
