"""Keys for programs: shown once, kept as a hash, ended by date or by hand."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from fangxian.base.errors import InvalidInput, NotPermitted
from fangxian.ground.accounts.models import ApiToken, User
from fangxian.ground.audit.services import record_event

LONGEST_DAYS = 366
NOTED_EVERY = timedelta(minutes=5)


@transaction.atomic
def issue_token(*, actor: User, name: str, days: int) -> tuple[ApiToken, str]:
    """Make a token for the actor herself; the second value is the token, which nobody can read again."""
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(
            {
                "zh": f"令牌有效期须为 1 至 {LONGEST_DAYS} 天（收到 {days}）。",
                "en": f"A token lasts 1 to {LONGEST_DAYS} days (got {days}).",
            },
            {"zh": "请改正天数。", "en": "Correct the number of days."},
        )
    secret = f"fx_{secrets.token_urlsafe(32)}"
    now = timezone.now()
    token = ApiToken.objects.create(
        user=actor,
        name=name,
        prefix=secret[:9],
        hash=_hash(secret),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    _record(actor, "accounts.token_issued", token)
    return token, secret


@transaction.atomic
def revoke_token(*, actor: User, token: ApiToken) -> None:
    """End one's own token at once."""
    if token.user_id != actor.pk:
        raise NotPermitted(
            {"zh": "这不是您的令牌。", "en": "This token is not yours."},
            {"zh": "请令牌所有人撤销，或由管理员停用其账号。", "en": "Its owner revokes it."},
        )
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
    _record(actor, "accounts.token_revoked", token)


def user_of_token(secret: str) -> User | None:
    """Return whom a token stands for, and note that it was used; nothing for one that opens nothing."""
    token = ApiToken.objects.select_related("user").filter(hash=_hash(secret)).first()
    if token is None or not token.is_usable() or token.user.must_change_password:
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.user


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(actor: User, code: str, token: ApiToken) -> None:
    record_event(
        actor=actor,
        code=code,
        place_code=actor.home.code if actor.home is not None else "",
        subject=("api_token", str(token.pk)),
        detail={"name": token.name, "prefix": token.prefix, "expires_at": token.expires_at},
    )
