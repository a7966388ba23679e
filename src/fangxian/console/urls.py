"""Every page and the API, assembled."""

from __future__ import annotations

from django.urls import include, path

from fangxian.console.api import api
from fangxian.ground.accounts.urls import sign_in_urlpatterns

urlpatterns = [
    path("accounts/", include(sign_in_urlpatterns)),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", api.urls),
    path("", include("fangxian.assessment.urls")),
    path("", include("fangxian.reporting.urls")),
    path("", include("fangxian.ground.emergency_plans.urls")),
    path("", include("fangxian.ground.places.urls")),
    path("", include("fangxian.ground.audit.urls")),
    path("", include("fangxian.ground.accounts.urls")),
]

handler403 = "fangxian.console.views.permission_denied"
handler404 = "fangxian.console.views.not_found"
handler500 = "fangxian.console.views.server_error"
