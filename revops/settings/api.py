"""Settings of the API: who is let in, how often, and what its description says."""

from datetime import timedelta

from revops.settings.environment import env

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "funnel.api.permissions.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["funnel.api.permissions.ReadsOrWrites"],
    "DEFAULT_THROTTLE_CLASSES": ["funnel.api.throttling.CallerThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["funnel.api.parsing.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "funnel.api.problems.handler",
    "DEFAULT_THROTTLE_RATES": {
        "read": env.str("REVOPS_THROTTLE_READ", default="6000/min"),
        "write": env.str("REVOPS_THROTTLE_WRITE", default="6000/min"),
        "sign-in": env.str("REVOPS_THROTTLE_SIGN_IN", default="20/min"),
    },
    # How many proxies of ours stand in front; 0 means that the peer's address is the client's.
    "NUM_PROXIES": env.int("REVOPS_PROXIES", default=0),
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": timedelta(days=365), "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {
    "TITLE": "RevOps API",
    "VERSION": "1",
    "DESCRIPTION": "Facts, promises and readings of one revenue organisation.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Codes stay where they are used: several things have a "kind", and each its own.
    "POSTPROCESSING_HOOKS": ["funnel.api.schema.strict_inputs"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
