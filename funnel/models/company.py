"""The company that runs the product: organisation, members, memberships, calendar, reasons."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funnel.calendar import BusinessCalendar
from funnel.moment import RevopsNow
from funnel.stages import DEPARTMENT_WORDS, Department
from funnel.words import rename

DEPARTMENT_CHOICES = {d.value: DEPARTMENT_WORDS[d].en for d in Department}


THEMES = {"auto": "auto", "light": "light", "dark": "dark"}


def _known_zone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError("Unknown time zone: %(value)s", params={"value": value}) from error


class Organization(models.Model):
    """The one organisation of this installation: zone, fiscal year, country of the public holidays.

    Dates of every count are decided in `zone`. `is_demo` marks a demo installation as a whole. `names` are the
    company's own words for stages and the like ({"stage.sql": {"ja": …, "en": …}}): the latest of `Wording`,
    kept here so that whoever reads the organisation knows them.
    """

    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64, default="Asia/Tokyo", validators=[_known_zone])
    country = models.CharField(max_length=8, default="JP")
    currency = models.CharField(max_length=3, default="JPY")
    fiscal_year_start = models.PositiveSmallIntegerField(default=4)
    is_demo = models.BooleanField(default=False)
    names = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(db_default=RevopsNow(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("organization"), _("organization")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="organization_only_one"),
            models.CheckConstraint(
                condition=Q(fiscal_year_start__gte=1, fiscal_year_start__lte=12),
                name="organization_fiscal_month",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **more: Any) -> Organization:
        """Every process reads the organisation before it says anything, and takes up its words then."""
        found = super().from_db(db, field_names, values, **more)
        if "names" in field_names:
            rename(found.names)
        return found

    @property
    def tz(self) -> ZoneInfo:
        """The organisation's zone."""
        return ZoneInfo(self.zone)

    def calendar(self) -> BusinessCalendar:
        """The business calendar: public holidays of `country` and the company's own days."""
        days = list(CompanyDay.objects.all())
        return BusinessCalendar(
            zone=self.zone,
            country=self.country,
            closed=frozenset(d.day for d in days if d.is_closed),
            opened=frozenset(d.day for d in days if not d.is_closed),
        )

    @classmethod
    def current(cls) -> Organization:
        """The organisation; a migration creates it, so it is always there."""
        return cls.objects.get(pk=1)


class CompanyDay(models.Model):
    """A day the company itself closes, or opens although it is a holiday; overrides the public calendar."""

    day = models.DateField(unique=True)
    is_closed = models.BooleanField(default=True)
    name = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("company day"), _("company days")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class DepartmentSetting(models.Model):
    """Whether a department is staffed yet and, if not, which department covers its work."""

    department = models.CharField(max_length=20, choices=DEPARTMENT_CHOICES, unique=True)
    staffed = models.BooleanField(default=True)
    covered_by = models.CharField(max_length=20, choices=DEPARTMENT_CHOICES, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("department"), _("departments")
        constraints = [
            models.CheckConstraint(
                condition=Q(staffed=True, covered_by="")
                | (Q(staffed=False) & ~Q(covered_by="") & ~Q(covered_by=F("department"))),
                name="department_covered_when_unstaffed",
            )
        ]

    def __str__(self) -> str:
        return self.department

    @classmethod
    def covers(cls) -> dict[str, str]:
        """Map every department to the one that does its work now (itself when staffed)."""
        found = {d.value: d.value for d in Department}
        found.update({s.department: s.covered_by for s in cls.objects.filter(staffed=False)})
        return found


class MemberManager(DjangoUserManager["Member"]):
    """Signs members in by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Member:
        return self.get(username__iexact=username)


class Member(AbstractUser):
    """Somebody who works here, or a service that writes on somebody's behalf.

    Never deleted: leaving ends the memberships and sets `is_active` false. `is_service` members act
    through the API for any department unless `is_viewer`; a member without a current membership only looks.
    `shortcuts_off` leaves single keys to the browser. `leaves_on` is the first day without him, once it is known.
    """

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=150)
    name_kana = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=5, choices={"ja": "日本語", "en": "English"}, default="ja")
    theme = models.CharField(max_length=5, choices=THEMES, default="auto")
    leaves_on = models.DateField(null=True, blank=True)
    is_administrator = models.BooleanField(default=False)
    is_viewer = models.BooleanField(default=False)
    is_service = models.BooleanField(default=False)
    shortcuts_off = models.BooleanField(default=False)
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)

    objects: ClassVar[MemberManager] = MemberManager()
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name, verbose_name_plural = _("member"), _("members")
        constraints = [
            models.CheckConstraint(
                condition=~Q(is_administrator=True, is_viewer=True), name="member_administers_or_looks"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.is_staff = self.is_administrator
        self.is_superuser = self.is_administrator
        super().save(*args, **kwargs)


def local_today() -> date:
    """Today's date where the organisation is, by the database's clock."""
    organization = Organization.objects.annotate(moment=RevopsNow()).get(pk=1)
    return organization.moment.astimezone(organization.tz).date()


class Membership(models.Model):
    """A member belongs to a department from a day to a day (exclusive); leads also assign and excuse.

    Two memberships of one member in one department never overlap (a trigger holds it). `daily_capacity` is how many
    handoffs a day rotation gives him there at most; null is no limit, 0 none by rotation.
    """

    class Role(models.TextChoices):
        MEMBER = "member"
        LEAD = "lead"

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="memberships")
    department = models.CharField(max_length=20, choices=DEPARTMENT_CHOICES)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    valid_from = models.DateField(default=local_today)
    valid_to = models.DateField(null=True, blank=True)
    daily_capacity = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="membership_dates"
            ),
            models.CheckConstraint(
                condition=Q(department__in=list(Department)), name="membership_department"
            ),
        ]
        indexes = [models.Index(fields=["department", "valid_from"], name="membership_of_department")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.department}"


class Reason(models.Model):
    """A reason an administrator offers for an act; the ledger keeps its code, the label may change."""

    class For(models.TextChoices):
        MQL = "mql"
        RETURN = "return"
        LOSS = "loss"
        WIN = "win"
        RECYCLE = "recycle"
        DISQUALIFY = "disqualify"
        BELOW_THRESHOLD = "below_threshold"
        EXCUSE = "excuse"
        BREACH = "breach"

    act = models.CharField(max_length=20, choices=For.choices)
    code = models.SlugField(max_length=40)
    label_en = models.CharField(max_length=80)
    label_ja = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("reason"), _("reasons")
        ordering = ["act", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["act", "code"], name="reason_once")]

    def __str__(self) -> str:
        return self.label_en

    def label(self, language: str | None) -> str:
        """The label in `language`."""
        return self.label_ja if (language or "").startswith("ja") else self.label_en
