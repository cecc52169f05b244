#!/usr/bin/env python3
"""Django's entry. Finds the environment and the servers by itself, so any command just works."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
# Commands that touch neither database nor Redis; for them no server is started.
NEED_NOTHING = {"help", "version", "--help", "--version", "collectstatic", "messages", "spectacular"}


def enter_environment() -> None:
    """Continue in `.venv` when this Python has no Django of ours."""
    python = ROOT / ".venv" / "bin" / "python"
    inside = Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
    if python.exists() and not inside:
        os.execv(python, [str(python), str(ROOT / "manage.py"), *sys.argv[1:]])  # noqa: S606


def main() -> None:
    enter_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revops.settings")
    os.environ.setdefault("REVOPS_PROCESS", "command")
    try:
        from django.core.management import execute_from_command_line

        from revops import embedded
    except ImportError as problem:
        sys.exit(f"{problem}. Run `make run` or `make test` once: they set the environment up.")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in NEED_NOTHING:
        try:
            embedded.attach()
        except embedded.Unavailable as problem:
            sys.exit(str(problem))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
