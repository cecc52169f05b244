"""Rows of deals into transitions: new ones laid down together, known ones moved on, closed and corrected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from funnel import stages
from funnel.errors import MoveRefused, Refused
from funnel.ingest.cells import BadRow
from funnel.ingest.matching import Matcher
from funnel.ingest.outcomes import CREATED, UNCHANGED, UPDATED, Numbered, Outcome, Run, in_waves
from funnel.ingest.rows import DealRow
from funnel.models import Deal, Event, Lead, Member, Reason
from funnel.stages import DEAL_STATE_WORDS, DealState, DealStep, EventKind
from funnel.transitions import bulk, corrections, deals, filed, leads
from funnel.transitions.bulk import NewLead
from funnel.transitions.deals import DealFields
from funnel.transitions.filed import FiledDeal

STEPS = [step.value for step in DealStep]
OTHER = "other"
ENDS = (DealState.WON, DealState.LOST)


def write(rows: Sequence[Numbered], run: Run) -> list[Outcome]:
    """Take a batch of deals in; one outcome a row, in any order."""
    run.sources.meet((), (), (name for n in rows for name in (n.row.inside_owner, n.row.field_owner)))
    return in_waves(rows, _keys, lambda wave: _write_wave(wave, run))


def _keys(row: DealRow) -> Iterable[Any]:
    if row.external_id:
        yield "id", row.external_id
    # One lead at a time: what the first row makes of a lead, the next one has to see.
    yield ("lead", row.lead_external_id) if row.lead_external_id else (row.company_norm, row.name_norm)


class _Known:
    """The leads and deals a wave of rows may mean."""

    def __init__(self, rows: Sequence[DealRow]) -> None:
        self.matcher = Matcher((r.lead_external_id for r in rows), (), rows)
        named = {r.external_id for r in rows if r.external_id}
        self.by_id = {d.external_id: d for d in _deals().filter(external_id__in=named)}
        self.alone = self._alone(rows)
        found = (*self.matcher.leads.values(), *self.matcher.latest.values(), *self.alone.values())
        self.of_lead: dict[int, list[Deal]] = {}
        for deal in _deals().filter(lead_id__in={lead.pk for lead in found}).order_by("id"):
            self.of_lead.setdefault(deal.lead_id, []).append(deal)

    def _alone(self, rows: Sequence[DealRow]) -> dict[int, Lead]:
        """The latest lead, open ones first, of accounts that rows name without a person."""
        nameless = [
            self.matcher.accounts.get(r.company_norm) for r in rows if not (r.lead_external_id or r.name_norm)
        ]
        accounts = {account for account in nameless if account is not None}
        found = Lead.objects.filter(account_id__in=accounts).exclude(outcome=stages.Outcome.WITHDRAWN)
        found = found.select_related("person", "account")
        return {int(lead.account_id or 0): lead for lead in sorted(found, key=lambda x: (x.is_open, x.pk))}

    def lead(self, row: DealRow) -> Lead | None:
        """The lead a row hangs on. Raises BadRow("unknown_lead") when it names one that is not there."""
        if row.lead_external_id:
            lead = self.matcher.leads.get(row.lead_external_id)
            if lead is None:
                raise BadRow("unknown_lead", value=row.lead_external_id)
            return lead
        match = self.matcher.find("", None, row.company_norm, row.name_norm)
        if match.lead is None and not row.name_norm:
            match.lead = self.alone.get(match.account_id or 0)
        if match.lead is None and not row.name:
            raise BadRow("unknown_lead", value=row.company or row.external_id)
        return match.lead

    def deal(self, row: DealRow, lead: Lead | None) -> Deal | None:
        """The deal a row states: by external id, else the lead's deal of that product without another id."""
        if row.external_id and row.external_id in self.by_id:
            return self.by_id[row.external_id]
        for deal in self.of_lead.get(lead.pk, ()) if lead else ():
            unclaimed = not row.external_id or not deal.external_id
            blank = deal.is_open and not deal.product
            if unclaimed and deal.state != DealState.VOID and (deal.product == row.product or blank):
                return deal
        return None


def met(rows: Sequence[Numbered]) -> Iterable[tuple[Numbered, Deal]]:
    """The rows that state a deal that is there already, with that deal."""
    known = _Known([n.row for n in rows])
    for numbered in rows:
        row: DealRow = numbered.row
        deal = known.by_id.get(row.external_id) if row.external_id else None
        try:
            deal = deal or known.deal(row, known.lead(row))
        except BadRow:
            continue
        if deal is not None:
            yield numbered, deal


