"""Finding people by any part of their name, reading, company, mail or phone, at any size."""

from funnel.search.finding import Hits, hits

__all__ = ["Hits", "hits"]
