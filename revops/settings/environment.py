"""What the settings read from the environment, and the variables that others of them build upon."""

import os
import sys
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent.parent
HOME = Path(env.str("REVOPS_HOME", default=str(BASE_DIR / ".revops"))).expanduser()
# web | worker | beat | command: bounds of statements differ.
PROCESS = env.str("REVOPS_PROCESS", default="web")
# Behind TLS: cookies are secure, plain HTTP is redirected.
HTTPS = env.bool("REVOPS_HTTPS", default=False)


def required(name: str, how: str) -> str:
    """Read variable `name`, or stop with a sentence that says how to set it."""
    value = env.str(name, default="")
    # Commands that open no connection (help, collectstatic in an image) run without servers.
    if not value and len(sys.argv) > 1 and Path(sys.argv[0]).name == "manage.py":
        return ""
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {how}")
    return value


def secret_key() -> str:
    """SECRET_KEY, else the key kept in the state directory, made on first use."""
    given = env.str("SECRET_KEY", default="")
    if given:
        return given
    path = HOME / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and linked: of several processes that start together, all read one whole key.
        mine = path.with_name(f"secret_key.{os.getpid()}")
        mine.touch(mode=0o600)
        mine.write_text(os.urandom(48).hex())
        try:
            os.link(mine, path)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return path.read_text().strip()
