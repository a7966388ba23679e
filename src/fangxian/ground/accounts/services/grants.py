"""Granting and ending roles; nobody gives what she does not keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from fangxian.base.errors import Conflict, InvalidInput, NotPermitted
from fangxian.ground.accounts.choices import Role
from fangxian.ground.accounts.models import DutyPost, Grant, User
from fangxian.ground.accounts.selectors.lookup import place_by_code, root_places
from fangxian.ground.accounts.selectors.people import require_accounts_at
from fangxian.ground.accounts.services.people import create_account
from fangxian.ground.audit.services import record_event
from fangxian.ground.places.models import Facility, Place


@dataclass(frozen=True)
class Span:
    """From when until when; an open end is open."""

    valid_from: datetime | None = None
    valid_to: datetime | None = None


ALWAYS = Span()


@dataclass(frozen=True)
class Titles:
    """What a duty post is called, and its telephone."""

    zh: str
    en: str = ""
    telephone: str = ""


@transaction.atomic
def grant_role(
    *,
    actor: User | None,
    user: User,
    role: Role,
    scope: Place | Facility,
    span: Span = ALWAYS,
    post: DutyPost | None = None,
) -> Grant:
    """Give a role over a subtree or at a facility; only within what the actor keeps, and never to herself."""
    _require_not_self(actor, user)
    require_accounts_at(actor, scope)
    _check_span(span)
    if not user.is_active:
        raise InvalidInput(
            {"zh": f"账号 {user.username} 已停用。", "en": f"Account {user.username} is closed."},
            {"zh": "请先恢复账号。", "en": "Reopen it first."},
        )
    grant = Grant(user=user, role=Role(role), post=post, valid_from=span.valid_from, valid_to=span.valid_to)
    if isinstance(scope, Facility):
        grant.facility = scope
    else:
        grant.place = scope
    grant.save()
    code = "accounts.role_granted" if post is None else "accounts.duty_assigned"
    _record(actor, code, grant)
    return grant


@transaction.atomic
def create_administrator(*, username: str, password: str, place_code: str | None) -> list[Place]:
    """Open the first administrator's account, by the system itself, for one place or for every root."""
    places = [place_by_code(place_code)] if place_code is not None else list(root_places())
    if not places:
        raise InvalidInput(
            {"zh": "系统里还没有地区。", "en": "There are no places yet."},
            {"zh": "请先运行 fangxian places import。", "en": "Run fangxian places import first."},
        )
    person = create_account(actor=None, username=username, password=password, home=places[0])
    for place in places:
        grant_role(actor=None, user=person, role=Role.ADMINISTRATOR, scope=place)
    return places


@transaction.atomic
def revoke_grant(*, actor: User | None, grant: Grant) -> None:
    """End a role now; the row stays, so that it can be said who could do what at any time."""
    _require_not_self(actor, grant.user)
    locked = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("user", "place", "facility__place", "post")
        .get(pk=grant.pk)
    )
    require_accounts_at(actor, locked.where)
    now = timezone.now()
    if locked.valid_to is not None and locked.valid_to <= now:
        raise Conflict(
            {"zh": "这个角色已经结束。", "en": "This role has already ended."},
            {"zh": "请刷新页面。", "en": "Reload the page."},
        )
    locked.valid_to = now
    if locked.valid_from is not None and locked.valid_from > now:
        locked.valid_from = now
    locked.save(update_fields=["valid_from", "valid_to"])
    _record(actor, "accounts.role_revoked", locked)


@transaction.atomic
def create_duty_post(*, actor: User | None, place: Place, role: Role, titles: Titles) -> DutyPost:
    """Set up a post that somebody shall hold at any hour."""
    require_accounts_at(actor, place)
    try:
        with transaction.atomic():
            post = DutyPost.objects.create(
                place=place, role=Role(role), title=titles.zh, title_en=titles.en, telephone=titles.telephone
            )
    except IntegrityError as error:
        raise Conflict(
            {
                "zh": f"{place.name} 已有岗位“{titles.zh}”。",
                "en": f"{place.name} already has a post {titles.zh}.",
            },
            {"zh": "请使用已有岗位。", "en": "Use the one that is there."},
        ) from error
    record_event(
        actor=actor,
        code="accounts.duty_post_created",
        place_code=place.code,
        subject=("duty_post", str(post.pk)),
        detail={"title": post.title, "role": post.role},
    )
    return post


@transaction.atomic
def assign_duty(*, actor: User | None, user: User, post: DutyPost, span: Span) -> Grant:
    """Put a person on a post for a span of time, with the role of the post."""
    if span.valid_from is None or span.valid_to is None:
        raise InvalidInput(
            {"zh": "值班必须有开始和结束时间。", "en": "A duty needs a beginning and an end."},
            {"zh": "请填写两个时间。", "en": "Give both times."},
        )
    return grant_role(actor=actor, user=user, role=Role(post.role), scope=post.place, span=span, post=post)


def _require_not_self(actor: User | None, user: User) -> None:
    if actor is not None and actor.pk == user.pk:
        raise NotPermitted(
            {"zh": "任何人不得改变自己的角色。", "en": "Nobody may change her own roles."},
            {"zh": "请另一位管理员办理。", "en": "Ask another administrator."},
        )


def _check_span(span: Span) -> None:
    if span.valid_from is not None and span.valid_to is not None and span.valid_to <= span.valid_from:
        begin, end = f"{span.valid_from:%Y-%m-%d %H:%M}", f"{span.valid_to:%Y-%m-%d %H:%M}"
        raise InvalidInput(
            {
                "zh": f"结束时间（{end}）不晚于开始时间（{begin}）。",
                "en": f"The end ({end}) is not after the beginning ({begin}).",
            },
            {"zh": "请改正时间。", "en": "Correct the times."},
        )


def _record(actor: User | None, code: str, grant: Grant) -> None:
    record_event(
        actor=actor,
        code=code,
        place_code=grant.root.code,
        subject=("user", str(grant.user_id)),
        detail={
            "username": grant.user.username,
            "role": grant.role,
            "where": grant.where.code,
            "post": grant.post.title if grant.post is not None else None,
            "valid_from": grant.valid_from,
            "valid_to": grant.valid_to,
        },
    )
