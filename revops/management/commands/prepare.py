"""Makes a database ready to be used: tables, then the demo company or the first administrator."""

import os
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from funnel.models import Member, Organization


class Command(BaseCommand):
    help = "Migrate; fill an empty database with the demo company, or with one administrator where REVOPS_DEMO=0."

    def handle(self, *args: Any, **options: Any) -> None:
        """Safe to run at every start; prints what a person needs to sign in."""
        call_command("migrate", verbosity=0, interactive=False)
        wanted = os.environ.get("REVOPS_DEMO", "1") not in {"0", "false", "no"}
        empty = not Member.objects.exists()
        if wanted and (empty or Organization.current().is_demo):
            call_command("demo_company", stdout=self.stdout)
        elif empty:
            call_command("first_administrator", stdout=self.stdout)
