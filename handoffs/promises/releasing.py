"""What somebody still has to do when he no longer belongs there goes to somebody who does; no clock starts anew."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from funnel import moment
from funnel.models import Customer, Lead, Membership, Organization
from funnel.stages import EventKind
from funnel.transitions import ledger
from funnel.transitions.acting import SYSTEM
from handoffs import routing
from handoffs.models import Handoff
from handoffs.signals import promise_changed

AT_ONCE = 500


@transaction.atomic
def release(members: Iterable[int] | None = None) -> int:
    """Route live handoffs anew whose owner left, only looks, or no longer belongs to the department that does them.

    Of these members, or of everybody. Who they came from and went to is an event of each; terms and due stay.
    What nobody can take is left without an owner, for everybody to see. Returns how many changed hands.
    Locks: leads and customers, then handoffs, each in the order of ids.
    """
    now = moment.now()
    today = Organization.current().calendar().local_date(now)
    known = list(_left(members, today).order_by("pk").values_list("pk", "lead_id", "customer_id")[:AT_ONCE])
    if not known:
        return 0
    leads = {lead for _, lead, _ in known if lead}
    list(Lead.objects.select_for_update(of=("self",)).filter(pk__in=leads).order_by("pk").values_list("pk"))
    alone = {customer for _, lead, customer in known if customer and not lead}
    list(
        Customer.objects.select_for_update(of=("self",)).filter(pk__in=alone).order_by("pk").values_list("pk")
    )
    rows = _left(members, today).filter(pk__in=[pk for pk, _, _ in known])
    released = list(rows.select_for_update(of=("self",)).order_by("pk"))
    before = {h.pk: h.owner_id for h in released}
    for handoff in released:
        handoff.owner_id, handoff.routed_by = None, ""
    # They count as nobody's load while they are given out.
    Handoff.objects.filter(pk__in=before).update(owner=None)
    routing.route(released, {}, today)
    Handoff.objects.bulk_update(released, ["owner", "routed_by"])
    ledger.announce(
        ledger.save(
            ledger.event(
                EventKind.HANDOFF_ASSIGNED, SYSTEM, now=now, department=h.done_by_department, lead=h.lead,
                deal=h.deal, customer=h.customer, handoff_ref=h.pk, data={"from": before[h.pk], "to": h.owner_id},
            )
            for h in released
        )
    )  # fmt: skip
    promise_changed.send(sender=Handoff, handoffs=released)
    if len(known) == AT_ONCE:
        return len(released) + release(members)
    return len(released)


def _left(members: Iterable[int] | None, today: object) -> QuerySet[Handoff]:
    belongs = Membership.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today),
        member=OuterRef("owner"),
        department=OuterRef("done_by_department"),
        valid_from__lte=today,
        member__is_active=True,
        member__is_viewer=False,
    )
    rows = Handoff.objects.live().filter(~Exists(belongs), owner__isnull=False)
    rows = rows if members is None else rows.filter(owner_id__in=list(members))
    return rows.select_related("lead", "deal", "customer")
