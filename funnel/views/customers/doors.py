"""One address for each act on a customer, all of one shape."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from funnel.models import Customer
from funnel.transitions import customers
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, writes
from funnel.views.acting import carry_out
from funnel.views.customers.acts import ACTS, Given, Subject, form_of
from funnel.views.customers.record import show


def door(name: str) -> Callable[..., HttpResponse]:
    """The view that carries out one act and goes back to the customer's page, or shows there why not."""

    @require_POST
    @writes(ACTS[name].act)
    def carry(request: PageRequest, customer_id: int) -> HttpResponse:
        customer = get_object_or_404(Customer.objects.select_related("account", "owner"), pk=customer_id)
        subject = Subject.of(customer)
        form = form_of(name, subject, request, request.POST)

        def verb(by: Actor, now: datetime, given: Given) -> None:
            ACTS[name].verb(subject, by, now, given)
            today = now.astimezone(request.organization.tz).date()
            customers.refresh_health(customer_id, day=today, now=now, by=by)

        if carry_out(request, form, verb):
            messages.success(request, str(ACTS[name].done))
            return redirect("customer", customer_id)
        return show(request, customer, refused=(name, form))

    return carry


PATHS: list[URLPattern] = [
    path(f"customers/<int:customer_id>/{name}/", door(name), name=f"customer-{name}") for name in ACTS
]
