"""Every view and API operation declares what it asks for; the matrix test reads these declarations."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest

from fangxian.base.errors import NotFound, NotPermitted
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors.policy import policy
from fangxian.ground.places.models import Facility, Place


@dataclass(frozen=True)
class Access:
    """What a view needs: an action, and which URL argument names the place or the unit."""

    action: Action
    place: str | None = None
    facility: str | None = None


def requires(
    action: Action, *, place: str | None = None, facility: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a view run only for a signed-in user whom the policy allows.

    ``place`` and ``facility`` name the URL keyword that holds a place code or facility code; the object
    found is left on ``request.place`` or ``request.facility``. Pages send a stranger to sign in; the API
    answers 401; a refusal is 403 with its reason.
    """
    access = Access(action, place, facility)

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 -- any view
            if not request.user.is_authenticated and not request.path.startswith("/api/"):
                return redirect_to_login(request.get_full_path())
            clear(request, access, kwargs)
            return view(request, *args, **kwargs)

        guarded.access = access
        guarded.__signature__ = inspect.signature(view, eval_str=True)  # the API reads types, not names
        return guarded

    return decorate


def signed_out() -> NotPermitted:
    """Return the answer to a stranger, which the API turns into 401."""
    return NotPermitted(
        {"zh": "尚未登录。", "en": "Not signed in."},
        {
            "zh": "请先登录，或在 Authorization 头中给出有效的接口令牌。",
            "en": "Sign in first, or send a valid API token in the Authorization header.",
        },
        {"signed_in": False},
    )


def clear(request: HttpRequest, access: Access, kwargs: Mapping[str, Any]) -> None:
    """Let a request pass or refuse it with the reason; asked twice, it is judged once.

    The API asks before it reads what was sent, so that a person who may not come in is told that, and not
    what was wrong with the form.
    """
    if getattr(request, "cleared", None) is access:
        return
    if not request.user.is_authenticated:
        raise signed_out()
    where: dict[str, Any] = {}
    if access.place is not None:
        where["place"] = request.place = _find(Place, kwargs[access.place])
    if access.facility is not None:
        where["facility"] = request.facility = _find(Facility, kwargs[access.facility])
    decision = policy.may(request.user, access.action, **where)
    if not decision.allowed:
        raise NotPermitted(
            {"zh": decision.reason_zh, "en": decision.reason_en},
            {"zh": "如工作需要，请向管理员申请。", "en": "Ask an administrator if your work needs it."},
            {"action": str(access.action.value), **{kind: found.code for kind, found in where.items()}},
        )
    request.cleared = access


def _find(model: type[Place] | type[Facility], code: str) -> Place | Facility:
    query = model.objects.select_related("place") if model is Facility else model.objects.all()
    found = query.filter(code=code).first()
    if found is None:
        raise NotFound(
            {"zh": f"没有代码为 {code} 的记录。", "en": f"There is no record with code {code}."},
            {"zh": "请核对代码。", "en": "Check the code."},
        )
    return found
