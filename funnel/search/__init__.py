"""Finding people by any part of their name, reading, company, mail or phone, at any size."""

from funnel.search.doubles import Alike, alike
from funnel.search.finding import Hits, hits
from funnel.search.kinds import KINDS, Entry, Found, customers_found, entries
from funnel.search.pairing import Pair, Pairs, company_pairs, pairs

__all__ = [
    "KINDS",
    "Alike",
    "Entry",
    "Found",
    "Hits",
    "Pair",
    "Pairs",
    "alike",
    "company_pairs",
    "customers_found",
    "entries",
    "hits",
    "pairs",
]
