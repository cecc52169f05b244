"""Lists of leads and people: search, filters in the address, saved views, pages by key, export."""

from funnel.views.lists.leads import export_leads, lead_list
from funnel.views.lists.people import export_people, people_list
from funnel.views.lists.saved import delete_view, rename_view, save_view

__all__ = [
    "delete_view",
    "export_leads",
    "export_people",
    "lead_list",
    "people_list",
    "rename_view",
    "save_view",
]
