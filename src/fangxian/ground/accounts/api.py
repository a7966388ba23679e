"""Who am I for the API, and how a program proves it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.security import APIKeyCookie, HttpBearer

from fangxian.base.errors import FangxianError
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import requires
from fangxian.ground.accounts.selectors.access import clear, signed_out
from fangxian.ground.accounts.selectors.me import Account, describe

router = Router(tags=["accounts"])


class TokenAuth(HttpBearer):
    """A program sends ``Authorization: Bearer fx_...`` and acts as the owner of the token."""

    def authenticate(self, request: HttpRequest, token: str) -> User:
        """Return the owner whom the gate found; a token that opens nothing is refused at once."""
        if not request.user.is_authenticated:
            raise signed_out()
        return request.user


class SessionAuth(APIKeyCookie):
    """A signed-in browser; what changes something must carry the CSRF token."""

    param_name = "sessionid"

    def __call__(self, request: HttpRequest) -> User | None:
        """Tell a stranger that she is one before asking for her CSRF token."""
        if not request.user.is_authenticated or request.user.must_change_password:
            return None
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> User:
        """Return the user of the session."""
        return request.user


def cleared_first(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Judge who asks before reading what was sent: the API's own order is the other way round."""
    operation = run.__self__
    access = getattr(operation.view_func, "access", None)

    @functools.wraps(run)
    def judged(request: HttpRequest, **kwargs: Any) -> HttpResponse:  # noqa: ANN401 -- what stands in the address
        try:
            if access is not None:
                clear(request, access, kwargs)
        except FangxianError as error:
            return operation.api.on_exception(request, error)
        return run(request, **kwargs)

    return judged


@router.get("/me", response=Account, summary="The account that asks, its roles and their scope")
@requires(Action.USE_OWN_ACCOUNT)
def me(request: HttpRequest) -> Account:
    """Return the account that asks, in words and codes."""
    return describe(request.user)