def _deals() -> Any:
    return Deal.objects.select_related("lead", "owner")


def _write_wave(wave: Sequence[Numbered], run: Run) -> tuple[list[Outcome], list[Numbered]]:
    known = _Known([n.row for n in wave])
    members = Member.objects.in_bulk(
        {run.sources.members[o] for n in wave for o in (n.row.field_owner,) if o}
    )
    reasons = _loss_reasons()
    outcomes: list[Outcome] = []
    new: list[tuple[Numbered, Lead | None]] = []
    again: list[Numbered] = []
    touched: set[int] = set()
    for numbered in wave:
        row: DealRow = numbered.row
        try:
            deal = known.by_id.get(row.external_id) if row.external_id else None
            lead = deal.lead if deal else known.lead(row)
            if lead is not None and lead.pk in touched:
                again.append(numbered)
                continue
            touched |= {lead.pk} if lead else set()
            deal = deal or known.deal(row, lead)
            if deal is None:
                run.check_age(row.dates())
        except BadRow as problem:
            outcomes.append(numbered.rejected(problem))
            continue
        if deal is None:
            new.append((numbered, lead))
        else:
            outcomes.append(_settle_known(numbered, deal, members, reasons, run))
    return outcomes + _lay(new, known, members, reasons, run), again


def _loss_reasons() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, en, ja in Reason.objects.filter(act=Reason.For.LOSS).values_list(
        "code", "label_en", "label_ja"
    ):
        found |= {code: code, en: code, ja: code}
    return found


def _lay(
    new: Sequence[tuple[Numbered, Lead | None]],
    known: _Known,
    members: dict[int, Member],
    reasons: dict[str, str],
    run: Run,
) -> list[Outcome]:
    own = [n.row for n, lead in new if lead is None]
    made = iter(
        bulk.lay_down(
            [_self_sourced(row, known, run) for row in own], run.by, now=run.now, history=run.history
        )
    )
    filed_rows = []
    for numbered, lead in new:
        row: DealRow = numbered.row
        code = reasons.get(row.reason, OTHER if row.reason else "")
        filed_rows.append(
            FiledDeal(
                lead_id=lead.pk if lead else next(made).lead_id,
                fields=_fields(row, members, run),
                state=row.state, step=row.step, opened_at=row.created_at, closed_at=row.closed_at, reason=code,
                note=row.reason if code == OTHER and row.reason != OTHER else "",
                lead_owner_id=run.sources.members.get(row.inside_owner),
            )
        )  # fmt: skip
    answers = filed.lay_deals(filed_rows, run.by, now=run.now, history=run.history)
    return [
        n.rejected(answer)
        if isinstance(answer, Refused)
        else n.became(CREATED, answer.pk, _flags(answer), _given_owner(lead, answer))
        for (n, lead), answer in zip(new, answers, strict=True)
    ]


def _given_owner(lead: Lead | None, deal: Deal) -> dict[str, Any]:
    """What undoing puts back on a lead that was there before: that nobody owned it."""
    if lead is None or lead.owner_id is not None or deal.lead.owner_id is None:
        return {}
    return {"owner_id": [None, deal.lead.owner_id]}


def _flags(deal: Deal) -> list[str]:
    """What is to be reported of a deal: dates of its lead that are out of order, stages without a date."""
    return [
        f for f, on in (("inferred", deal.lead.inferred), ("date_conflict", deal.lead.date_conflict)) if on
    ]


def _fields(row: DealRow, members: dict[int, Member], run: Run) -> DealFields:
    return DealFields(
        product=row.product, segment=row.segment, amount=row.amount, currency=row.currency,
        owner=members.get(run.sources.members.get(row.field_owner, 0)), external_id=row.external_id,
    )  # fmt: skip


def _self_sourced(row: DealRow, known: _Known, run: Run) -> NewLead:
    """The lead of a deal that sales found by themselves: there since the deal was opened, all else inferred."""
    match = known.matcher.find("", None, row.company_norm, row.name_norm)
    return NewLead(
        "", match.account_id, row.company, row.company_norm, match.person_id, match.passes + 1, None, row.name,
        row.name_norm, "", None, "", "", None, "", None, row.segment, run.sources.members.get(row.inside_owner), None,
        None, None, None,
        seen_at=row.created_at or row.closed_at or run.now,
    )  # fmt: skip


