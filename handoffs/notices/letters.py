"""Letters: one notice, or several of one kind in one, in the reader's language, under an id that stays the same."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from funnel.models import Member, Organization
from handoffs.models import Delivery
from handoffs.notices import wording
from handoffs.notices.answers import Answer

TIMEOUT = 10
# A letter names so many of its notices; the rest are counted, and lie in the inbox.
NAMED_AT_MOST = 50


class Postman:
    """Carries letters to the mail server over one connection, opened with the first of them."""

    def __init__(self, organization: Organization, now: datetime) -> None:
        self.organization, self.now = organization, now
        self.wire: BaseEmailBackend = get_connection(timeout=TIMEOUT)
        self.is_fresh = True

    def carry(self, head: Delivery, parcel: Sequence[Delivery]) -> Answer:
        """Send one letter for all deliveries of a parcel, which are to one member and of one kind, as its `head`."""
        try:
            message = letter(head, parcel, self.organization, self.now)
            return self._send(message)
        except ValueError as error:
            # An address or heading that no letter can have: the others are none the worse for it.
            return Answer(False, type(error).__name__, is_recipients=True)

    def _send(self, message: EmailMessage) -> Answer:
        try:
            self.wire.send_messages([message])
        except smtplib.SMTPRecipientsRefused:
            self.close()
            return Answer(False, "SMTPRecipientsRefused", is_recipients=True)
        except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
            self.close()
            return Answer(False, f"{type(error).__name__} {error.smtp_code}")
        except OSError as error:
            # smtplib's errors are OSErrors. A server may end a connection after some letters: a new one decides.
            was_fresh = self.is_fresh
            self.close()
            if not was_fresh:
                return self._send(message)
            return Answer(False, type(error).__name__, is_outlets=True)
        self.is_fresh = False
        return Answer(True)

    def close(self) -> None:
        """Leave the server."""
        self.wire.close()
        self.is_fresh = True


def letter(
    head: Delivery, parcel: Sequence[Delivery], organization: Organization, now: datetime
) -> EmailMessage:
    """The letter of a parcel; its id is the `head`'s."""
    member = head.member
    assert member is not None
    with translation.override(member.language):
        told = [wording.words(d.notice, organization, now) for d in islice(parcel, NAMED_AT_MOST)]
        links = [{"words": words, "url": wording.url(words.path)} for words in told]
        context = {
            "member": member,
            "told": links,
            "first": links[0],
            "more": len(parcel) - len(links),
            "inbox": wording.url(reverse("notices")),
            "settings": wording.url(reverse("notice-settings")),
        }
        subject = told[0].heading
        if head.is_digest and len(parcel) > 1:
            subject = wording.digest_heading(parcel, head.kind)
            context["heading"] = subject
        template = "digest" if head.is_digest and len(parcel) > 1 else "letter"
        body = render_to_string(f"handoffs/email/{template}.txt", context)
    headers = {"Message-ID": message_id(head, member), "Auto-Submitted": "auto-generated"}
    return EmailMessage(
        " ".join(subject.split()), body, settings.DEFAULT_FROM_EMAIL, [member.email], headers=headers
    )


def message_id(first: Delivery, member: Member) -> str:
    """The stable id of a letter: the key of its (first) notice, and the recipient."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
    digest = "digest." if first.is_digest else ""
    return f"<{digest}{first.notice.key.replace(':', '.')}.{member.pk}@{domain}>"
