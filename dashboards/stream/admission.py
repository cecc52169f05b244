"""Whose session it is: asked in a thread, for many at once, the connection given back each time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils.crypto import constant_time_compare

from dashboards import queries
from funnel.models import Member
from funnel.moment import RevopsNow


class Pass(NamedTuple):
    """A member's right to watch: by which session, and the stored password it was signed in with."""

    id: int
    session: str
    password: str


def admit(keys: Iterable[str]) -> dict[str, Pass]:
    """Return the passes of sessions that are alive and whose member is active; two statements for all."""
    try:
        sessions = Session.objects.filter(session_key__in=set(keys), expire_date__gt=RevopsNow())
        signed = {s.session_key: s.get_decoded() for s in sessions}
        wanted = {int(data[SESSION_KEY]) for data in signed.values() if SESSION_KEY in data}
        members = Member.objects.filter(is_active=True).in_bulk(wanted)
        return {
            key: Pass(member.pk, key, member.password)
            for key, data in signed.items()
            if (member := members.get(int(data.get(SESSION_KEY, 0)))) is not None
            and constant_time_compare(data.get(HASH_SESSION_KEY, ""), member.get_session_auth_hash())
        }
    finally:
        connection.close()


def still_valid(passes: Mapping[str, Pass]) -> set[str]:
    """Return which sessions still are what they were; one statement for all."""
    try:
        found = queries.signed_in([(one.session, one.id) for one in passes.values()])
        return {key for key, one in passes.items() if found.get(key) == one.password}
    finally:
        connection.close()
