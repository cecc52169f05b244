"""THE ONLY WRITER of breach reviews: open, collect what was the case, confirm the cause, follow the ledger."""

from dashboards.review.collecting import collect, evidence_of
from dashboards.review.confirming import confirm, follow
from dashboards.review.opening import open_for, open_forgotten

__all__ = ["collect", "confirm", "evidence_of", "follow", "open_for", "open_forgotten"]
