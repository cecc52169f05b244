"""Members: the list, one member, and every change of his standing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.auth import update_session_auth_hash
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from funnel import normalise
from funnel.company import departments, members
from funnel.company.changing import stamp
from funnel.forms.acts import ActForm
from funnel.forms.settings import (
    JoinForm,
    LeaveForm,
    MemberFilter,
    MembershipForm,
    PasswordForm,
    RolesForm,
)
from funnel.models import Invitation, Member, Membership
from funnel.views.access import PageRequest, administers, leads_only
from funnel.views.keyset import Order, counted, page
from funnel.views.settings.saving import Verb, save, show, stamp_of

BY_NAME = Order(key="name", descending=False, read=str)


@require_safe
@never_cache
@leads_only
def member_list(request: PageRequest) -> HttpResponse:
    """Everybody who works here, who has left, and the programs; the departments nobody is in."""
    asked = MemberFilter(request.GET)
    today = request.now.astimezone(request.organization.tz).date()
    rows = _narrowed(asked, today)
    count, more = counted(rows)
    current = Membership.objects.order_by("id")
    found = page(request, rows.prefetch_related(Prefetch("memberships", queryset=current)), BY_NAME)
    context = {
        "form": asked,
        "page": found,
        "members": [(m, members.of_today(m, today)) for m in found.rows],
        "count": count,
        "more": more,
        "open_invitations": _open_invitations(),
        "empty_departments": departments.without_people(today),
        "act": ActForm(),
        "filtered": any(asked.cleaned_data.values()),
    }
    return show(request, "funnel/settings/members.html", "members", context)


@require_safe
@never_cache
@leads_only
def member_page(request: PageRequest, member_id: int) -> HttpResponse:
    """One member: rights, departments from a day to a day, password, leaving."""
    return _member_page(request, get_object_or_404(Member, pk=member_id))


class Change(NamedTuple):
    """One change of a member's standing: its form, what carries it out, and what is said when it is done."""

    form: type[ActForm]
    verb: Callable[[int, str | None], Verb]
    done: Any


CHANGES: dict[str, Change] = {
    "roles": Change(
        RolesForm,
        lambda pk, seen: lambda by, now, said: members.set_roles(
            pk, by, now=now, stamp=seen, is_administrator=said["rights"] == "is_administrator",
            is_viewer=said["rights"] == "is_viewer",
        ),
        gettext_lazy("Saved"),
    ),
    "join": Change(
        JoinForm,
        lambda pk, seen: lambda by, now, said: members.join(
            pk, by, now=now, stamp=seen, department=said["department"], role=said["role"],
            valid_from=said["valid_from"], valid_to=said["valid_to"],
        ),
        gettext_lazy("Added"),
    ),
    "leave": Change(
        LeaveForm,
        lambda pk, seen: lambda by, now, said: members.leave(pk, by, now=now, on=said["on"], stamp=seen),
        gettext_lazy("Recorded. What was still owed has been given to others."),
    ),
    "return": Change(
        ActForm,
        lambda pk, seen: lambda by, now, said: members.come_back(pk, by, now=now, stamp=seen),
        gettext_lazy("Back again. Add the departments."),
    ),
    "password": Change(
        PasswordForm,
        lambda pk, seen: lambda by, now, said: members.set_password(
            pk, by, now=now, password=said["password"]
        ),
        gettext_lazy("The password has been set. Pass it on by a safe way."),
    ),
}  # fmt: skip


@require_POST
@never_cache
@administers
@sensitive_post_parameters("password", "again")
def change_member(request: PageRequest, member_id: int, what: str) -> HttpResponse:
    """Carry out one of `CHANGES`."""
    member = get_object_or_404(Member, pk=member_id)
    if what not in CHANGES:
        raise Http404
    change = CHANGES[what]
    form = change.form(request.POST, subject=member)
    answer = save(
        request,
        form,
        change.verb(member.pk, stamp_of(request)),
        back=reverse("settings-member", args=[member.pk]),
        again=lambda refused: _member_page(request, Member.objects.get(pk=member.pk), {what: refused}),
        done=str(change.done),
    )
    if what == "password" and member.pk == request.user.pk and form.is_valid():
        update_session_auth_hash(request, Member.objects.get(pk=member.pk))
    return answer


@require_POST
@never_cache
@administers
def change_membership(request: PageRequest, membership_id: int) -> HttpResponse:
    """Change the role of a membership, or its end."""
    membership = get_object_or_404(Membership.objects.select_related("member"), pk=membership_id)
    form = MembershipForm(request.POST)
    seen = stamp_of(request)
    return save(
        request,
        form,
        lambda by, now, said: members.change_membership(
            membership.pk, by, now=now, role=said["role"], valid_to=said["valid_to"], stamp=seen
        ),
        back=reverse("settings-member", args=[membership.member_id]),
        again=lambda refused: _member_page(
            request, Member.objects.get(pk=membership.member_id), {f"membership-{membership.pk}": refused}
        ),
    )


def _member_page(
    request: PageRequest, member: Member, bound: dict[str, ActForm] | None = None
) -> HttpResponse:
    bound = bound or {}
    today = request.now.astimezone(request.organization.tz).date()
    rows = list(member.memberships.order_by("-valid_to", "-valid_from", "-id"))
    rights = "is_administrator" if member.is_administrator else "is_viewer" if member.is_viewer else ""
    forms: dict[str, ActForm] = {
        "roles": RolesForm(initial={"rights": rights}),
        "join": JoinForm(),
        "leave": LeaveForm(),
        "return": ActForm(),
        "password": PasswordForm(subject=member),
        **bound,
    }
    context = {
        "member": member,
        "forms": {name.replace("-", "_"): form for name, form in forms.items()},
        "memberships": [
            (
                m,
                bound.get(f"membership-{m.pk}") or _membership_form(m),
                m.valid_to is None or m.valid_to > today,
            )
            for m in rows
        ],
        "stamp": stamp(members.seen(member)),
        "today": today,
    }
    return show(request, "funnel/settings/member.html", "members", context)


def _membership_form(membership: Membership) -> MembershipForm:
    form = MembershipForm(initial={"role": membership.role, "valid_to": membership.valid_to})
    form.auto_id = f"id_%s_{membership.pk}"
    return form


def _narrowed(asked: MemberFilter, today: Any) -> QuerySet[Member]:
    asked.is_valid()
    said = asked.cleaned_data
    rows = Member.objects.all()
    state = said.get("state") or "active"
    rows = {
        "active": rows.filter(is_active=True, is_service=False),
        "left": rows.filter(is_active=False, is_service=False),
        "service": rows.filter(is_service=True),
        "all": rows,
    }[state]
    if text := said.get("q"):
        like = Q(name__icontains=text) | Q(username__icontains=text)
        rows = rows.filter(like | Q(name_kana__icontains=normalise.kana(text)))
    if department := said.get("department"):
        current = Membership.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=today), department=department, valid_from__lte=today
        )
        rows = rows.filter(pk__in=current.values("member_id"))
    return rows


def _open_invitations() -> QuerySet[Invitation]:
    return Invitation.objects.filter(used_at=None, revoked_at=None).select_related("created_by")[:100]
