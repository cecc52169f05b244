"""What the demo company has before its first lead: staff, calendar, channels, campaigns."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password

from funnel.calendar import months_between
from funnel.demo import market, staff
from funnel.models import (
    Campaign,
    Channel,
    CompanyDay,
    Member,
    Membership,
    Organization,
    SpendEntry,
    TrafficReading,
)

ONE_DAY = timedelta(days=1)
YEAR_END, SUMMER = "年末年始休業", "夏季休業"


def found(since: date, until: date) -> None:
    """Make the organisation, its closed days, members, channels and campaigns for a span of days."""
    organization = Organization.current()
    organization.name, organization.is_demo = staff.COMPANY, True
    organization.save(update_fields=["name", "is_demo"])
    CompanyDay.objects.bulk_create(
        [CompanyDay(day=day, name=name) for day, name in _closed(since.year - 1, until.year + 1)],
        ignore_conflicts=True,
    )
    _hire(since)
    channels = {
        source.slug: Channel.objects.create(slug=source.slug, name=source.name, is_web=source.is_web)
        for source in market.SOURCES
    }
    named = {
        slug: (name, channels[channel])
        for month in months_between(since - 92 * ONE_DAY, until)
        for channel, (slug, name) in market.campaigns(month).items()
    }
    Campaign.objects.bulk_create(
        Campaign(slug=slug, name=name, channel=of) for slug, (name, of) in named.items()
    )


def _closed(first: int, last: int) -> Iterator[tuple[date, str]]:
    for year in range(first, last + 1):
        yield from ((date(year, 12, day), YEAR_END) for day in (29, 30, 31))
        yield from ((date(year, 1, day), YEAR_END) for day in (2, 3))
        yield from ((date(year, 8, day), SUMMER) for day in (13, 14))


def _hire(since: date) -> None:
    # One hash for all: the password is printed at every start, and hashing is meant to be slow.
    password = make_password(staff.PASSWORD)
    for one in staff.STAFF:
        member = Member(
            username=one.email, email=one.email, name=one.name, name_kana=one.name_kana, language=one.language,
            is_administrator=one.administrator, is_viewer=one.viewer, password=password,
        )  # fmt: skip
        member.save()
        role = Membership.Role.LEAD if one.leads else Membership.Role.MEMBER
        for department in one.departments:
            # They worked here before the product did: what is entered as history is theirs too.
            valid_from = since - 730 * ONE_DAY
            Membership.objects.create(member=member, department=department, role=role, valid_from=valid_from)


def record_market(traffic: list[tuple[date, str, int]], spend: list[tuple[date, str, int]]) -> None:
    """Store visits and spend by day and channel."""
    channels = {channel.slug: channel for channel in Channel.objects.all()}
    TrafficReading.objects.bulk_create(
        TrafficReading(day=day, channel=channels[slug], visits=visits) for day, slug, visits in traffic
    )
    SpendEntry.objects.bulk_create(
        SpendEntry(day=day, channel=channels[slug], amount=amount) for day, slug, amount in spend
    )
