"""`make check` and `make fmt`: every check that needs no test run, one after another."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from revops import embedded

ROOT = Path(__file__).resolve().parent.parent
PY = sys.executable
APPS = ["revops", "funnel", "handoffs", "dashboards", "tests", "manage.py"]

CHECKS: dict[str, list[str]] = {
    "lint": [PY, "-m", "ruff", "check", *APPS],
    "format": [PY, "-m", "ruff", "format", "--check", "--quiet", *APPS],
    "types": [PY, "-m", "mypy"],
    "imports": [PY, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
    "templates": [PY, "-m", "djlint", "templates", "--lint", "--quiet"],
    "system": ["manage.py", "check", "--fail-level", "WARNING"],
    "migrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
    "schema": ["manage.py", "spectacular", "--fail-on-warn", "--validate", "--file", os.devnull],
    "documents": ["manage.py", "docs", "--check"],
    "translations": ["manage.py", "messages", "--check"],
}
FIXES: dict[str, list[str]] = {
    "lint": [PY, "-m", "ruff", "check", "--fix", "--quiet", *APPS],
    "format": [PY, "-m", "ruff", "format", "--quiet", *APPS],
    "documents": ["manage.py", "docs"],
    "translations": ["manage.py", "messages", "--write"],
}


def main(arguments: list[str]) -> int:
    """Run all (or those named), print what fails, and return how many did."""
    table = FIXES if "--fix" in arguments else CHECKS
    named = [word for word in arguments if not word.startswith("-")]
    with tempfile.TemporaryDirectory(prefix="revops-check-") as folder:
        Path(folder).chmod(0o755)
        line = embedded.hold(Path(folder), fast=True)
        os.environ.update(line.urls, REVOPS_HOME=folder, DJANGO_SETTINGS_MODULE="revops.settings")
        failed = [
            name
            for name, command in table.items()
            if (not named or name in named) and not _passes(name, command)
        ]
        line.release()
    if failed:
        print(f"\nFailed: {', '.join(failed)}")  # noqa: T201
    return len(failed)


def _passes(name: str, command: list[str]) -> bool:
    began = time.monotonic()
    words = [PY, *command] if command[0] == "manage.py" else command
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    passed = done.returncode == 0
    print(f"{'ok  ' if passed else 'FAIL'} {name} ({time.monotonic() - began:.0f} s)", flush=True)  # noqa: T201
    if not passed:
        print(done.stdout + done.stderr, flush=True)  # noqa: T201
    return passed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
