"""How sign-in goes, and its rows in the audit trail."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

from allauth.account import signals as account_signals
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa import signals as factor_signals
from allauth.mfa.adapter import DefaultMFAAdapter
from axes.signals import user_locked_out
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.http import HttpRequest

from fangxian.ground.accounts.models import User
from fangxian.ground.audit.services import record_event

SIGNED_IN_AT = "signed_in_at"


class SignInAdapter(DefaultAccountAdapter):
    """Accounts are opened by administrators; failures are counted in one place, by the lockout."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody opens an account for herself."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401 -- allauth's own
        """Leave the counting of failures to the lockout, which knows user and address."""

    def set_password(self, user: User, password: str) -> None:
        """Keep a password that the person chose herself."""
        user.set_password(password)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 -- allauth's own
        """Say nothing over the page on signing in and out: the page itself shows it."""
        template = kwargs.get("message_template") or (args[0] if args else "")
        if not str(template).endswith(("logged_in.txt", "logged_out.txt")):
            super().add_message(request, level, *args, **kwargs)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 -- allauth's own
        """There is no mail: the audit trail tells."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of the second factor are encrypted with the key of this installation."""

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret; a key that was replaced still opens what it closed."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def connect() -> None:
    """Listen to what happens at the door."""
    user_logged_in.connect(_on_signed_in, dispatch_uid="audit-signed-in")
    user_logged_out.connect(_on_signed_out, dispatch_uid="audit-signed-out")
    user_login_failed.connect(_on_failed, dispatch_uid="audit-sign-in-failed")
    user_locked_out.connect(_on_locked_out, dispatch_uid="audit-locked-out")
    account_signals.password_changed.connect(_on_password_changed, dispatch_uid="audit-password-changed")
    factor_signals.authenticator_added.connect(_on_factor_added, dispatch_uid="audit-factor-added")
    factor_signals.authenticator_removed.connect(_on_factor_removed, dispatch_uid="audit-factor-removed")
    factor_signals.authentication_failed.connect(_on_factor_failed, dispatch_uid="audit-factor-failed")


def _on_signed_in(request: HttpRequest, user: User, **_: Any) -> None:  # noqa: ANN401 -- a signal's arguments
    request.session[SIGNED_IN_AT] = int(time.time())
    _record(user, "accounts.signed_in", user, _origin(request))


def _on_signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:  # noqa: ANN401 -- the same
    if user is not None and user.is_authenticated:
        _record(user, "accounts.signed_out", user, _origin(request))


def _on_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:  # noqa: ANN401 -- the same
    if request is None or not getattr(request, "axes_locked_out", False):
        _record_stranger("accounts.sign_in_failed", str(credentials.get("username") or ""), request)


def _on_locked_out(request: HttpRequest, username: str | None, **_: Any) -> None:  # noqa: ANN401 -- the same
    _record_stranger("accounts.locked_out", username or "", request)


def _on_password_changed(request: HttpRequest, user: User, **_: Any) -> None:  # noqa: ANN401 -- the same
    _record(user, "accounts.password_changed", user, _origin(request))


def _on_factor_added(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:  # noqa: ANN401 -- the same
    _record(user, "accounts.second_factor_added", user, {"kind": str(authenticator.type)})


def _on_factor_removed(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:  # noqa: ANN401 -- the same
    _record(user, "accounts.second_factor_removed", user, {"kind": str(authenticator.type)})


def _on_factor_failed(request: HttpRequest, user: User, **_: Any) -> None:  # noqa: ANN401 -- the same
    _record(None, "accounts.second_factor_failed", user, _origin(request))


@transaction.atomic
def _record(actor: User | None, code: str, person: User, detail: dict[str, Any]) -> None:
    record_event(
        actor=actor,
        code=code,
        place_code=person.home.code if person.home is not None else "",
        subject=("user", str(person.pk)),
        detail={"username": person.username, **detail},
    )


@transaction.atomic
def _record_stranger(code: str, username: str, request: HttpRequest | None) -> None:
    """Nobody proved to be this user: the name is what was typed, and the actor stays unknown."""
    person = User.objects.select_related("home").filter(username__iexact=username).first()
    record_event(
        actor=None,
        code=code,
        place_code=person.home.code if person is not None and person.home is not None else "",
        subject=("user", str(person.pk) if person is not None else ""),
        detail={"username": username[:150], **_origin(request)},
    )


def _origin(request: HttpRequest | None) -> dict[str, str]:
    return {"address": request.META.get("REMOTE_ADDR", "") if request is not None else ""}


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"second factor:{key}".encode()).digest()))
        for key in keys
    )
