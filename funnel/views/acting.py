"""The one shape of an act on a page: a form, one verb in one transaction, a sentence when it is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction

from funnel import moment
from funnel.errors import MoveRefused, Refused
from funnel.forms import ActForm
from funnel.transitions.acting import Actor
from funnel.views.access import PageRequest
from funnel.views.once import first_time

REFUSALS = (Refused, OperationalError)
Verb = Callable[[Actor, datetime, Mapping[str, Any]], object]


def carry_out(request: PageRequest, form: ActForm, verb: Verb) -> bool:
    """Carry out `verb` if the form is valid and the rules allow it; else the form says why not.

    The same form sent twice acts once: the second is answered like the first.
    """
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            now = moment.now()
            if first_time(request.user, str(form.cleaned_data["once"])):
                verb(Actor.of(request.user, "html", now=now), now, form.cleaned_data)
    except REFUSALS as error:
        form.refuse(refusal_of(error))
        return False
    return True


def refusal_of(error: Refused | OperationalError) -> Refused:
    """What to say when a verb did not come about.

    The database refuses when somebody else holds the record for longer than a page waits, or breaks a deadlock.
    """
    return error if isinstance(error, Refused) else MoveRefused("conflict")
