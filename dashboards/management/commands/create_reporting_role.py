"""Make the role by which reporting tools read the three views, and nothing else."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from psycopg2 import sql  # type: ignore[import-untyped]

from dashboards import reporting

NAME = re.compile(r"[a-z][a-z0-9_]{2,62}")
SECONDS = 60


class Command(BaseCommand):
    """Repeating it gives the role of that name a new password; the old one ends at once."""

    help = (
        "Make (or renew) a read-only database role for Looker, Tableau or Metabase; prints its password once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default="revops_reporting", help="3 to 63 of a–z, 0–9 and _.")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        """Raises CommandError for a name that is none, and where the product's own role may not make roles."""
        if not NAME.fullmatch(name) or name.startswith("pg_"):
            raise CommandError("The name needs 3 to 63 of a–z, 0–9 and _, a letter first, and not pg_.")
        if name == connection.settings_dict["USER"]:
            raise CommandError("This is the product's own role. Choose another name.")
        password = secrets.token_urlsafe(24)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
                verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
                for statement in self._statements(verb, name, password):
                    cursor.execute(statement)
        except ProgrammingError as refusal:
            raise CommandError(
                f"The database refuses: {str(refusal).strip()}. Ask its administrator to run this command with "
                "DATABASE_URL of a role that may make roles; docs/reporting.md has the statements."
            ) from refusal
        self.stdout.write(f"{name}: {password}")

    def _statements(self, verb: sql.SQL, name: str, password: str) -> list[sql.Composed]:
        role = sql.Identifier(name)
        database = sql.Identifier(str(connection.settings_dict["NAME"]))
        views = sql.SQL(", ").join(sql.Identifier("reporting", view) for view in reporting.VIEWS)
        make = sql.SQL(
            "{verb} ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT PASSWORD {password}"
        )
        return [
            make.format(verb=verb, role=role, password=sql.Literal(password)),
            sql.SQL("ALTER ROLE {role} SET default_transaction_read_only = on").format(role=role),
            sql.SQL("ALTER ROLE {role} SET statement_timeout = {limit}").format(
                role=role, limit=sql.Literal(f"{SECONDS}s")
            ),
            sql.SQL("GRANT CONNECT ON DATABASE {database} TO {role}").format(database=database, role=role),
            sql.SQL("GRANT USAGE ON SCHEMA reporting TO {role}").format(role=role),
            sql.SQL("GRANT SELECT ON {views} TO {role}").format(views=views, role=role),
        ]
