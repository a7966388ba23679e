"""Whose account may be seen and kept by whom."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone

from fangxian.base.errors import NotFound, NotPermitted
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import ApiToken, DutyPost, Grant, User
from fangxian.ground.accounts.rules import Decision
from fangxian.ground.accounts.selectors.policy import policy
from fangxian.ground.places.models import Facility, Place


def people_within(viewer: User) -> QuerySet[User]:
    """Return the people whose account is kept, or who hold a role, where the viewer keeps accounts."""
    wanted = Q(pk__in=[])
    for root in policy.places(viewer, Action.CHANGE_ACCOUNTS):
        inside = (root.tree_left, root.tree_right)
        wanted |= Q(home__tree_left__range=inside)
        wanted |= Q(grants__place__tree_left__range=inside)
        wanted |= Q(grants__facility__place__tree_left__range=inside)
    return User.objects.filter(wanted).select_related("home").distinct().order_by("username")


def person_within(viewer: User, person: int) -> User:
    """Return one of those people, or say that there is none whom this viewer may see."""
    found = people_within(viewer).filter(pk=person).first()
    if found is None:
        raise NotFound(
            {
                "zh": f"您的范围内没有编号为 {person} 的账号。",
                "en": f"There is no account {person} in your scope.",
            },
            {"zh": "请从人员列表打开。", "en": "Open it from the list of people."},
        )
    return found


def may_manage(actor: User, person: User) -> Decision:
    """Say whether the actor may close, reset or sign out this account.

    Only if everything that the account opens lies within what she keeps: whoever can set a password can use
    the rights behind it.
    """
    if actor.pk == person.pk:
        return Decision(
            False,
            "不能以管理员身份处理自己的账号；请用“我的账号”。",
            "Nobody manages her own account; use the page of your account.",
        )
    roots = [grant.root for grant in grants_of(person, ended=False)]
    if person.home is not None:
        roots.append(person.home)
    if not roots:
        return _over_everything(actor)
    for root in roots:
        decision = policy.may(actor, Action.CHANGE_ACCOUNTS, place=root)
        if not decision.allowed:
            return decision
    return Decision(True, "", "")


def require(decision: Decision) -> None:
    """Raise the refusal, with its reason, unless the decision allows."""
    if not decision.allowed:
        raise NotPermitted(
            {"zh": decision.reason_zh, "en": decision.reason_en},
            {"zh": "请上级管理员办理。", "en": "Ask the administrator of the level above."},
        )


def require_accounts_at(actor: User | None, scope: Place | Facility) -> None:
    """Refuse unless the actor keeps accounts at the place or facility; the system itself may always."""
    if actor is None:
        return
    where = {"facility": scope} if isinstance(scope, Facility) else {"place": scope}
    require(policy.may(actor, Action.CHANGE_ACCOUNTS, **where))


def grants_of(person: User, *, ended: bool = True) -> list[Grant]:
    """Return the roles of a person, newest first; without ``ended`` those in force or still to come."""
    return grants_by_person([person], ended=ended).get(person.pk, [])


def grants_by_person(people: Iterable[User], *, ended: bool = True) -> dict[int, list[Grant]]:
    """Return the roles of many people with one question."""
    grants = Grant.objects.filter(user__in=[person.pk for person in people])
    if not ended:
        grants = grants.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=timezone.now()))
    held: dict[int, list[Grant]] = {}
    for grant in grants.select_related("place", "facility__place", "post").order_by("-pk"):
        held.setdefault(grant.user_id, []).append(grant)
    return held


def posts_within(viewer: User) -> QuerySet[DutyPost]:
    """Return the duty posts where the viewer keeps accounts."""
    wanted = Q(pk__in=[])
    for root in policy.places(viewer, Action.CHANGE_ACCOUNTS):
        wanted |= Q(place__tree_left__range=(root.tree_left, root.tree_right))
    return DutyPost.objects.filter(wanted).select_related("place").order_by("place__tree_left", "title")


def on_duty(place: Place) -> list[Grant]:
    """Return who holds the posts of a place now."""
    now = timezone.now()
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=now)
    going = Q(valid_to__isnull=True) | Q(valid_to__gt=now)
    grants = Grant.objects.filter(begun, going, post__place=place, user__is_active=True)
    return list(grants.select_related("user", "post").order_by("post__title", "user__username"))


def tokens_of(person: User) -> list[ApiToken]:
    """Return the API tokens of a person that were not revoked, newest first."""
    return list(ApiToken.objects.filter(user=person, revoked_at__isnull=True).order_by("-created_at"))


def second_factor_people(people: Iterable[User]) -> set[int]:
    """Return which of these people have switched on a second factor."""
    found = User.objects.filter(pk__in=[person.pk for person in people], authenticator__type="totp")
    return set(found.values_list("pk", flat=True))


def _over_everything(actor: User) -> Decision:
    """An account that belongs nowhere is kept by those who keep every place."""
    for root in Place.objects.filter(parent__isnull=True):
        decision = policy.may(actor, Action.CHANGE_ACCOUNTS, place=root)
        if not decision.allowed:
            return decision
    return policy.may(actor, Action.CHANGE_ACCOUNTS)
