"""Nobody gives what she does not keep, nobody becomes what she was not given."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from typer.testing import CliRunner

from fangxian.base.errors import Conflict, InvalidInput, NotFound, NotPermitted
from fangxian.console.cli import app
from fangxian.ground.accounts.choices import Action, Role
from fangxian.ground.accounts.models import ApiToken, Grant, User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.accounts.selectors.people import may_manage, people_within
from fangxian.ground.accounts.services import (
    Names,
    Span,
    assign_duty,
    create_account,
    create_duty_post,
    deactivate_account,
    end_sessions,
    grant_role,
    issue_token,
    reactivate_account,
    reset_password,
    reset_second_factor,
    revoke_grant,
    revoke_token,
    user_of_token,
)
from fangxian.ground.accounts.services.grants import Titles
from fangxian.ground.audit.models import AuditEvent
from worlds import make_places, make_units, make_user

PASSWORD = "a long enough password"


@pytest.fixture
def places(db):
    """Two counties of one city, so that one can be elsewhere."""
    return make_places()


@pytest.fixture
def keeper(places) -> User:
    """The administrator of county 1."""
    return make_user("administrator", places["county-1"], "keeper")


def last() -> AuditEvent:
    """Return the newest event."""
    return AuditEvent.objects.latest("sequence")


@pytest.mark.parametrize("scope", ["county-1", "township-11", "village-121"])
@pytest.mark.parametrize("role", list(Role))
def test_an_administrator_grants_any_role_within_her_subtree(places, keeper, scope, role):
    """Her scope is the subtree, for every role there is, and the trail says so."""
    somebody = make_user("reporter", None)
    grant = grant_role(actor=keeper, user=somebody, role=role, scope=places[scope])
    assert policy.may(somebody, Action.VIEW_PLAN, place=places[scope]).allowed
    event = last()
    assert (event.code, event.actor, event.place_code) == (
        "accounts.role_granted",
        keeper,
        places[scope].code,
    )
    assert event.detail["role"] == grant.role


@pytest.mark.parametrize("scope", ["nation", "province", "city", "county-2", "township-21", "village-211"])
def test_nobody_grants_above_or_beside_her_scope(places, keeper, scope):
    """Above and elsewhere are refused, with the scope named, and nothing is written."""
    somebody = make_user("reporter", None)
    before = AuditEvent.objects.count()
    with pytest.raises(NotPermitted, match="lies outside your scope"):
        grant_role(actor=keeper, user=somebody, role=Role.REPORTER, scope=places[scope])
    assert not Grant.objects.filter(user=somebody).exists()
    assert AuditEvent.objects.count() == before


def test_units_follow_the_place_in_which_they_stand(places, keeper):
    """A clinic of her county, yes; of the other county, no."""
    units = make_units(places)
    somebody = make_user("reporter", None)
    grant_role(actor=keeper, user=somebody, role=Role.REPORTER, scope=units["V111"])
    assert policy.may(somebody, Action.ENTER_REPORTS, facility=units["V111"]).allowed
    assert not policy.may(somebody, Action.ENTER_REPORTS, facility=units["H11"]).allowed
    with pytest.raises(NotPermitted, match="lies outside your scope"):
        grant_role(actor=keeper, user=somebody, role=Role.REPORTER, scope=units["V211"])


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_no_other_role_hands_out_roles(places, role):
    """Leading a city is not administering its accounts."""
    actor = make_user(role, places["city"])
    with pytest.raises(NotPermitted, match="does not include: change accounts"):
        grant_role(
            actor=actor, user=make_user("reporter", None), role=Role.REPORTER, scope=places["village-111"]
        )


def test_nobody_changes_her_own_roles(places, keeper):
    """Rights over figures are kept apart from handing out rights: it takes two."""
    with pytest.raises(NotPermitted, match="Nobody may change her own roles"):
        grant_role(actor=keeper, user=keeper, role=Role.CITY_DUTY_OFFICER, scope=places["county-1"])
    with pytest.raises(NotPermitted, match="Nobody may change her own roles"):
        revoke_grant(actor=keeper, grant=keeper.grants.get())


def test_a_county_cannot_take_over_an_account_of_the_city(places, keeper):
    """Whoever sets a password gets the rights behind it: all of them must lie within her scope."""
    boss = make_user("administrator", places["city"])
    Grant.objects.create(user=boss, role=Role.REPORTER, place=places["county-1"])
    assert boss in people_within(keeper)
    for verb in (deactivate_account, end_sessions, reset_second_factor, reactivate_account):
        with pytest.raises(NotPermitted, match="lies outside your scope"):
            verb(actor=keeper, user=boss)
    with pytest.raises(NotPermitted, match="lies outside your scope"):
        reset_password(actor=keeper, user=boss, password="another long secret")
    boss.refresh_from_db()
    assert boss.check_password(PASSWORD)


def test_a_role_that_is_still_to_come_protects_the_account_too(places, keeper):
    """A password planted today must not open what is granted for tomorrow."""
    person = create_account(actor=keeper, username="p", password=PASSWORD, home=places["village-111"])
    tomorrow = timezone.now() + timedelta(days=1)
    Grant.objects.create(user=person, role=Role.LEADER, place=places["city"], valid_from=tomorrow)
    assert not may_manage(keeper, person).allowed


def test_an_account_that_belongs_nowhere_is_kept_by_the_top(places, keeper):
    """An account without home and role is not free for every administrator to take."""
    somebody = make_user("reporter", None)
    assert not may_manage(keeper, somebody).allowed
    assert may_manage(make_user("administrator", places["nation"]), somebody).allowed


def test_an_account_is_opened_with_nothing_and_a_password_to_be_changed(places, keeper):
    """A new account opens nothing; its first password is known to two and does not last."""
    person = create_account(
        actor=keeper, username="wang", password=PASSWORD, home=places["village-111"], names=Names("王", "芳")
    )
    assert person.display_name == "王芳"
    assert person.must_change_password
    assert not policy.may(person, Action.VIEW_PLAN).allowed
    assert (last().code, last().place_code) == ("accounts.created", places["village-111"].code)


def test_an_account_cannot_be_opened_elsewhere(places, keeper):
    """Nor may it be opened without saying who keeps it."""
    with pytest.raises(NotPermitted, match="lies outside your scope"):
        create_account(actor=keeper, username="x", password=PASSWORD, home=places["county-2"])
    with pytest.raises(InvalidInput, match="place that keeps the account is missing"):
        create_account(actor=keeper, username="x", password=PASSWORD)


@pytest.mark.parametrize(
    ("username", "password", "error", "message"),
    [
        ("KEEPER", PASSWORD, Conflict, "User name KEEPER is taken"),
        ("has space", PASSWORD, InvalidInput, "'has space' cannot be used"),
        ("", PASSWORD, InvalidInput, "cannot be used"),
        ("x" * 151, PASSWORD, InvalidInput, "cannot be used"),
        ("fine", "short", InvalidInput, "not safe: .*too short"),
        ("fine", "password123", InvalidInput, "not safe: .*too common"),
    ],
)
def test_bad_names_and_passwords_are_refused(places, keeper, username, password, error, message):
    """Each with its reason; names differ in more than case."""
    with pytest.raises(error, match=message):
        create_account(actor=keeper, username=username, password=password, home=places["county-1"])
    assert User.objects.count() == 1


def test_the_database_itself_keeps_names_apart(places, keeper):
    """Two people at once cannot get the same name in different case."""
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("Keeper", PASSWORD)


def test_a_role_ends_and_the_row_stays(places, keeper):
    """Who could do what at a past moment can still be said."""
    person = make_user("county_officer", places["township-11"])
    before = timezone.now()
    revoke_grant(actor=keeper, grant=person.grants.get())
    assert not policy.may(person, Action.ENTER_REPORTS, place=places["township-11"]).allowed
    assert policy.may(person, Action.ENTER_REPORTS, place=places["township-11"], at=before).allowed
    with pytest.raises(Conflict, match="already ended"):
        revoke_grant(actor=keeper, grant=person.grants.get())
    assert last().code == "accounts.role_revoked"


def test_a_role_elsewhere_cannot_be_ended(places, keeper):
    """Taking away is bound by scope as giving is."""
    person = make_user("county_officer", places["county-2"])
    with pytest.raises(NotPermitted, match="lies outside your scope"):
        revoke_grant(actor=keeper, grant=person.grants.get())


def test_duty_is_a_role_for_its_hours(places, keeper):
    """On post she may, before and after she may not."""
    person = make_user("reporter", None, "on.duty")
    post = create_duty_post(
        actor=keeper, place=places["county-1"], role=Role.COUNTY_OFFICER, titles=Titles("县疾控值班")
    )
    now = timezone.now()
    assign_duty(actor=keeper, user=person, post=post, span=Span(now, now + timedelta(hours=12)))
    assert policy.may(person, Action.VIEW_FIGURES, place=places["village-111"]).allowed
    for moment in (now - timedelta(seconds=1), now + timedelta(hours=12)):
        decision = policy.may(person, Action.VIEW_FIGURES, place=places["village-111"], at=moment)
        assert (decision.allowed, "ended or not yet begun" in decision.reason_en) == (False, True)
    assert last().code == "accounts.duty_assigned"
    with pytest.raises(InvalidInput, match="needs a beginning and an end"):
        assign_duty(actor=keeper, user=person, post=post, span=Span(now))
    with pytest.raises(InvalidInput, match="is not after the beginning"):
        assign_duty(actor=keeper, user=person, post=post, span=Span(now, now))
    with pytest.raises(Conflict, match="already has a post"):
        create_duty_post(
            actor=keeper, place=places["county-1"], role=Role.LEADER, titles=Titles("县疾控值班")
        )


def test_may_and_who_may_agree_for_everybody_everywhere(places):
    """Two questions, one law: whoever may is among those who may, for each role, action, place and unit."""
    units = make_units(places)
    for role in Role:
        for scope in (places["city"], places["county-1"], places["village-111"], units["H11"]):
            make_user(role, scope)
    make_user("reporter", None)
    people = list(User.objects.all())
    for person in people:
        policy.remember(person)
    for action in Action:
        targets = [{"place": place} for place in places.values()] + [
            {"facility": unit} for unit in units.values()
        ]
        for where in targets:
            allowed = {person.pk for person in people if policy.may(person, action, **where).allowed}
            assert allowed == set(policy.who_may(action, **where).values_list("pk", flat=True)), (
                action,
                where,
            )


def test_places_and_units_agree_with_may(places):
    """The lists that pages offer hold exactly what may be done, for actions that do not reach upward."""
    units = make_units(places)
    for scope in (places["county-1"], places["village-211"], units["H12"]):
        person = make_user("county_officer", scope)
        listed = set(policy.units(person, Action.ENTER_REPORTS))
        assert listed == {
            unit for unit in units.values() if policy.may(person, Action.ENTER_REPORTS, facility=unit).allowed
        }
        roots = policy.places(person, Action.VIEW_FIGURES)
        for place in places.values():
            inside = any(root.tree_left <= place.tree_left <= root.tree_right for root in roots)
            assert inside == policy.may(person, Action.VIEW_FIGURES, place=place).allowed


def test_overlapping_scopes_give_each_root_once(places):
    """A page that lists subtrees must not list a village twice."""
    person = make_user("leader", places["city"])
    Grant.objects.create(user=person, role=Role.LEADER, place=places["county-1"])
    Grant.objects.create(user=person, role=Role.EPIDEMIOLOGIST, place=places["city"])
    assert policy.places(person, Action.VIEW_FIGURES) == [places["city"]]


def test_one_query_answers_all_questions_of_a_request(places, django_assert_num_queries):
    """The menu asks eight times; the database is asked once."""
    person = make_user("leader", places["city"])
    policy.remember(person)
    with django_assert_num_queries(1):
        for action in Action:
            policy.may(person, action, place=places["village-111"])
        policy.places(person, Action.VIEW_FIGURES)


def test_a_closed_account_may_nothing(places):
    """Not even what everybody may."""
    person = make_user("leader", places["city"])
    deactivate_account(actor=None, user=person)
    person.refresh_from_db()
    assert policy.may(person, Action.USE_OWN_ACCOUNT).reason_en == "This account is closed."
    assert person not in policy.who_may(Action.VIEW_FIGURES, place=places["city"])


def test_tokens_open_what_their_owner_may_and_end_with_her(places, client):
    """Expired, revoked, unknown, or of a closed account: each is 401."""
    person = make_user("leader", places["county-1"])
    token, secret = issue_token(actor=person, name="robot", days=30)
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/me", headers=headers).json()["username"] == person.username
    assert secret not in str(list(ApiToken.objects.values()))
    assert ApiToken.objects.get().last_used_at is not None
    assert client.get("/api/v1/audit", headers=headers).status_code == 403
    assert client.get("/api/v1/me", headers={"Authorization": "Bearer fx_wrong"}).status_code == 401
    assert client.get("/api/v1/me").status_code == 401
    ApiToken.objects.update(expires_at=timezone.now())
    assert client.get("/api/v1/me", headers=headers).status_code == 401
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(days=1))
    revoke_token(actor=person, token=token)
    assert client.get("/api/v1/me", headers=headers).status_code == 401
    _, second = issue_token(actor=person, name="robot", days=30)
    deactivate_account(actor=None, user=person)
    assert user_of_token(second) is None
    reactivate_account(actor=None, user=person)
    assert user_of_token(second) is None


def test_a_wrong_token_does_not_fall_back_on_the_session(places, client):
    """A program with a dead token must notice, not act as whoever is signed in at that browser."""
    client.force_login(make_user("leader", places["city"]))
    assert client.get("/api/v1/me").status_code == 200
    assert client.get("/api/v1/me", headers={"Authorization": "Bearer fx_dead"}).status_code == 401


def test_a_token_of_somebody_else_is_not_hers_to_revoke(places):
    """Nor are its days hers to stretch beyond a year."""
    token, _ = issue_token(actor=make_user("leader", places["city"]), name="robot", days=1)
    with pytest.raises(NotPermitted, match="not yours"):
        revoke_token(actor=make_user("leader", places["city"]), token=token)
    with pytest.raises(InvalidInput, match="lasts 1 to 366 days"):
        issue_token(actor=token.user, name="robot", days=3650)


def test_the_first_administrator_is_made_at_the_machine(places):
    """From an empty list of people one command leads to somebody who can open the other accounts."""
    result = CliRunner().invoke(
        app,
        ["accounts", "create-admin", "root.admin", "--password", PASSWORD, "--place", places["city"].code],
    )
    assert result.exit_code == 0, result.output
    person = User.objects.get(username="root.admin")
    assert policy.may(person, Action.CHANGE_ACCOUNTS, place=places["village-211"]).allowed
    assert not policy.may(person, Action.CHANGE_ACCOUNTS, place=places["province"]).allowed
    assert last().actor_name == "system"
    missing = CliRunner().invoke(
        app, ["accounts", "create-admin", "other", "--password", PASSWORD, "--place", "none"]
    )
    assert isinstance(missing.exception, NotFound)
    assert not User.objects.filter(username="other").exists()
