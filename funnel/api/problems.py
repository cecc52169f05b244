"""Errors as problem documents."""

from rest_framework.views import exception_handler as handler

__all__ = ["handler"]
