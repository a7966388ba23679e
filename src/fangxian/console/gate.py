"""The gate: every page asks for sign-in unless it stands on a short list, and a shift ends by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from fangxian.ground.accounts.selectors import policy
from fangxian.ground.accounts.services import user_of_token
from fangxian.ground.accounts.services.sign_in import SIGNED_IN_AT

PUBLIC = {
    "account_login": "the door itself",
    "mfa_authenticate": "the second half of the door",
    "account_logout": "also leaves the door half way, before the second factor",
    "account_inactive": "says that an account is closed, to somebody who cannot sign in",
    "set_language": "a stranger at the door may read it in English",
    "api:openapi-json": "describes the interface, the same everywhere; holds no data",
    "api:openapi-view": "the same as a page",
    "api:api-root": "answers that there is nothing here",
}
"""View names open to anybody, each with the reason."""

WHILE_PASSWORD_IS_KNOWN_TO_OTHERS = {"account_change_password", "account_logout", "account_reauthenticate"}


class SignInRequired:
    """Pages send a stranger to the door; operations of the API answer for themselves with 401."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if request.path.startswith("/api/") and kind.lower() == "bearer":
            request.user = user_of_token(secret) or AnonymousUser()  # never whoever sits at that browser
            request.by_token = True
        elif request.user.is_authenticated and _shift_is_over(request):
            logout(request)
        if request.user.is_authenticated:
            policy.remember(request.user)
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        """Stop whoever may not pass, before the page is made."""
        name = request.resolver_match.view_name
        if name in PUBLIC:
            return None
        if not request.user.is_authenticated:
            return None if request.path.startswith("/api/") else redirect_to_login(request.get_full_path())
        if request.user.must_change_password and name not in WHILE_PASSWORD_IS_KNOWN_TO_OTHERS:
            return redirect("account_change_password")
        return None


def _shift_is_over(request: HttpRequest) -> bool:
    signed_in_at = request.session.get(SIGNED_IN_AT)
    return signed_in_at is None or time.time() - signed_in_at > settings.SESSION_COOKIE_AGE
