"""The open API: routers of the rooms under one address, one shape for errors."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from fangxian.assessment.api import router as assessment_router
from fangxian.base.errors import FangxianError, Finding, InvalidInput
from fangxian.ground.accounts.api import SessionAuth, TokenAuth, cleared_first
from fangxian.ground.accounts.api import router as accounts_router
from fangxian.ground.accounts.selectors.access import signed_out
from fangxian.ground.audit.api import router as audit_router
from fangxian.ground.emergency_plans.api import router as emergency_plans_router
from fangxian.ground.places.api import router as places_router
from fangxian.reporting.api import router as reporting_router

api = NinjaAPI(title="Fangxian 防线", version="1", urls_namespace="api", auth=[TokenAuth(), SessionAuth()])
api.add_decorator(cleared_first, mode="view")
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


@api.exception_handler(ValidationError)
def answer_malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name each field of a request that does not have the shape of the description."""
    findings = [
        Finding(
            code=str(fault["type"]),
            message={"zh": f"{_where(fault)}:{fault['msg']}。", "en": f"{_where(fault)}: {fault['msg']}."},
            remedy={"zh": "请对照接口说明改正。", "en": "Correct it by the description of the API."},
            column=_where(fault),
        )
        for fault in error.errors
    ]
    malformed = InvalidInput(
        {"zh": "请求不符合接口说明。", "en": "The request does not have the shape of the description."},
        {"zh": "请看 /api/v1/docs。", "en": "See /api/v1/docs."},
        findings=findings,
    )
    return answer_error(request, malformed)


def _where(fault: dict[str, Any]) -> str:
    return ".".join(str(part) for part in fault["loc"])
