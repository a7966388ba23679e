"""Opening, closing and resetting accounts."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from fangxian.base.errors import Conflict, InvalidInput
from fangxian.ground.accounts.models import ApiToken, User
from fangxian.ground.accounts.selectors.people import may_manage, require, require_accounts_at
from fangxian.ground.audit.services import record_event
from fangxian.ground.places.models import Place


@dataclass(frozen=True)
class Names:
    """What a person is called and under which number she is reached."""

    last: str = ""
    first: str = ""
    telephone: str = ""


@transaction.atomic
def create_account(
    *, actor: User | None, username: str, password: str, home: Place | None = None, names: Names = Names()
) -> User:
    """Open an account kept at ``home``; it opens nothing until a role is granted.

    A password that an administrator chose must be changed at the first sign-in. ``actor=None`` is the system.
    """
    if actor is not None:
        if home is None:
            raise InvalidInput(
                {"zh": "没有说明账号归哪个地区管理。", "en": "The place that keeps the account is missing."},
                {"zh": "请选择地区。", "en": "Choose a place."},
            )
        require_accounts_at(actor, home)
    person = User(
        username=User.normalize_username(username.strip()),
        last_name=names.last,
        first_name=names.first,
        telephone=names.telephone,
        home=home,
        must_change_password=actor is not None,
    )
    _check_username(person)
    _check_password(person, password)
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        raise Conflict(
            {"zh": f"用户名 {person.username} 已有人使用。", "en": f"User name {person.username} is taken."},
            {"zh": "请另选一个。", "en": "Choose another."},
        ) from error
    _record(actor, "accounts.created", person)
    return person


@transaction.atomic
def deactivate_account(*, actor: User | None, user: User) -> None:
    """Close an account at once: its sessions end, its tokens open nothing; what it did stays."""
    _require_managed(actor, user)
    person = _locked(user)
    person.is_active = False
    person.session_epoch += 1
    person.save(update_fields=["is_active", "session_epoch"])
    ApiToken.objects.filter(user=person, revoked_at__isnull=True).update(revoked_at=timezone.now())
    _record(actor, "accounts.deactivated", person)


@transaction.atomic
def reactivate_account(*, actor: User | None, user: User) -> None:
    """Open a closed account again, with the roles that still run; its tokens stay revoked."""
    _require_managed(actor, user)
    person = _locked(user)
    person.is_active = True
    person.save(update_fields=["is_active"])
    _record(actor, "accounts.reactivated", person)


@transaction.atomic
def reset_password(*, actor: User | None, user: User, password: str) -> None:
    """Set a password for somebody who lost hers; she must change it, and all her sessions end."""
    _require_managed(actor, user)
    person = _locked(user)
    _check_password(person, password)
    person.set_password(password)
    person.must_change_password = True
    person.session_epoch += 1
    person.save(update_fields=["password", "must_change_password", "session_epoch"])
    _record(actor, "accounts.password_reset", person)


@transaction.atomic
def reset_second_factor(*, actor: User | None, user: User) -> None:
    """Remove the second factor of somebody who lost her telephone; all her sessions end."""
    _require_managed(actor, user)
    person = _locked(user)
    Authenticator.objects.filter(user=person).delete()
    person.session_epoch += 1
    person.save(update_fields=["session_epoch"])
    _record(actor, "accounts.second_factor_reset", person)


@transaction.atomic
def end_sessions(*, actor: User | None, user: User) -> None:
    """Sign a person out everywhere: one's own sessions, or those of somebody whose account one keeps."""
    if actor is None or actor.pk != user.pk:
        _require_managed(actor, user)
    person = _locked(user)
    person.session_epoch += 1
    person.save(update_fields=["session_epoch"])
    _record(actor, "accounts.sessions_ended", person)


def _require_managed(actor: User | None, user: User) -> None:
    if actor is not None:
        require(may_manage(actor, user))


def _locked(user: User) -> User:
    return User.objects.select_for_update(of=("self",)).select_related("home").get(pk=user.pk)


def _record(actor: User | None, code: str, person: User) -> None:
    record_event(
        actor=actor,
        code=code,
        place_code=person.home.code if person.home is not None else "",
        subject=("user", str(person.pk)),
        detail={"username": person.username},
    )


def _check_username(person: User) -> None:
    try:
        person.clean_fields(exclude=["password", "home"])
    except ValidationError as error:
        raise InvalidInput(
            {
                "zh": f"用户名 {person.username!r} 不能用。",
                "en": f"User name {person.username!r} cannot be used.",
            },
            {
                "zh": "只用文字、数字和 @ . + - _，不超过 150 个字符。",
                "en": "Use letters, digits and @ . + - _ only, at most 150 characters.",
            },
            {"fields": sorted(error.message_dict)},
        ) from error


def _check_password(person: User, password: str) -> None:
    zh, en = _faults(person, password, "zh-hans"), _faults(person, password, "en")
    if en:
        raise InvalidInput(
            {"zh": f"密码不够安全：{zh}", "en": f"This password is not safe: {en}"},
            {"zh": "请换一个更长、更难猜的。", "en": "Choose a longer one that is harder to guess."},
        )


def _faults(person: User, password: str, language: str) -> str:
    with translation.override(language):
        try:
            validate_password(password, person)
        except ValidationError as error:
            return " ".join(error.messages)
    return ""
