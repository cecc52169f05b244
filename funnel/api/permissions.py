"""Who is calling, and whether the act behind the door is his department's; the transitions ask once more."""

from __future__ import annotations

import re
from typing import Any

from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import get_token_model
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from funnel import moment
from funnel.company.tokens import note_use
from funnel.errors import NotYours
from funnel.models import Member
from funnel.stages import ACTS
from funnel.transitions.acting import Actor

# In place of an act: the row's own department decides, which only the verb knows.
BY_ROW = "by row"
_TOKEN = re.compile(rb"[\x21-\x7e]{20,200}")


class BearerAuthentication(TokenAuthentication):
    """`Authorization: Bearer <token>`, looked up by its hash in one statement.

    A token that cannot be one is refused before it reaches the database; an expired one stays expired.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[Member, Any]:
        if not _TOKEN.fullmatch(token):
            raise exceptions.AuthenticationFailed
        tokens = get_token_model()
        try:
            known = tokens.objects.select_related("user").get(digest=hash_token(token.decode()))
        except tokens.DoesNotExist as unknown:
            raise exceptions.AuthenticationFailed from unknown
        if known.expiry is not None and known.expiry < timezone.now():
            raise exceptions.AuthenticationFailed
        note_use(known.digest, now=timezone.now())
        return self.validate_user(known)


class ReadsOrWrites(BasePermission):
    """Everyone signed in reads; the departments of the act that the view `writes` write.

    Viewers, and tokens of scope read, change nothing. Raises NotYours.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        member: Any = request.user
        if not member or not member.is_authenticated:
            return False
        if request.method in SAFE_METHODS:
            return True
        if member.is_viewer:
            raise exceptions.PermissionDenied(code="read_only")
        # A service writes for any department; nothing needs to be read to know that.
        if not member.is_service:
            self._demand(view.writes, Actor.of(member, "api", now=moment.now()))
        return True

    def _demand(self, act: str, by: Actor) -> None:
        if act in ACTS:
            by.department_for(act)
        elif not by.may_write:
            raise NotYours("read_only")
