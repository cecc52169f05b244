"""Addresses: probes, sign-in, admin, and one include per app."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from funnel.api.problems import no_such_address
from funnel.views.sign_in import admin_door, sign_in
from revops import health
from revops.language import choose_language
from revops.own_data.pages import own_data, own_data_progress
from revops.styleguide import stage, styleguide

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/login/", admin_door),
    path("admin/", admin.site.urls),
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-out/", auth.LogoutView.as_view(), name="sign-out"),
    path("i18n/setlang/", choose_language, name="set_language"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("api/v1/", include("funnel.api.urls")),
    path("api/v1/", include("handoffs.api")),
    path("api/v1/", include("dashboards.api")),
    re_path(r"^api/", no_such_address),
    path("settings/own-data/", own_data, name="own-data"),
    path("settings/own-data/progress/", own_data_progress, name="own-data-progress"),
    path("styleguide/", styleguide, name="styleguide"),
    path("styleguide/stage/", stage, name="styleguide-stage"),
    path("", include("dashboards.urls")),
    path("", include("handoffs.urls")),
    path("", include("funnel.urls")),
]
