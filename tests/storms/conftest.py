"""Storms tell the same stories as the tests of promises."""

from tests.handoffs.conftest import people, story

__all__ = ["people", "story"]
