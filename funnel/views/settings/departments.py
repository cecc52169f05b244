"""Departments: who is in them, and who covers those that have nobody."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from funnel.company import departments
from funnel.company.changing import stamp
from funnel.forms.acts import ActForm
from funnel.forms.settings import CoverForm
from funnel.stages import Department
from funnel.views.access import PageRequest, administers, leads_only
from funnel.views.settings.saving import save, show, stamp_of


@require_safe
@never_cache
@leads_only
def department_list(request: PageRequest) -> HttpResponse:
    """The four, with their people and who does their work."""
    return _page(request, {})


@require_POST
@never_cache
@administers
def cover(request: PageRequest, department: str) -> HttpResponse:
    """Let another department do the work of one."""
    if department not in set(Department):
        raise Http404
    form = CoverForm(request.POST, subject=department)
    seen = stamp_of(request)
    return save(
        request,
        form,
        lambda by, now, said: departments.cover(
            department, by, now=now, covered_by=said["covered_by"], stamp=seen
        ),
        back=reverse("settings-departments"),
        again=lambda refused: _page(request, {department: refused}),
    )


def _page(request: PageRequest, bound: dict[str, ActForm]) -> HttpResponse:
    today = request.now.astimezone(request.organization.tz).date()
    rows = departments.standing(today)
    context = {
        "rows": [(row, bound.get(row.department) or _form(row)) for row in rows],
        "empty_departments": departments.without_people(today),
        "stamp": stamp(departments.seen()),
    }
    return show(request, "funnel/settings/departments.html", "departments", context)


def _form(row: departments.Standing) -> CoverForm:
    form = CoverForm(subject=row.department, initial={"covered_by": row.covered_by})
    form.auto_id = f"id_%s_{row.department}"
    return form
