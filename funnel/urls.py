"""Addresses."""

from django.urls import path

from funnel.views import customers, details, imports, people
from funnel.views.leads import new_lead

urlpatterns: list = [
    path("leads/new/", new_lead, name="new-lead"),
    path("c/", people.lead_list, name="leads"),
    path("c/export/", people.export_leads, name="leads-export"),
    path("customers/", customers.customer_list, name="customers"),
    *details.PATHS,
    *customers.ACT_PATHS,
    path("import/", imports.import_list, name="imports"),
    path("import/<int:batch_id>/", imports.import_page, name="import"),
    path("import/<int:batch_id>/start/", imports.start, name="import-start"),
    path("import/<int:batch_id>/progress/", imports.progress, name="import-progress"),
    path("import/<int:batch_id>/resume/", imports.resume, name="import-resume"),
    path("import/<int:batch_id>/discard/", imports.discard, name="import-discard"),
    path("import/<int:batch_id>/errors.csv", imports.errors_csv, name="import-errors"),
]
