"""Rows of readings per day: usage of customers, money spent, visits. A day sent again replaces its number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from funnel.ingest.cells import BadRow
from funnel.ingest.outcomes import CREATED, UNCHANGED, UPDATED, Numbered, Outcome, Run, in_waves
from funnel.ingest.rows import FigureRow, UsageRow
from funnel.models import Account, Customer, ImportRow, SpendEntry, TrafficReading, UsageReading
from funnel.transitions import customers
from funnel.transitions.acting import Actor


def write_usage(rows: Sequence[Numbered], run: Run) -> list[Outcome]:
    """Take a batch of usage readings in; customers by their external id, else by normalised company."""
    by_id, by_company = _customers([n.row for n in rows])

    def customer_of(row: UsageRow) -> int | None:
        return by_id.get(row.customer) if row.customer else by_company.get(row.company_norm)

    def write(wave: list[Numbered]) -> tuple[list[Outcome], list[Numbered]]:
        outcomes: list[Outcome] = []
        mine: dict[int, list[Numbered]] = defaultdict(list)
        for numbered in wave:
            customer = customer_of(numbered.row)
            if customer is None:
                named = numbered.row.customer or numbered.row.company_norm
                outcomes.append(numbered.rejected(BadRow("unknown_customer", value=named)))
            else:
                mine[customer].append(numbered)
        return outcomes + _store_usage(mine, run), []

    return in_waves(rows, lambda row: [(customer_of(row) or row, row.day, row.metric)], write)


def _customers(rows: Sequence[UsageRow]) -> tuple[dict[str, int], dict[str, int]]:
    ids = {r.customer for r in rows if r.customer}
    norms = {r.company_norm for r in rows if r.company_norm and not r.customer}
    found = list(
        Customer.objects.filter(
            Q(external_id__in=ids) | Q(account__external_id__in=ids) | Q(account__name_norm__in=norms)
            | Q(origin_lead__external_id__in=ids)
        ).values_list("id", "external_id", "account__external_id", "account__name_norm", "origin_lead__external_id")
    )  # fmt: skip
    # A record that was merged speaks of the company it was merged into.
    gone = Account.objects.filter(Q(external_id__in=ids) | Q(name_norm__in=norms), merged_into__isnull=False)
    merged = list(gone.values_list("external_id", "name_norm", "merged_into__customer"))
    by_id = {str(row[0]): row[2] for row in merged if row[2] and row[0] in ids}
    for position in (4, 2, 1):
        by_id |= {str(row[position]): row[0] for row in found if row[position] in ids}
    by_name = {row[1]: row[2] for row in merged if row[2] and row[1] in norms}
    return by_id, by_name | {row[3]: row[0] for row in reversed(found) if row[3]}


def _store_usage(mine: dict[int, list[Numbered]], run: Run) -> list[Outcome]:
    days = {n.row.day for group in mine.values() for n in group}
    known = {
        (customer, day, metric): value
        for customer, day, metric, value in UsageReading.objects.filter(
            customer_id__in=mine, day__in=days
        ).values_list("customer_id", "day", "metric", "value")
    }
    outcomes = []
    for customer, group in sorted(mine.items()):
        changed = []
        for numbered in group:
            row: UsageRow = numbered.row
            standing = known.get((customer, row.day, row.metric))
            if standing == row.value or (run.skip_known and standing is not None):
                outcomes.append(numbered.became(UNCHANGED, customer))
                continue
            changed.append((row.day, row.metric, row.value))
            before = {
                "day": row.day.isoformat(), "metric": row.metric,
                "value": [None if standing is None else str(standing), str(row.value)],
            }  # fmt: skip
            outcome = CREATED if standing is None else UPDATED
            outcomes.append(numbered.became(outcome, customer, before=before))
        if changed:
            customers.record_usage(customer, run.by, now=run.now, readings=changed)
    return outcomes


def write_spend(rows: Sequence[Numbered], run: Run) -> list[Outcome]:
    """Take a batch of spending in."""
    return _write_days(SpendEntry, "amount", rows, run)


def write_traffic(rows: Sequence[Numbered], run: Run) -> list[Outcome]:
    """Take a batch of visits in."""
    return _write_days(TrafficReading, "visits", rows, run)


def _write_days(model: Any, column: str, rows: Sequence[Numbered], run: Run) -> list[Outcome]:
    run.sources.meet((n.row.channel for n in rows), ((n.row.campaign, n.row.channel) for n in rows), ())
    return in_waves(
        rows, lambda row: [_place(row, run)], lambda wave: (_store_days(model, column, wave, run), [])
    )


def _store_days(model: Any, column: str, wave: Sequence[Numbered], run: Run) -> list[Outcome]:
    known = {
        (reading.day, reading.channel_id, reading.campaign_id): reading
        for reading in model.objects.select_for_update()
        .filter(day__in={n.row.day for n in wave})
        .order_by("id")
    }
    made, changed, outcomes = [], [], []
    for numbered in wave:
        key = _place(numbered.row, run)
        reading = known.get(key)
        if reading is None:
            reading = model(
                day=key[0], channel_id=key[1], campaign_id=key[2], **{column: numbered.row.figure}
            )
            made.append((numbered, reading))
        elif run.skip_known or Decimal(getattr(reading, column)) == numbered.row.figure:
            outcomes.append(numbered.became(UNCHANGED, reading.pk))
        else:
            before = {"value": [str(getattr(reading, column)), str(numbered.row.figure)]}
            setattr(reading, column, numbered.row.figure)
            changed.append(reading)
            outcomes.append(numbered.became(UPDATED, reading.pk, before=before))
    model.objects.bulk_create([reading for _, reading in made])
    model.objects.bulk_update(changed, [column])
    return outcomes + [
        numbered.became(CREATED, reading.pk, before={"value": [None, str(numbered.row.figure)]})
        for numbered, reading in made
    ]


def _place(row: FigureRow, run: Run) -> tuple[date, int | None, int | None]:
    return row.day, run.sources.channels.get(row.channel), run.sources.campaigns.get(row.campaign)


KINDS = ("usage", "spend", "traffic")


def take_back(kind: str, rows: Sequence[ImportRow], by: Actor, *, now: datetime) -> dict[int, str]:
    """Put back the figures that stood before these rows; why a row is kept, or "", by its id.

    A figure is a number that the next file replaces, not an event: where none stood before, none stands again,
    and the row goes on knowing what it had said. What was changed since is kept.
    """
    if kind == "usage":
        return {row.pk: _take_back_usage(row, by, now) for row in rows}
    model, column = (SpendEntry, "amount") if kind == "spend" else (TrafficReading, "visits")
    known = model.objects.select_for_update().in_bulk([row.record_id for row in rows])
    return {row.pk: _put_back(known.get(row.record_id), column, row) for row in rows}


def _take_back_usage(row: ImportRow, by: Actor, now: datetime) -> str:
    old, new = row.before["value"]
    put = customers.put_back_usage(
        row.record_id or 0, by, now=now, day=date.fromisoformat(row.before["day"]), metric=row.before["metric"],
        old=None if old is None else Decimal(old), new=Decimal(new),
    )  # fmt: skip
    return "" if put else "changed_since"


def _put_back(reading: Any, column: str, row: ImportRow) -> str:
    old, new = row.before["value"]
    if reading is None or Decimal(getattr(reading, column)) != Decimal(new):
        return "changed_since"
    if old is None:
        reading.delete()
    else:
        setattr(reading, column, Decimal(old))
        reading.save(update_fields=[column])
    return ""
