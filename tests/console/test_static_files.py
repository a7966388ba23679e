"""Static files are answered whole, with the headers by which a browser keeps them."""

from __future__ import annotations

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from fangxian.console.middleware import StaticFiles

pytestmark = pytest.mark.django_db  # the end of an answer looks after the connections

SCRIPT = "reporting/entry.js"


def ask(**headers: str) -> HttpResponse:
    def not_found(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=404)

    with override_settings(WHITENOISE_USE_FINDERS=True, WHITENOISE_AUTOREFRESH=True, STATIC_URL="/static/"):
        serve = StaticFiles(not_found)
        return serve(RequestFactory().get(f"/static/{SCRIPT}", headers=headers))


def test_a_script_is_no_stream_and_keeps_its_headers():
    """An asynchronous server warns of a stream that it must read whole first; there is none to warn of."""
    answer = ask()
    with open(finders.find(SCRIPT), "rb") as file:
        assert answer.content == file.read()
    assert not answer.streaming
    assert answer["Content-Type"].startswith("text/javascript")
    assert int(answer["Content-Length"]) == len(answer.content)


def test_what_a_browser_has_already_is_not_sent_again():
    again = ask(if_modified_since=ask()["Last-Modified"])
    assert (again.status_code, again.content) == (304, b"")