class _Change(NamedTuple):
    """What a row states that is not so yet."""

    facts: dict[str, Any]
    step: str
    ends: bool
    moved_to: datetime | None
    lead_owner: int | None


def _settle_known(
    numbered: Numbered, deal: Deal, members: dict[int, Member], reasons: dict[str, str], run: Run
) -> Outcome:
    row: DealRow = numbered.row
    if run.skip_known:
        return numbered.became(UNCHANGED, deal.pk, ["skipped"])
    if _contradicts(row, deal):
        return numbered.rejected(MoveRefused("deal_not_open", state=DEAL_STATE_WORDS[deal.state]))
    unowned = deal.lead.owner_id is None
    change = _Change(
        facts=_facts(row, deal, members, run),
        step=row.step if deal.state == DealState.OPEN and _is_further(row.step, deal.step) else "",
        ends=deal.is_open and row.state in ENDS,
        moved_to=row.closed_at if _ended_at_another_time(row, deal) else None,
        lead_owner=run.sources.members.get(row.inside_owner) if unowned else None,
    )
    if not any(change):
        return numbered.became(UNCHANGED, deal.pk, _flags(deal))

    def act() -> Outcome:
        _apply(change, row, deal, reasons, run)
        return numbered.became(UPDATED, deal.pk)

    return run.settle(numbered, act)


def _apply(change: _Change, row: DealRow, deal: Deal, reasons: dict[str, str], run: Run) -> None:
    run.check_age([row.closed_at] if row.closed_at and (change.ends or change.moved_to) else [])
    if change.facts:
        filed.restate(deal.pk, run.by, now=run.now, **change.facts)
    if change.lead_owner:
        leads.assign(deal.lead_id, run.by, now=run.now, owner=Member.objects.get(pk=change.lead_owner))
    if change.step:
        deals.move_step(deal.pk, run.by, now=run.now, step=change.step, history=run.history)
    if change.ends:
        _end(row, deal, reasons, run)
    if change.moved_to:
        _end_at(deal, change.moved_to, run)


def _contradicts(row: DealRow, deal: Deal) -> bool:
    """A file cannot turn a win into a loss or the other way round; that is done by a person."""
    return (
        row.state in ENDS and not deal.is_open and row.state != deal.state
    ) or deal.state == DealState.VOID


def _ended_at_another_time(row: DealRow, deal: Deal) -> bool:
    return row.state == deal.state and row.closed_at is not None and row.closed_at != deal.closed_at


def _is_further(step: str, standing: str) -> bool:
    return bool(step) and STEPS.index(step) > STEPS.index(standing)


def _facts(row: DealRow, deal: Deal, members: dict[int, Member], run: Run) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if deal.is_open or row.state == deal.state:
        if row.amount is not None and row.amount != deal.amount:
            facts["amount"] = row.amount
        if row.amount is not None and row.currency != deal.currency:
            facts["currency"] = row.currency
    for name, said in (("product", row.product), ("segment", row.segment), ("external_id", row.external_id)):
        if said and said != (getattr(deal, name) or ""):
            facts[name] = said
    owner = run.sources.members.get(row.field_owner)
    if owner is not None and owner != deal.owner_id:
        facts["owner"] = members[owner]
    return facts


def _end(row: DealRow, deal: Deal, reasons: dict[str, str], run: Run) -> None:
    at = row.closed_at
    if row.state == DealState.WON:
        deals.win(deal.pk, run.by, now=run.now, amount=row.amount, currency=row.currency, occurred_at=at,
                  history=run.history)  # fmt: skip
    else:
        reason = reasons.get(row.reason, row.reason) or "not_recorded"
        deals.lose(deal.pk, run.by, now=run.now, reason=reason, occurred_at=at, history=run.history)


def _end_at(deal: Deal, at: Any, run: Run) -> None:
    won = Event.objects.filter(deal=deal, kind=EventKind.DEAL_WON).order_by("id").last()
    if deal.state == DealState.WON and won is not None:
        corrections.correct_time(won.pk, run.by, now=run.now, occurred_at=at, reason="")
    filed.restate(deal.pk, run.by, now=run.now, closed_at=at)
