"""Who am I for the API, and how a program proves it."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router
from ninja.security import APIKeyCookie, HttpBearer

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.schemas import Me
from fangxian.ground.accounts.selectors import policy, requires
from fangxian.ground.accounts.selectors.access import signed_out
from fangxian.ground.accounts.selectors.me import describe
from fangxian.ground.accounts.services import user_of_token

router = Router(tags=["accounts"])


class TokenAuth(HttpBearer):
    """A program sends ``Authorization: Bearer fx_...`` and acts as the owner of the token."""

    def authenticate(self, request: HttpRequest, token: str) -> User:
        """Put the owner in place of the stranger; a token that opens nothing is refused at once."""
        user = user_of_token(token)
        if user is None:
            raise signed_out()
        policy.remember(user)
        request.user = user
        return user


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


@router.get("/me", response=Me, summary="The account that asks, its roles and their scope")
@requires(Action.USE_OWN_ACCOUNT)
def me(request: HttpRequest) -> Me:
    """Return the account that asks, in words and codes."""
    return Me.model_validate(describe(request.user), from_attributes=True)
