"""The open API: routers of the rooms under one address, one shape for errors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError

from fangxian.assessment.api import router as assessment_router
from fangxian.base.errors import FangxianError
from fangxian.ground.accounts.api import SessionAuth, TokenAuth
from fangxian.ground.accounts.api import router as accounts_router
from fangxian.ground.accounts.selectors.access import signed_out
from fangxian.ground.audit.api import router as audit_router
from fangxian.ground.emergency_plans.api import router as emergency_plans_router
from fangxian.ground.places.api import router as places_router
from fangxian.reporting.api import router as reporting_router

api = NinjaAPI(title="Fangxian 防线", version="1", urls_namespace="api", auth=[TokenAuth(), SessionAuth()])
for router in (
    assessment_router,
    reporting_router,
    emergency_plans_router,
    places_router,
    audit_router,
    accounts_router,
):
    api.add_router("", router)


@api.exception_handler(FangxianError)
def answer_error(request: HttpRequest, error: FangxianError) -> HttpResponse:
    """Say what is wrong and what to do next, in both languages."""
    stranger = error.fields.get("signed_in") is False
    body = {
        "code": error.code,
        "message": dict(error.message),
        "remedy": dict(error.remedy),
        "fields": dict(error.fields),
        "findings": [vars(finding) for finding in error.findings],
    }
    return api.create_response(request, body, status=401 if stranger else error.status)


@api.exception_handler(AuthenticationError)
def answer_stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Say 401 in the same shape as every other error."""
    return answer_error(request, signed_out())
