"""Gives an empty installation its first administrator."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from funnel.models import Member


class Command(BaseCommand):
    help = "Create one administrator, if there is none, and print the password: this once, nowhere else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="admin@localhost")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when an administrator exists already."""
        if Member.objects.filter(is_administrator=True).exists():
            raise CommandError("There is an administrator already.")
        password = secrets.token_urlsafe(12)
        member = Member(
            username=options["email"], email=options["email"], name="Administrator", is_administrator=True
        )
        member.set_password(password)
        member.save()
        self.stdout.write(f"Sign in as {options['email']} with the password {password} (shown this once).")
