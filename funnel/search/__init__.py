"""Finding people by any part of their name, reading, company, mail or phone, at any size."""

from funnel.search.doubles import Alike, Pair, alike, pairs
from funnel.search.finding import Hits, hits
from funnel.search.kinds import KINDS, Entry, Found, customers_found, entries

__all__ = [
    "KINDS",
    "Alike",
    "Entry",
    "Found",
    "Hits",
    "Pair",
    "alike",
    "customers_found",
    "entries",
    "hits",
    "pairs",
]
