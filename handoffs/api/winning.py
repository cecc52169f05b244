"""The API door of a won deal: its contract, and what is handed over with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from funnel.api import shapes
from funnel.api.schema import acts
from funnel.api.views_deals import DealAct
from funnel.transitions.acting import Actor
from handoffs import promises
from handoffs.api import serializers as takes
from handoffs.sheets import PASSED_WITH_WON


class Win(DealAct):
    """Win a deal: contract and customer come to be, the kickoff is owed, and what was heard goes over with it."""

    writes = "win"
    TAKES = takes.WonInput

    @staticmethod
    def verb(deal_id: int, by: Actor, *, now: datetime, **values: Any) -> Any:
        """An amount not sent is the amount the deal has; blank texts are not said."""
        said = {name: value for name, value in values.items() if value not in (None, "")}
        passed = {item.key: said.pop(item.key, "") for item in PASSED_WITH_WON}
        return promises.hand_over_won(deal_id, by, now=now, passed=passed, **{"amount": None, **said})

    @acts("deals_win", takes.WonInput, shapes.DEAL)
    def post(self, request: Request, deal_id: int) -> Response:
        return self.act(request, deal_id)
