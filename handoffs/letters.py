"""A notice as mail: to whom, in whose language, and under an id that stays the same when sent again."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from funnel import moment
from funnel.models import Member, Membership, Organization
from funnel.stages import DEPARTMENT_WORDS
from handoffs import routing
from handoffs.lanes import LANES, Boundary
from handoffs.models import Handoff, Notice


def of(notice: Notice) -> list[EmailMessage]:
    """The letters of a notice: one to each recipient who has an address."""
    if notice.handoff is None:
        return []
    organization = Organization.current()
    recipients = _recipients(notice, organization)
    return [_letter(notice, notice.handoff, member, organization) for member in recipients]


def _recipients(notice: Notice, organization: Organization) -> list[Member]:
    """The member it is for, else the whole department; a miss is told to the department's leads too."""
    today = moment.now().astimezone(organization.tz).date()
    people = set(routing.members_of([notice.department], today).get(notice.department, []))
    wanted = {notice.member_id} if notice.member_id else people
    if notice.kind == "missed":
        leads = Membership.objects.filter(member__in=people, department=notice.department, role="lead")
        wanted |= set(leads.values_list("member_id", flat=True))
    reachable = Member.objects.filter(~Q(email=""), pk__in=wanted, is_active=True, is_service=False)
    return list(reachable.order_by("pk"))


def _letter(notice: Notice, handoff: Handoff, member: Member, organization: Organization) -> EmailMessage:
    lane = LANES[Boundary(handoff.boundary)]
    account = (handoff.deal and handoff.deal.account) or (handoff.lead and handoff.lead.account)
    with translation.override(member.language):
        context = {
            "member": member,
            "handoff": handoff,
            "company": account.name if account else "",
            "lane": lane.words.say(member.language),
            "owed": lane.owed.say(member.language),
            "department": DEPARTMENT_WORDS[notice.department].say(member.language),
            "due": handoff.due_at.astimezone(organization.tz) if handoff.due_at else None,
            "organization": organization,
        }
        folder = f"handoffs/email/{notice.kind}"
        subject = " ".join(render_to_string(f"{folder}_subject.txt", context).split())
        body = render_to_string(f"{folder}.txt", context)
    sender = settings.DEFAULT_FROM_EMAIL
    domain = sender.rpartition("@")[2].strip("<> ") or "localhost"
    message_id = f"<{notice.key.replace(':', '.')}.{member.pk}@{domain}>"
    return EmailMessage(subject, body, sender, [member.email], headers={"Message-ID": message_id})
