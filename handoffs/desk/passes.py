"""Which leads and deals lie on a desk: in hand, due, asleep."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from funnel.models import Activity, Deal, Lead
from funnel.querysets import deals_due
from funnel.stages import DealState, Department, Direction, Outcome, Stage
from handoffs.desk.narrowing import Desk, narrowed
from handoffs.desk.promised import leads_of_unanswered_returns
from handoffs.lanes import Boundary
from handoffs.models import Handoff

HOT_FOR = timedelta(days=14)


def heard_from() -> QuerySet[Activity]:
    """What a lead (the outer row) did of its own accord: forms, visits, calls and mails; not what was undone."""
    return _heard().filter(lead=OuterRef("pk"))


def _heard() -> QuerySet[Activity]:
    rows = Activity.objects.filter(direction=Direction.INBOUND)
    return rows.exclude(event__corrections__data__withdrawn=True)


def _heard_lately(desk: Desk) -> QuerySet[Activity]:
    """What leads did of their own accord in the last two weeks, from the index `activity_heard`."""
    return _heard().filter(occurred_at__gte=desk.tonight - HOT_FOR)


def _is_hot(desk: Desk) -> Q:
    heard = Exists(_heard_lately(desk).filter(lead=OuterRef("pk")))
    return Q(referred_by__isnull=False) | Q(heard)


def hot_leads(desk: Desk) -> QuerySet[Lead]:
    """Open leads not certified yet who did something themselves in the last two weeks, or whom a customer referred."""
    if Department.MARKETING not in desk.departments:
        return Lead.objects.none()
    # From the few who did something, or were referred: most leads there are never come further than this stage.
    heard = Lead.objects.filter(pk__in=_heard_lately(desk).values("lead")).order_by().values("pk")
    referred = Lead.objects.filter(stage=Stage.LEAD, outcome__isnull=True, referred_by__isnull=False)
    hot = heard.union(referred.order_by().values("pk"))
    rows = Lead.objects.filter(pk__in=hot, stage=Stage.LEAD, outcome__isnull=True)
    return narrowed(rows.exclude(pk__in=leads_of_unanswered_returns()), desk)


def leads_in_hand(desk: Desk) -> QuerySet[Lead]:
    """Open leads of marketing (not certified yet) and of inside sales (contacted, not handed over yet).

    Whoever was woken up after being an MQL lies with inside sales too: somebody there knows him.
    """
    where = Q(pk__in=[])
    if Department.MARKETING in desk.departments:
        where |= Q(stage=Stage.LEAD) & ~_is_hot(desk)
    if Department.INSIDE_SALES in desk.departments:
        where |= Q(stage=Stage.MQL)
        if Department.MARKETING not in desk.departments:
            where |= Q(stage=Stage.LEAD, owner__isnull=False, previous__mql_at__isnull=False)
    owed = Handoff.objects.owed().filter(boundary=Boundary.MQL).values("lead")
    rows = Lead.objects.filter(where, outcome__isnull=True).exclude(pk__in=owed)
    return narrowed(rows.exclude(pk__in=leads_of_unanswered_returns()), desk)


def open_deals(desk: Desk) -> QuerySet[Deal]:
    """Open deals that field sales has taken over."""
    if Department.FIELD_SALES not in desk.departments:
        return Deal.objects.none()
    waiting = Handoff.objects.pending().filter(boundary=Boundary.SQL, deal=OuterRef("pk"), is_self=False)
    return narrowed(Deal.objects.filter(state=DealState.OPEN).filter(~Exists(waiting)), desk, "lead__")


def steps_due(desk: Desk) -> QuerySet[Deal]:
    """Those of them whose next step is due today or was due before."""
    return deals_due(open_deals(desk), desk.today)


def meetings_ahead(desk: Desk) -> QuerySet[Deal]:
    """The others whose meeting is still to come, today's included."""
    return _without_a_step_due(desk).filter(meeting_at__gt=desk.tonight - timedelta(days=1))


def deals_in_hand(desk: Desk) -> QuerySet[Deal]:
    """The rest."""
    return _without_a_step_due(desk).exclude(
        meeting_at__gt=desk.tonight - timedelta(days=1), meeting_at__isnull=False
    )


def _without_a_step_due(desk: Desk) -> QuerySet[Deal]:
    return open_deals(desk).exclude(next_step_on__lte=desk.today, next_step_on__isnull=False)


def nurture(desk: Desk) -> QuerySet[Lead]:
    """Passes that ended with a day to come back, and nobody has come back yet."""
    if not desk.departments - {Department.CUSTOMER_SUCCESS}:
        return Lead.objects.none()
    newer = Lead.objects.filter(person=OuterRef("person"), pass_no__gt=OuterRef("pass_no"))
    newer = newer.exclude(outcome=Outcome.WITHDRAWN)
    rows = Lead.objects.filter(outcome__in=[Outcome.RECYCLED, Outcome.LOST], wake_up_on__isnull=False)
    return narrowed(rows.filter(~Exists(newer)), desk)


def woken(desk: Desk) -> QuerySet[Lead]:
    """Those of them whose day has come: with marketing, or with inside sales once it has known them."""
    mine = Q(pk__in=[])
    if Department.MARKETING in desk.departments:
        mine |= Q(stage=Stage.LEAD)
    if Department.INSIDE_SALES in desk.departments:
        mine |= ~Q(stage=Stage.LEAD)
    return nurture(desk).filter(mine, wake_up_on__lte=desk.today)
