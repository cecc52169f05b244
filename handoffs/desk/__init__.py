"""What lies on a member's desk: what breaks first, then the work in hand; one page of it, by keyset."""

from handoffs.desk.narrowing import Desk
from handoffs.desk.paging import COUNT_TO, PAGE, TABS, Cursor, Item, Page, counts, find, names, page

__all__ = ["COUNT_TO", "PAGE", "TABS", "Cursor", "Desk", "Item", "Page", "counts", "find", "names", "page"]
