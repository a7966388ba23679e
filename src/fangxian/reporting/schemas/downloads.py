"""How a file leaves: to be saved, under its own name in any script."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from fangxian.reporting.selectors.imports import Download


def handed_out(file: Download) -> HttpResponse:
    """Return a file to be saved."""
    answer = HttpResponse(file.content, content_type=file.media_type)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file.name)
    return answer
