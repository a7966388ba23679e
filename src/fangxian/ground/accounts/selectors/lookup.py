"""Finding the one thing that a form or an address names."""

from __future__ import annotations

from typing import NoReturn

from django.db.models import QuerySet

from fangxian.base.errors import NotFound
from fangxian.ground.accounts.models import ApiToken, DutyPost, Grant, User
from fangxian.ground.accounts.selectors.people import posts_within
from fangxian.ground.places.models import Facility, Place


def root_places() -> QuerySet[Place]:
    """Return the places that stand under no other."""
    return Place.objects.filter(parent__isnull=True).order_by("tree_left")


def place_by_code(code: str) -> Place:
    """Return the place with a code."""
    found = Place.objects.filter(code=code.strip()).first()
    return found if found is not None else _none(f"代码为 {code} 的地区", f"place with code {code}")


def scope_by_code(code: str) -> Place | Facility:
    """Return the place, or else the facility, with a code."""
    place = Place.objects.filter(code=code.strip()).first()
    if place is not None:
        return place
    facility = Facility.objects.select_related("place").filter(code=code.strip()).first()
    return (
        facility
        if facility is not None
        else _none(f"代码为 {code} 的地区或机构", f"place or unit with code {code}")
    )


def user_by_name(username: str) -> User:
    """Return the user with a name, whatever its case."""
    found = User.objects.select_related("home").filter(username__iexact=username.strip()).first()
    return found if found is not None else _none(f"用户 {username}", f"user {username}")


def grant_of(person: User, grant: int) -> Grant:
    """Return one role of a person."""
    found = Grant.objects.select_related("user").filter(user=person, pk=grant).first()
    return found if found is not None else _none(f"角色 {grant}", f"role {grant}")


def post_within(viewer: User, post: int) -> DutyPost:
    """Return a duty post where the viewer keeps accounts."""
    found = posts_within(viewer).filter(pk=post).first()
    return found if found is not None else _none(f"您范围内的岗位 {post}", f"duty post {post} in your scope")


def token_of(person: User, token: int) -> ApiToken:
    """Return one's own token."""
    found = ApiToken.objects.filter(user=person, pk=token).first()
    return found if found is not None else _none(f"令牌 {token}", f"token {token}")


def _none(zh: str, en: str) -> NoReturn:
    raise NotFound(
        {"zh": f"没有{zh}。", "en": f"There is no {en}."},
        {"zh": "请核对后再试。", "en": "Check it and try again."},
    )
