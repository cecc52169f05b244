"""Posts to a chat room's webhook, as Slack and the programs that follow it read them: `{"text": …}`."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from itertools import islice

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from funnel.models import Member, Organization
from handoffs.models import Delivery, Outlet
from handoffs.notices import wire, wording
from handoffs.notices.answers import Answer
from handoffs.notices.spreading import quiet_hours

NAMED_AT_MOST = 20
# The program read the message and did not like it; anything else says that the address does not work.
OF_THE_MESSAGE = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
)
BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class Crier:
    """Carries posts to one room."""

    def __init__(self, room: Outlet, organization: Organization, now: datetime) -> None:
        self.room, self.organization, self.now = room, organization, now

    def carry(self, head: Delivery, parcel: Sequence[Delivery]) -> Answer:
        """Send one post for all deliveries of a parcel, which are of one kind, under the key of its `head`."""
        key = f"{'digest:' if head.is_digest else ''}{head.notice.key}:room{self.room.pk}"
        try:
            status, wait = wire.post(self.room.url, {"text": self.text(parcel)}, key=key)
        except wire.NotAllowed as error:
            return Answer(False, error.code, is_outlets=True)
        except ssl.SSLError:
            return Answer(False, "certificate", is_outlets=True)
        except TimeoutError:
            return Answer(False, "timeout", is_outlets=True)
        except OSError as error:
            return Answer(False, type(error).__name__, is_outlets=True)
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return Answer(True)
        failure = f"HTTP {status}"
        return Answer(
            False, failure, is_outlets=status not in OF_THE_MESSAGE, wait=wait if status in BUSY else None
        )

    def text(self, parcel: Sequence[Delivery]) -> str:
        """What the room reads: what happened, for whom, what to do, where."""
        first = parcel[0]
        # A room has no language; that of whoever set it up is the best guess.
        setter = self.room.set_by
        with translation.override(setter.language if setter else settings.LANGUAGE_CODE):
            told = [
                (d, wording.words(d.notice, self.organization, self.now))
                for d in islice(parcel, NAMED_AT_MOST)
            ]
            if len(parcel) == 1:
                return "\n".join([self._line(*told[0]), _plain(told[0][1].to_do)])
            lines = [f"*{_plain(wording.digest_heading(parcel, first.kind))}*"]
            lines += [f"• {self._line(*one)}" for one in told]
            if len(parcel) > len(told):
                lines.append(f"… +{len(parcel) - len(told)} {wording.url(reverse('queue'))}")
            return "\n".join(lines)

    def _line(self, delivery: Delivery, words: wording.Words) -> str:
        due = f" ({_plain(words.due)})" if words.due else ""
        lane = f"{_plain(words.lane)}\n" if words.lane and not delivery.is_digest else ""
        who = self._who(delivery.notice.member, delivery.kind)
        return f"{lane}<{wording.url(words.path)}|{_plain(words.heading)}>{due}{who}"

    def _who(self, member: Member | None, kind: str) -> str:
        """Whom it is for, called by his id in the chat program when he wants that and it is not his quiet time."""
        if member is None:
            return ""
        choice = getattr(member, "notice_choice", None)
        quiet = quiet_hours(choice)
        is_called = (
            choice is not None
            and choice.chat_id
            and kind in choice.by_chat
            and not (quiet and quiet.covers(self.now, self.organization.tz))
        )
        return f" – <@{choice.chat_id}>" if choice and is_called else f" – {_plain(member.name)}"

    def close(self) -> None:
        """Every post is a connection of its own."""


def _plain(text: str) -> str:
    """Text that the chat program takes for text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
