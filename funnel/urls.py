"""Addresses."""

from django.urls import path

from funnel.views import customers, people
from funnel.views.leads import new_lead

urlpatterns: list = [
    path("leads/new/", new_lead, name="new-lead"),
    path("c/", people.lead_list, name="leads"),
    path("c/export/", people.export_leads, name="leads-export"),
    path("customers/", customers.customer_list, name="customers"),
    path("customers/<int:customer_id>/", customers.customer, name="customer"),
    *customers.ACT_PATHS,
]
