"""Settings, top to bottom. Every variable read here has its line in .env.example."""

from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

# Django reads them here.
from revops.settings.api import REST_FRAMEWORK, REST_KNOX, SPECTACULAR_SETTINGS  # noqa: F401
from revops.settings.environment import BASE_DIR, HOME, HTTPS, PROCESS, env, required, secret_key

# Core

SECRET_KEY = secret_key()
DEBUG = env.bool("REVOPS_DEBUG", default=False)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver", *env.list("REVOPS_HOSTS", default=[])]
ROOT_URLCONF = "revops.urls"
WSGI_APPLICATION = "revops.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "revops.apps.StaticFiles",
    "django.contrib.humanize",
    # FORM_RENDERER looks for the templates of widgets among the installed apps.
    "django.forms",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "csp",
    "funnel",
    "handoffs",
    "dashboards",
    "revops",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "revops.language.MemberLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "revops.language.page",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Servers

DATABASES = {
    "default": env.db_url_config(
        required(
            "DATABASE_URL", "Example: postgres://user:password@host:5432/revops. manage.py and make set it."
        )
        or "postgres:///revops"
    )
}
# (statement, lock, idle in transaction) in milliseconds; 0 is no bound. Commands may rightly run for an hour.
STATEMENT, LOCK, IDLE = {"web": (15_000, 3_000, 30_000), "worker": (60_000, 10_000, 60_000)}.get(
    PROCESS, (0, 30_000, 0)
)
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "options": f"-c statement_timeout={STATEMENT} -c lock_timeout={LOCK} "
        f"-c idle_in_transaction_session_timeout={IDLE}",
        "application_name": f"revops-{PROCESS}",
        "connect_timeout": 5,
    }
)
# A kept connection outlives its thread's request and is not bounded by the pool of threads.
CONN_MAX_AGE = 0
DATABASES["default"].update({"CONN_MAX_AGE": CONN_MAX_AGE, "ATOMIC_REQUESTS": False})
# A transaction pooler gives each statement another session; server-side cursors do not survive that.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("REVOPS_POOLED", default=False)

REDIS_URL = (
    required("REDIS_URL", "Example: redis://host:6379/0. manage.py and make set it.") or "redis://localhost"
)
# redis-py's own default of 5 s cuts blocking reads short; these bound a request that meets a silent Redis.
REDIS_OPTIONS = {"socket_timeout": 10, "socket_connect_timeout": 2, "health_check_interval": 25}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "revops:cache",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

# Signing in

AUTH_USER_MODEL = "funnel.Member"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# In PostgreSQL: emptying Redis signs nobody out.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 60 * 60

# Languages and time

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Tokyo"

# Static files

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("REVOPS_STATIC", default="") or HOME / "static")
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "revops.staticfiles.PlotlyFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "revops.staticfiles.StaticStorage"},
}
MEDIA_ROOT = HOME / "files"
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Limits and headers

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# The table of targets sends two fields for each number of the catalogue and period.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# The first one stops what is larger than IMPORT_MAX_BYTES while it arrives.
FILE_UPLOAD_HANDLERS = [
    "funnel.views.imports.receiving.Limit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
IMPORT_MAX_BYTES = env.int("REVOPS_IMPORT_MAX_BYTES", default=20 * 1024 * 1024)
IMPORT_MAX_ROWS = env.int("REVOPS_IMPORT_MAX_ROWS", default=100_000)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = env.list("REVOPS_ORIGINS", default=[])
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
# Probes come from inside, over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("REVOPS_HSTS_SECONDS", default=0)
# Only behind a proxy that removes this header from what clients send.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

# Mail and log

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("REVOPS_MAIL_FROM", default="revops@localhost")
# Where the pages are, for links in letters and chat rooms.
SITE_URL = env.str("REVOPS_URL", default="") or f"http://127.0.0.1:{env.int('REVOPS_PORT', default=8000)}"
# Hosts (name or name:port) that a chat webhook may have although they are private or without TLS.
WEBHOOK_HOSTS = env.list("REVOPS_WEBHOOK_HOSTS", default=[])

# Paths, ids and codes only: names, addresses and notes never reach a log.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "revops.logs.Line",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("REVOPS_LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # Its records of refused requests carry the address as typed; the status is in the access count already.
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
