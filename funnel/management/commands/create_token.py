"""Make a token for a program that reads or writes through the API."""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from knox.models import get_token_model

from funnel import moment
from funnel.models import Member
from funnel.transitions.acting import SYSTEM
from funnel.transitions.ledger import setting_changed

NAME = re.compile(r"[^\x00-\x1f\x7f]{1,100}")


class Command(BaseCommand):
    """Prints a token once; only its hash is kept. It acts as a service member of the name given."""

    help = "Make an API token. The token is the last word printed; it is shown once and stored hashed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="Whose token it is, as the ledger will show it.")
        parser.add_argument("--scope", choices=("read", "write"), required=True)

    def handle(self, *args: Any, name: str, scope: str, **options: Any) -> None:
        if not NAME.fullmatch(name.strip()):
            raise CommandError("A name has 1 to 100 characters.")
        token = issue(name.strip(), scope)
        self.stdout.write(f"{name.strip()} ({scope}): {token}")


@transaction.atomic
def issue(name: str, scope: str) -> str:
    """Create a token for the service member of this name and scope (made when new); return it."""
    member, is_new = Member.objects.get_or_create(
        username=f"service:{scope}:{name}",
        defaults={"name": name, "is_service": True, "is_viewer": scope == "read"},
    )
    if is_new:
        member.set_unusable_password()
        member.save(update_fields=["password"])
    _, token = get_token_model().objects.create(user=member)
    setting_changed(
        SYSTEM, now=moment.now(), what="api_token", old=None, new={"member": member.pk, "scope": scope}
    )
    return str(token)
