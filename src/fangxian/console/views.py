"""Pages for when something is not there, not allowed or broken."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fangxian.base.errors import FangxianError


def explain(request: HttpRequest, error: FangxianError) -> HttpResponse:
    """Say what is wrong and what to do next, in the language of the page."""
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    return _answer(
        request,
        error.status,
        error.message[language],
        error.remedy[language],
        findings=error.findings,
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say why, and whom to ask."""
    return _answer(
        request,
        403,
        _("You may not do this here."),
        _("Ask an administrator if your work needs it."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what was looked for."""
    return _answer(
        request,
        404,
        _("There is no page at this address: %(address)s") % {"address": request.path},
        _("Check the address, or begin from the page of today."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours and that nothing was written."""
    return _answer(
        None,  # the frame of the page asks the database, which may be what failed
        500,
        _("The system failed; this is not your mistake. What you sent was not kept."),
        _("Try again; if it fails again, tell the administrator the time and this address."),
    )


def _answer(request: HttpRequest | None, status: int, reason: str, remedy: str, **more: Any) -> HttpResponse:  # noqa: ANN401 -- what the template shows besides
    shown = {"status": status, "heading": _heading(status), "reason": reason, "remedy": remedy, **more}
    return HttpResponse(render_to_string("console/error.html", shown, request), status=status)


def _heading(status: int) -> str:
    return {
        403: _("Not permitted"),
        404: _("Not found"),
        409: _("Somebody else was first"),
        422: _("This cannot be taken"),
        500: _("The system failed"),
    }.get(status, _("Something is wrong"))
