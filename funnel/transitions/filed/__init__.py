"""Facts that arrive as rows of a file: many deals or activities at once, and dates for stages already passed.

A file says what was so; it shows no evidence. So the gates that ask a person for evidence (BANT, meeting,
customer sheet) do not stand here. A stage without a date of its own is inferred and binds nobody; dates out
of order are kept and marked.
"""

from funnel.transitions.filed.dating import date_stage, place
from funnel.transitions.filed.dealing import FiledDeal, lay_deals, restate
from funnel.transitions.filed.hearing import FiledActivity, log_many, relate

__all__ = ["FiledActivity", "FiledDeal", "date_stage", "lay_deals", "log_many", "place", "relate", "restate"]
