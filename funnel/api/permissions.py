"""Who is calling, and whether he may write at all; which act is whose is decided by the transitions."""

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

from funnel.models import Member

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
        return self.validate_user(known)


class ReadsOrWrites(BasePermission):
    """Everyone signed in reads; viewers, and tokens of scope read, change nothing."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        if request.method not in SAFE_METHODS and request.user.is_viewer:
            raise exceptions.PermissionDenied(code="read_only")
        return True
