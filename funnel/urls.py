"""Addresses."""

from django.urls import path

from funnel.views import companies, customers, deals, details, duplicates, imports, lists
from funnel.views.contacts import new_person
from funnel.views.leads import known_leads, new_lead
from funnel.views.search import search, suggest
from funnel.views.settings.paths import PATHS as SETTINGS_PATHS

urlpatterns: list = [
    path("leads/new/", new_lead, name="new-lead"),
    path("leads/new/known/", known_leads, name="known-leads"),
    path("c/", lists.lead_list, name="leads"),
    path("c/export/", lists.export_leads, name="leads-export"),
    path("people/", lists.people_list, name="people"),
    path("people/duplicates/", duplicates.duplicates, name="duplicates"),
    path("companies/duplicates/", companies.company_duplicates, name="company-duplicates"),
    path(
        "companies/<int:company_id>/merge/<int:other_id>/",
        companies.company_preview,
        name="company-merge-preview",
    ),
    path(
        "companies/<int:company_id>/merge/<int:other_id>/now/",
        companies.merge_companies,
        name="company-merge",
    ),
    path(
        "companies/<int:company_id>/apart/<int:other_id>/",
        companies.keep_companies_apart,
        name="companies-apart",
    ),
    path("people/<int:keep_id>/merge/<int:absorb_id>/", duplicates.merge_preview, name="merge-preview"),
    path("people/<int:keep_id>/merge/<int:absorb_id>/now/", duplicates.merge, name="merge"),
    path("people/<int:keep_id>/apart/<int:absorb_id>/", duplicates.keep_apart, name="keep-apart"),
    path("people/export/", lists.export_people, name="people-export"),
    path("search/", search, name="search"),
    path("search/suggest/", suggest, name="search-suggest"),
    path("views/save/", lists.save_view, name="view-save"),
    path("views/<int:view_id>/rename/", lists.rename_view, name="view-rename"),
    path("views/<int:view_id>/delete/", lists.delete_view, name="view-delete"),
    path("customers/", customers.customer_list, name="customers"),
    path("customers/export/", customers.export_customers, name="customers-export"),
    path("accounts/<int:pk>/people/new/", new_person, name="person-new"),
    *deals.PATHS,
    *details.PATHS,
    *customers.ACT_PATHS,
    *SETTINGS_PATHS,
    path("import/", imports.import_list, name="imports"),
    path("import/<int:batch_id>/", imports.import_page, name="import"),
    path("import/<int:batch_id>/start/", imports.start, name="import-start"),
    path("import/<int:batch_id>/progress/", imports.progress, name="import-progress"),
    path("import/<int:batch_id>/resume/", imports.resume, name="import-resume"),
    path("import/<int:batch_id>/known/", imports.known, name="import-known"),
    path("import/<int:batch_id>/undo/", imports.undo, name="import-undo"),
    path("import/<int:batch_id>/discard/", imports.discard, name="import-discard"),
    path("import/<int:batch_id>/errors.csv", imports.errors_csv, name="import-errors"),
]
