"""The product's settings, with cheap passwords and static files straight from their sources."""

import os

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
# Redis has 16 databases: one for each worker of a run. Said here, because a worker reads these settings
# before its conftest, with the environment of the run that started it.
os.environ["REDIS_URL"] = f"{os.environ['REVOPS_TEST_REDIS']}?db={int(WORKER[2:]) + 1 if WORKER else 0}"

from revops.settings import *  # noqa: E402, F403, TID251

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
