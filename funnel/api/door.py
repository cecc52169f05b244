"""The one shape of an API view: parse, one verb in one transaction, answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from funnel import moment
from funnel.api import idempotency
from funnel.api.bodies import Strict, take
from funnel.api.idempotency import Answer
from funnel.api.problems import DEADLOCKS, Turned
from funnel.stages import Department
from funnel.transitions.acting import Actor

TRIES = 3
HAT = "Acting-Department"


class Door(APIView):
    """Base of every API view.

    `writes` is the act of `ACTS` behind its writes, or `BY_ROW`; a view that only reads has none.
    """

    writes = ""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask who calls; turn away a body whose length is not said, which would be read as none."""
        super().initial(request, *args, **kwargs)
        if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
            raise Turned(411, "length_required", field="Content-Length")

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Answers carry personal data: no cache keeps them."""
        return {**super().default_response_headers, "Cache-Control": "no-store"}

    def carry_out(self, act: Callable[[Actor, datetime], Answer]) -> Response:
        """Run one verb in one transaction by the database's clock, once per Idempotency-Key.

        A deadlock victim is tried again, as nothing of it was written.
        """
        for left in reversed(range(TRIES)):
            try:
                return self._once(act)
            except OperationalError as error:
                deadlocked = getattr(error.__cause__, "pgcode", None) in DEADLOCKS
                if not deadlocked or left == 0 or connection.in_atomic_block:
                    raise
        raise AssertionError("unreachable")

    def _once(self, act: Callable[[Actor, datetime], Answer]) -> Response:
        with transaction.atomic():
            now = moment.now()
            member: Any = self.request.user
            by = Actor.of(member, "api", now=now, acting=_hat(self.request))
            return idempotency.once(self.request, member.pk, lambda: act(by, now))


class Act(Door):
    """One act on a record; answers with the record as it stands after it.

    `TAKES` is the body, `verb` what is done with it, `row` how the record is shown.
    """

    TAKES: type[Strict]
    verb: Callable[..., Any]
    row: Callable[..., dict[str, Any]]

    def act(self, request: Request, pk: int) -> Response:
        """Read the body in its shape and call the verb with it."""
        values = take(self.TAKES, request.data)

        def carry(by: Actor, now: datetime) -> Answer:
            type(self).verb(pk, by, now=now, **values)
            return Answer(type(self).row(pk))

        return self.carry_out(carry)


def _hat(request: Request) -> str | None:
    """The department a member of several acts for, if the request says; the verb decides otherwise."""
    given = request.headers.get(HAT)
    if given is not None and given not in list(Department):
        raise Turned(422, "bad_choice", field=HAT, value=given[:40], choices=", ".join(Department))
    return given
