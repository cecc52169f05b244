"""Every act of the queue and then its undo: the records, the queue and the counts are as before, and so is the promise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dashboards import counts
from dashboards.counts.ledger import findings
from dashboards.scope import Scope
from funnel import moment
from funnel.errors import MoveRefused, NotYours
from funnel.models import Contract, Customer, Deal, Event, Lead, Member, Organization
from funnel.stages import Department
from funnel.transitions import corrections, customers, deals, leads
from handoffs import desk, promises
from handoffs.desk.sources import SOURCES
from handoffs.models import Handoff, Notice
from tests.handoffs.conftest import HOUR, Story, actor, deaf, fresh, member, promise
from tests.handoffs.faults import at_once

START = datetime(2026, 5, 1, 0, 30, tzinfo=UTC)
DUE = START + 24 * HOUR
DAY = timedelta(days=1)
Clock = Callable[[datetime | None], None]
LEAD = (
    "stage",
    "outcome",
    "outcome_reason",
    "closed_at",
    "wake_up_on",
    "mql_at",
    "sql_at",
    "won_at",
    "first_contact_at",
)
DEAL = ("state", "step", "closed_at", "reason", "amount", "currency")
CUSTOMER = ("phase", "onboarded_at", "owner")
CONTRACT = (
    "deal",
    "renewal_of",
    "starts_on",
    "mrr",
    "kickoff_at",
    "kickoff_held_at",
    "notice_on",
    "ended_on",
)
ROUND = (
    "decision", "decided_at", "decided_by", "return_reason", "returned_after_contact", "kept_at", "missed_at",
    "cancelled_at", "completed_at", "closed_at", "is_self", "owner", "routed_by", "owned_at", "due_at",
)  # fmt: skip


def latest(kind: str) -> int:
    return Event.objects.filter(kind=kind).latest("id").pk


def undo(story: Story, kind: str, department: str) -> None:
    corrections.withdraw(latest(kind), story.people[department], now=moment.now(), reason="押し間違い")


def queue() -> list[tuple[str, str, int]]:
    """Every row of every tab, for somebody of all departments."""
    now = moment.now()
    wanted = desk.Desk(
        departments=frozenset(Department),
        owner=None,
        search="",
        tonight=now + DAY,
        today=now.astimezone(Organization.current().tz).date(),
    )
    return [
        (tab, source.kind, pk)
        for tab, sources in SOURCES.items()
        for source in sources
        for pk in source.rows(wanted).order_by("pk").values_list("pk", flat=True)
    ]


def state() -> dict[str, Any]:
    """What people see of all records, as far as acts change it."""
    rounds = Handoff.objects.exclude(opened_by__corrections__data__withdrawn=True)
    return {
        "leads": list(Lead.objects.exclude(outcome="withdrawn").order_by("pk").values_list("pk", *LEAD)),
        "deals": list(Deal.objects.exclude(state="void").order_by("pk").values_list("pk", *DEAL)),
        "customers": list(Customer.objects.standing().order_by("pk").values_list("pk", *CUSTOMER)),
        "contracts": list(Contract.objects.filter(voided_at=None).order_by("pk").values_list("pk", *CONTRACT)),
        "rounds": list(rounds.order_by("pk").values_list("pk", *ROUND)),
        "queue": queue(),
        "funnel": list(funnel()),
    }  # fmt: skip


def funnel() -> Any:
    today = moment.now().astimezone(Organization.current().tz).date()
    return counts.funnel(Scope(start=today - 40 * DAY, end=today + DAY)).stages


def demand_clean() -> None:
    assert [(f.check, f.count, f.examples) for f in findings() if f.count] == []
    before = list(Handoff.objects.order_by("pk").values_list())
    assert not any(promises.reconcile().values())
    assert list(Handoff.objects.order_by("pk").values_list()) == before


def accept(story: Story, boundary: str) -> None:
    story.accept(Handoff.objects.filter(boundary=boundary).latest("pk"))


def recycle(story: Story) -> None:
    leads.recycle(
        Lead.objects.latest("pk").pk, story.people["inside_sales"], now=moment.now(), reason="timing",
        wake_up_on=(moment.now() + 30 * DAY).date(), note="来期に",
    )  # fmt: skip


def disqualify(story: Story) -> None:
    leads.disqualify(
        Lead.objects.latest("pk").pk, story.people["inside_sales"], now=moment.now(), reason="spam"
    )


def lose(story: Story) -> None:
    day = (moment.now() + 90 * DAY).date()
    deals.lose(
        Deal.objects.latest("pk").pk,
        story.people["field_sales"],
        now=moment.now(),
        reason="price",
        wake_up_on=day,
    )


def win(story: Story, **more: Any) -> None:
    story.won(Deal.objects.latest("pk"), **more)


def step(story: Story) -> None:
    deals.move_step(
        Deal.objects.latest("pk").pk, story.people["field_sales"], now=moment.now(), step="proposal"
    )


def kickoff(story: Story) -> None:
    story.kickoff(Handoff.objects.filter(boundary="won").latest("pk"))


def hold(story: Story) -> None:
    deals.hold_kickoff(Deal.objects.latest("pk").pk, story.people["customer_success"], now=moment.now())


def give_back(boundary: str) -> Callable[[Story], None]:
    return lambda story: story.give_back(Handoff.objects.filter(boundary=boundary).latest("pk")) and None


def taken(story: Story) -> None:
    """A deal that Field Sales has accepted."""
    story.accept(story.sql())


def returned_deal(story: Story) -> None:
    story.give_back(story.sql())


def with_a_kickoff(story: Story) -> None:
    taken(story)
    win(story)
    kickoff(story)


def customer_of() -> int:
    return Customer.objects.latest("pk").pk


def colleague(story: Story, of: Handoff) -> Member:
    """Another one of the receiving department, who was there all along."""
    there = Member.objects.filter(memberships__department=of.done_by_department).exclude(pk=of.owner_id)
    return there.order_by("pk").first() or member(of.done_by_department)


def reassign(story: Story) -> None:
    owed = Handoff.objects.latest("pk")
    promises.assign(owed.pk, story.people[owed.to_department], now=moment.now(), owner=colleague(story, owed))


def nobodys(story: Story) -> None:
    owed = story.mql()
    promises.assign(owed.pk, story.people["inside_sales"], now=moment.now(), owner=None)


def take(story: Story) -> None:
    by = story.people["inside_sales"]
    promises.assign(Handoff.objects.latest("pk").pk, by, now=moment.now(), owner=by.member)


def asleep(story: Story) -> None:
    story.mql()
    recycle(story)


def wake(story: Story) -> None:
    """As the queue does it: whoever wakes it looks after it."""
    by, lead = story.people["inside_sales"], Lead.objects.exclude(outcome="withdrawn").latest("pk")
    Lead.objects.filter(pk=lead.pk).update(owner=None)
    woken = leads.reopen_pass(lead.person_id, by, now=moment.now())
    leads.assign(woken.pk, by, now=moment.now(), owner=by.member)


def renew(story: Story) -> None:
    today = moment.now().date()
    customers.renew(
        customer_of(), story.people["customer_success"], now=moment.now(), signed_on=today,
        starts_on=today + 10 * DAY, ends_on=today + 375 * DAY, mrr=Decimal(90_000),
    )  # fmt: skip


def notice(story: Story) -> None:
    today = moment.now().date()
    customers.give_notice(customer_of(), story.people["customer_success"], now=moment.now(), notice_on=today)


def noticed(story: Story) -> None:
    story.won()
    notice(story)


def end(story: Story) -> None:
    today = moment.now().astimezone(Organization.current().tz).date()
    by = story.people["customer_success"]
    customers.end_contract(customer_of(), by, now=moment.now(), ended_on=today, reason="予算")


def upsell(story: Story) -> None:
    fields = deals.DealFields(product="追加席", amount=Decimal(50_000), kind="upsell")
    lead = Customer.objects.latest("pk").origin_lead_id
    deals.open_deal(lead, story.people["customer_success"], now=moment.now(), fields=fields)


def agree(story: Story) -> None:
    customers.agree_advocacy(customer_of(), story.people["customer_success"], now=moment.now())


def refer(story: Story) -> None:
    fields = leads.LeadFields(company=f"紹介先{moment.now()}", name="紹介 花子")
    customers.receive_referral(customer_of(), story.people["marketing"], now=moment.now(), fields=fields)


def case(story: Story) -> None:
    customers.create_case(customer_of(), story.people["marketing"], now=moment.now())


ACTS: list[Any] = [
    # what was before, the act, its event, who undoes it
    pytest.param(Story.mql, lambda s: accept(s, "mql"), "handoff_accepted", "inside_sales", id="accept an MQL"),
    pytest.param(Story.sql, lambda s: accept(s, "sql"), "handoff_accepted", "field_sales", id="accept an SQL"),
    pytest.param(Story.won, lambda s: accept(s, "won"), "handoff_accepted", "customer_success", id="accept a win"),
    pytest.param(Story.mql, give_back("mql"), "mql_returned", "inside_sales", id="return an MQL"),
    pytest.param(Story.sql, give_back("sql"), "sql_returned", "field_sales", id="return an SQL"),
    pytest.param(Story.won, give_back("won"), "handoff_returned", "customer_success", id="return a win"),
    pytest.param(Story.mql, recycle, "lead_recycled", "inside_sales", id="nurture"),
    pytest.param(returned_deal, recycle, "lead_recycled", "inside_sales", id="nurture with a returned deal"),
    pytest.param(Story.mql, disqualify, "lead_disqualified", "inside_sales", id="not a fit"),
    pytest.param(taken, lose, "deal_lost", "field_sales", id="lost"),
    pytest.param(Story.sql, lose, "deal_lost", "field_sales", id="lost before it was accepted"),
    pytest.param(taken, step, "deal_step_changed", "field_sales", id="step"),
    pytest.param(Story.sql, step, "deal_step_changed", "field_sales", id="step before it was accepted"),
    pytest.param(taken, win, "deal_won", "field_sales", id="won"),
    pytest.param(Story.sql, win, "deal_won", "field_sales", id="won before it was accepted"),
    pytest.param(
        taken, lambda s: win(s, kickoff_at=moment.now() + DAY, currency="USD", amount="5.25"), "deal_won",
        "field_sales", id="won with its kickoff",
    ),
    pytest.param(Story.won, kickoff, "kickoff_scheduled", "customer_success", id="kickoff"),
    pytest.param(with_a_kickoff, hold, "kickoff_held", "customer_success", id="kickoff held"),
    pytest.param(Story.mql, reassign, "handoff_assigned", "inside_sales", id="assign to somebody else"),
    pytest.param(Story.won, reassign, "handoff_assigned", "customer_success", id="assign a win"),
    pytest.param(nobodys, take, "handoff_assigned", "inside_sales", id="take what is nobody's"),
    pytest.param(asleep, wake, "lead_captured", "inside_sales", id="wake up"),
    pytest.param(Story.won, renew, "contract_renewed", "customer_success", id="renew"),
    pytest.param(noticed, renew, "contract_renewed", "customer_success", id="renew after a notice"),
    pytest.param(Story.won, notice, "churn_notice_received", "customer_success", id="notice"),
    pytest.param(Story.won, end, "contract_ended", "customer_success", id="end of contract"),
    pytest.param(noticed, end, "contract_ended", "customer_success", id="end after a notice"),
    pytest.param(Story.won, upsell, "deal_opened", "customer_success", id="upsell"),
    pytest.param(Story.won, agree, "advocacy_agreed", "customer_success", id="agree to refer"),
    pytest.param(Story.won, refer, "referral_received", "marketing", id="refer"),
    pytest.param(Story.advocacy, refer, "referral_received", "marketing", id="refer as agreed"),
    pytest.param(Story.advocacy, case, "case_created", "marketing", id="case"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "act", "kind", "who"), ACTS)
def test_an_act_undone_leaves_everything_as_it_was(
    story: Story, at: Clock, before: Any, act: Any, kind: str, who: str
) -> None:
    at(START)
    before(story)
    at(START + HOUR)
    was = state()
    act(story)
    assert state() != was
    demand_clean()
    undo(story, kind, who)
    assert state() == was
    demand_clean()
    at(START + 2 * HOUR)
    with pytest.raises(MoveRefused, match="already_undone"):
        undo(story, kind, who)
    act(story)
    assert state() != was
    demand_clean()
    at(START + 3 * HOUR)
    undo(story, kind, who)
    assert state() == was
    demand_clean()


@pytest.mark.parametrize(("before", "act", "kind", "who"), ACTS)
def test_an_undo_not_heard_is_made_up_for(
    story: Story, at: Clock, before: Any, act: Any, kind: str, who: str
) -> None:
    at(START)
    before(story)
    at(START + HOUR)
    was = state()["rounds"]
    act(story)
    at(START + 2 * HOUR)
    with deaf():
        undo(story, kind, who)
    promises.reconcile(within=HOUR)
    assert state()["rounds"] == was
    demand_clean()


def test_no_answer_changes_but_by_its_withdrawal(story: Story, at: Clock) -> None:
    at(START)
    owed, other = story.mql(), story.mql()
    at(START + HOUR)
    story.give_back(owed)
    story.accept(other)
    recycle(story)
    at(START + 2 * HOUR)
    for change, held in (
        ({"decision": "pending", "decided_at": None, "return_reason": ""}, "handoff_decided_once"),
        ({"cancelled_at": None}, "handoff_verdict_final"),
        ({"closed_at": None, "cancelled_at": None}, "handoff_closed_once"),
        ({"closed_at": START + DAY}, "handoff_closed_once"),
    ):
        with pytest.raises(IntegrityError, match=held), transaction.atomic():
            Handoff.objects.filter(pk=owed.pk).update(**change)
    with pytest.raises(IntegrityError, match="lead_stays_closed"), transaction.atomic():
        Lead.objects.filter(pk=other.lead_id).update(outcome=None, outcome_reason="", closed_at=None)
    # What is withdrawn about one lead frees no other.
    corrections.withdraw(latest("lead_recycled"), story.people["inside_sales"], now=moment.now(), reason="x")
    with pytest.raises(IntegrityError, match="handoff_decided_once"), transaction.atomic():
        Handoff.objects.filter(pk=owed.pk).update(decision="pending", decided_at=None, return_reason="")


def test_a_return_undone_in_time_is_owed_as_before_and_kept_by_the_call(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(START + HOUR)
    story.give_back(owed)
    assert promise(owed) == "cancelled"
    at(START + 2 * HOUR)
    undo(story, "mql_returned", "inside_sales")
    now = fresh(owed)
    assert (now.promise, now.decision, now.due_at) == ("open", "pending", DUE)
    story.call(owed)
    assert promise(owed) == "kept"


def test_a_return_undone_past_due_is_missed_by_reading_and_told_once(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(START + HOUR)
    story.give_back(owed)
    at(DUE + HOUR)
    undo(story, "mql_returned", "inside_sales")
    assert (promise(owed), fresh(owed).missed_as_of) == ("missed", DUE)
    promises.sweep()
    promises.sweep()
    assert Notice.objects.filter(key=f"missed:{owed.pk}").count() == 1
    demand_clean()


def test_a_miss_stays_when_the_return_after_it_is_undone(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(DUE + HOUR)
    story.give_back(owed)
    assert promise(owed) == "missed"
    undo(story, "mql_returned", "inside_sales")
    assert (promise(owed), fresh(owed).decision, fresh(owed).closed_at) == ("missed", "pending", None)
    demand_clean()


def test_a_call_made_while_it_was_returned_keeps_it(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    at(START + HOUR)
    story.give_back(owed)
    at(START + 2 * HOUR)
    story.call(owed)
    at(DUE + HOUR)
    undo(story, "mql_returned", "inside_sales")
    assert (promise(owed), fresh(owed).kept_at) == ("kept", START + 2 * HOUR)
    demand_clean()


def test_a_second_return_is_told_though_the_first_was_undone(story: Story, at: Clock) -> None:
    at(START)
    owed = story.mql()
    story.give_back(owed)
    told = Notice.objects.filter(kind="returned", handoff=owed)
    assert told.count() == 1
    undo(story, "mql_returned", "inside_sales")
    # Nobody has been told yet, and nobody will be.
    assert told.count() == 0
    at(START + HOUR)
    story.give_back(owed)
    told.update(spread_at=START)
    undo(story, "mql_returned", "inside_sales")
    at(START + 2 * HOUR)
    story.give_back(owed)
    assert told.count() == 2


def test_what_was_built_upon_is_undone_from_the_top(story: Story, at: Clock) -> None:
    at(START)
    taken(story)
    at(START + HOUR)
    win(story)
    at(START + 2 * HOUR)
    kickoff(story)
    for kind in ("deal_won", "handoff_accepted"):
        with pytest.raises(MoveRefused, match="undo_since") as refused:
            undo(story, kind, "field_sales")
    at(START + 3 * HOUR)
    hold(story)
    with pytest.raises(MoveRefused, match="undo_since") as refused:
        undo(story, "kickoff_scheduled", "customer_success")
    assert "キックオフ実施" in refused.value.say("ja")
    for kind, who in (
        ("kickoff_held", "customer_success"), ("kickoff_scheduled", "customer_success"), ("deal_won", "field_sales"),
    ):  # fmt: skip
        undo(story, kind, who)
        demand_clean()
    assert Deal.objects.get().state == "open"


def test_a_win_that_somebody_has_accepted_or_used_is_not_undone(story: Story, at: Clock) -> None:
    at(START)
    taken(story)
    at(START + HOUR)
    win(story)
    at(START + 2 * HOUR)
    accept(story, "won")
    with pytest.raises(MoveRefused, match="undo_since"):
        undo(story, "deal_won", "field_sales")
    undo(story, "handoff_accepted", "customer_success")
    customer = Customer.objects.get()
    customers.record_usage(
        customer.pk, story.people["customer_success"], now=moment.now(), readings=[(START.date(), "logins", Decimal(3))]
    )  # fmt: skip
    with pytest.raises(MoveRefused, match="undo_in_use"):
        undo(story, "deal_won", "field_sales")
    assert Contract.objects.get().voided_at is None


def test_a_pass_that_began_anew_is_not_opened_twice(story: Story, at: Clock) -> None:
    at(START)
    lead = story.mql().lead
    recycle(story)
    leads.reopen_pass(lead.person_id, story.people["inside_sales"], now=moment.now())
    with pytest.raises(MoveRefused, match="lead_open"):
        undo(story, "lead_recycled", "inside_sales")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("lead_captured", "undo_a_capture"), ("contract_signed", "undo_the_win"), ("owner_assigned", "undo_not_this"),
    ],
)  # fmt: skip
def test_what_cannot_be_undone_says_why(story: Story, kind: str, code: str) -> None:
    lead = story.won().lead
    leads.assign(lead.pk, story.people["marketing"], now=moment.now(), owner=None)
    leads.assign(lead.pk, story.people["marketing"], now=moment.now(), owner=story.people["marketing"].member)
    with pytest.raises(MoveRefused, match=code) as refused:
        undo(story, kind, "marketing")
    assert refused.value.say("ja")


@pytest.mark.parametrize(("before", "act", "kind", "who"), ACTS)
def test_who_may_not_do_it_may_not_undo_it(story: Story, before: Any, act: Any, kind: str, who: str) -> None:
    before(story)
    act(story)
    stranger = (
        "marketing" if kind in ("kickoff_scheduled", "deal_won", "deal_lost", "deal_step_changed") else ""
    )
    stranger = stranger or ("customer_success" if who != "customer_success" else "marketing")
    if kind in ("lead_captured", "referral_received"):
        # Every department may; who belongs to none may not.
        stranger, story.people["nobody"] = (
            "nobody",
            actor(Member.objects.create(username="x", email="x@example.jp")),
        )
    with pytest.raises(NotYours):
        undo(story, kind, stranger)


def test_the_first_deal_of_a_pass_is_undone_with_its_handover(story: Story) -> None:
    story.sql()
    with pytest.raises(MoveRefused, match="undo_the_sql") as refused:
        undo(story, "deal_opened", "field_sales")
    assert refused.value.say("ja")


def test_an_assignment_is_undone_by_who_gave_it_or_leads_and_gives_back_to_nobody_who_left(
    story: Story, at: Clock
) -> None:
    at(START)
    owed = story.mql()
    first = owed.owner
    plain = actor(member("inside_sales"))
    reassign(story)
    with pytest.raises(NotYours, match="leads_only"):
        corrections.withdraw(latest("handoff_assigned"), plain, now=moment.now(), reason="")
    at(START + HOUR)
    accept(story, "mql")
    with pytest.raises(MoveRefused, match="undo_since"):
        undo(story, "handoff_assigned", "inside_sales")
    undo(story, "handoff_accepted", "inside_sales")
    assert first is not None
    first.memberships.update(valid_to=START.date())
    with pytest.raises(MoveRefused, match="undo_no_owner") as refused:
        undo(story, "handoff_assigned", "inside_sales")
    assert first.name in refused.value.say("ja")
    assert fresh(owed).due_at == DUE


def test_what_was_done_with_a_woken_or_referred_lead_is_undone_first(story: Story, at: Clock) -> None:
    at(START)
    asleep(story)
    wake(story)
    at(START + HOUR)
    story.call(Lead.objects.latest("pk"))
    with pytest.raises(MoveRefused, match="undo_since"):
        undo(story, "lead_captured", "inside_sales")
    undo(story, "contact_attempted", "inside_sales")
    at(START + 2 * HOUR)
    undo(story, "lead_captured", "inside_sales")
    story.won()
    refer(story)
    at(START + 3 * HOUR)
    story.call(Lead.objects.latest("pk"))
    with pytest.raises(MoveRefused, match="undo_since") as refused:
        undo(story, "referral_received", "marketing")
    assert "接触試行" in refused.value.say("ja")


def test_contracts_are_undone_from_the_top(story: Story, at: Clock) -> None:
    at(START)
    story.won()
    for hours, act in enumerate((notice, renew, end), 1):
        at(START + hours * HOUR if act is not end else START + 20 * DAY)
        act(story)
    for kind in ("churn_notice_received", "contract_renewed"):
        with pytest.raises(MoveRefused, match="undo_since"):
            undo(story, kind, "customer_success")
    for kind in ("contract_ended", "contract_renewed", "churn_notice_received"):
        undo(story, kind, "customer_success")
        demand_clean()


def test_no_contract_runs_again_but_by_a_withdrawal(story: Story, at: Clock) -> None:
    at(START)
    story.won()
    end(story)
    with pytest.raises(IntegrityError, match="contract_ended_once"), transaction.atomic():
        Contract.objects.update(ended_on=None)
    at(START + HOUR)
    undo(story, "contract_ended", "customer_success")
    undo(story, "deal_won", "field_sales")
    with pytest.raises(IntegrityError, match="contract_stays_void"), transaction.atomic():
        Contract.objects.update(voided_at=None)


@pytest.mark.django_db(transaction=True)
def test_undoing_at_once_happens_once(story: Story) -> None:
    for before, act, kind, who in [one.values for one in ACTS[:7]]:
        before(story)
        with transaction.atomic():
            act(story)
        event_id = latest(kind)

        def work(number: int, event_id: int = event_id, who: str = who) -> str:
            with transaction.atomic():
                corrections.withdraw(event_id, story.people[who], now=moment.now(), reason="x")
            return "done"

        results = at_once(4, work)
        assert sum(r == "done" for r in results) == 1, (kind, results)
        assert sum(isinstance(r, MoveRefused) and r.code == "already_undone" for r in results) == 3
        assert Event.objects.filter(corrects=event_id).count() == 1
    demand_clean()
