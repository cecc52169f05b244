"""The leads and deals that rows of a file mean, as far as they are there already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from funnel import stages
from funnel.ingest.cells import BadRow
from funnel.ingest.matching import Matcher
from funnel.ingest.outcomes import Numbered
from funnel.ingest.rows import DealRow
from funnel.models import Deal, Lead, Reason
from funnel.stages import DealState


class Known:
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
    known = Known([n.row for n in rows])
    for numbered in rows:
        row: DealRow = numbered.row
        deal = known.by_id.get(row.external_id) if row.external_id else None
        try:
            deal = deal or known.deal(row, known.lead(row))
        except BadRow:
            continue
        if deal is not None:
            yield numbered, deal


def loss_reasons() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, en, ja in Reason.objects.filter(act=Reason.For.LOSS).values_list(
        "code", "label_en", "label_ja"
    ):
        found |= {code: code, en: code, ja: code}
    return found


def _deals() -> Any:
    return Deal.objects.select_related("lead", "owner")
