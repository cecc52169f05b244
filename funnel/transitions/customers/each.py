"""The same for many customers, one transaction each: one that somebody holds does not stop the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from django.db import OperationalError

log = logging.getLogger(__name__)
# Lock not to be had in time, statement cancelled, deadlock: the row is held, the database is well.
HELD = frozenset({"55P03", "57014", "40P01"})


def each(customer_ids: Iterable[int], act: Callable[[int], object]) -> int:
    """Act on every customer; those held by somebody once more at the end. Returns for how many it came to true."""
    done, held = 0, []
    for customer_id in customer_ids:
        try:
            done += bool(act(customer_id))
        except OperationalError as error:
            _demand_held(error)
            held.append(customer_id)
    for customer_id in held:
        try:
            done += bool(act(customer_id))
        except OperationalError as error:
            _demand_held(error)
            log.warning("customer %s is held by another transaction: left for the next run", customer_id)
    return done


def _demand_held(error: OperationalError) -> None:
    if getattr(error.__cause__, "pgcode", None) not in HELD:
        raise error
