"""One address for each act on a customer, all of one shape: a form on a page, one verb, back to the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from funnel.models import Customer
from funnel.transitions import customers
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest, writes
from funnel.views.acting import carry_out
from funnel.views.customers.acts import ACTS, Given, Subject, form_of
from funnel.views.undoing import say_done, undo_url


def door(name: str) -> Callable[..., HttpResponse]:
    """The view that asks what one act needs, carries it out and goes back to the record, or says why not."""

    @writes(ACTS[name].act)
    def carry(request: PageRequest, customer_id: int) -> HttpResponse:
        customer = get_object_or_404(Customer.objects.select_related("account", "owner"), pk=customer_id)
        subject, back = Subject.of(customer), _back(request, customer_id)
        form = form_of(name, subject, request, request.POST if request.method == "POST" else None)
        context = {"form": form, "name": name, "customer": customer, "back": back}
        if not form.is_bound:
            return render(request, "funnel/customer_act.html", context)

        done_at: list[datetime] = []

        def verb(by: Actor, now: datetime, given: Given) -> None:
            ACTS[name].verb(subject, by, now, given)
            done_at.append(now)
            today = now.astimezone(request.organization.tz).date()
            customers.refresh_health(customer_id, day=today, now=now, by=by)

        if carry_out(request, form, verb):
            undo = undo_url(request.user, done_at[0]) if done_at else ""
            say_done(request, str(ACTS[name].done), undo, back)
            return redirect(back)
        return render(request, "funnel/customer_act.html", context, status=422)

    return require_http_methods(["GET", "HEAD", "POST"])(never_cache(carry))


def _back(request: PageRequest, customer_id: int) -> str:
    """Where the member came from, on this site; else the customer's record."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else reverse("customer", args=[customer_id])


PATHS: list[URLPattern] = [
    path(f"customers/<int:customer_id>/{name}/", door(name), name=f"customer-{name}") for name in ACTS
]
