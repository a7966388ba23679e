"""Pages for when something is not there, not allowed or broken."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say why, and whom to ask."""
    return render(request, "console/error.html", {"status": 403, "error": exception}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what was looked for."""
    return render(request, "console/error.html", {"status": 404, "error": exception}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours and that nothing was written."""
    return render(request, "console/error.html", {"status": 500}, status=500)
