"""Addresses of the queue, of a lead's record, and of every act on them."""

from django.urls import path

from handoffs.views.acts import ACTS, view_of
from handoffs.views.queue import queue
from handoffs.views.record import customer, record

urlpatterns = [
    path("", queue, name="queue"),
    path("c/<int:pk>/", record, name="record"),
    path("customers/<int:customer_id>/", customer, name="customer"),
    *[
        path(f"{subject}s/<int:pk>/{slug}/", view_of(subject, slug), name=f"{subject}-{slug}")
        for subject, slug in ACTS
    ],
]
