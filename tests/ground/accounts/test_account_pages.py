"""The pages of people, duty and one's own account do what their buttons say, and say what went wrong."""

from __future__ import annotations

import polib
import pytest
from django.test import Client
from django.urls import reverse

from fangxian.ground import accounts
from fangxian.ground.accounts.choices import Action, Role
from fangxian.ground.accounts.models import ApiToken, DutyPost, User
from fangxian.ground.accounts.rules import ROLES
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.audit.models import AuditEvent
from worlds import make_places, make_units, make_user

PASSWORD = "a long enough password"


@pytest.fixture
def places(db):
    """One small city."""
    return make_places()


@pytest.fixture
def keeper(places, client) -> User:
    """The administrator of county 1, signed in."""
    user = make_user("administrator", places["county-1"], "keeper")
    client.force_login(user)
    return user


def test_an_administrator_opens_an_account_and_gives_a_role(client, keeper, places):
    """From the list of people to somebody who can work, on three pages."""
    unit = make_units(places)["V111"]
    form = {"username": "wang", "last_name": "王", "home": places["village-111"].code, "password": PASSWORD}
    page = client.post(reverse("accounts:new-person"), form, follow=True)
    assert "王" in page.content.decode()
    person = User.objects.get(username="wang")
    client.post(reverse("accounts:grant", args=[person.pk]), {"role": "reporter", "where": unit.code})
    assert policy.may(person, Action.ENTER_REPORTS, facility=unit).allowed
    listed = client.get(reverse("accounts:people")).content.decode()
    assert "wang" in listed
    assert unit.name in listed


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"username": "keeper"}, "已有人使用"),
        ({"home": "none"}, "没有代码为 none 的地区"),
        ({"password": "kurz-99"}, "密码不够安全：密码太短"),
    ],
)
def test_what_is_wrong_stands_beside_the_form(client, keeper, places, given, said):
    """The page comes back with the reason in Chinese and what was typed, but never the password."""
    form = {"username": "wang", "home": places["village-111"].code, "password": PASSWORD, **given}
    page = client.post(reverse("accounts:new-person"), form)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert form["username"] in page.content.decode()
    assert form["password"] not in page.content.decode()
    assert User.objects.count() == 1


def test_people_elsewhere_cannot_be_seen_or_touched(client, keeper, places):
    """Not in the list, not by number, not by button."""
    other = make_user("leader", places["county-2"], "other.county")
    assert "other.county" not in client.get(reverse("accounts:people")).content.decode()
    assert client.get(reverse("accounts:person", args=[other.pk])).status_code == 404
    for verb in ("close", "sign-out", "remove-second-factor"):
        assert client.post(reverse("accounts:act", args=[other.pk, verb])).status_code == 404
    assert (
        client.post(reverse("accounts:new-password", args=[other.pk]), {"password": PASSWORD}).status_code
        == 404
    )
    other.refresh_from_db()
    assert (other.is_active, other.session_epoch) == (True, 0)


def test_a_role_outside_the_scope_is_refused_with_its_reason(client, keeper, places):
    """A crafted form does not reach beyond what the page offers."""
    person = make_user("reporter", places["village-111"])
    answer = client.post(
        reverse("accounts:grant", args=[person.pk]), {"role": "administrator", "where": places["city"].code}
    )
    assert answer.status_code == 403
    assert "不在您的范围" in answer.content.decode()
    assert person.grants.count() == 1


def test_the_buttons_of_a_person_act(client, keeper, places):
    """Close, reopen, new password, end a role: each at once."""
    person = make_user("reporter", places["village-111"])
    browser = Client()
    browser.force_login(person)
    client.post(reverse("accounts:act", args=[person.pk, "sign-out"]))
    assert browser.get(reverse("accounts:me")).status_code == 302
    client.post(reverse("accounts:act", args=[person.pk, "close"]))
    person.refresh_from_db()
    assert not person.is_active
    client.post(reverse("accounts:act", args=[person.pk, "reopen"]))
    client.post(reverse("accounts:new-password", args=[person.pk]), {"password": "quite another secret"})
    person.refresh_from_db()
    assert (person.is_active, person.must_change_password) == (True, True)
    assert person.check_password("quite another secret")
    client.post(reverse("accounts:revoke", args=[person.pk, person.grants.get().pk]))
    assert not policy.may(person, Action.ENTER_REPORTS).allowed
    assert client.post(reverse("accounts:act", args=[person.pk, "invent"])).status_code == 404


def test_a_role_of_somebody_else_cannot_be_ended_through_a_wrong_address(client, keeper, places):
    """The number of the role must belong to the person in the address."""
    person = make_user("reporter", places["village-111"])
    other = make_user("leader", places["county-2"])
    address = reverse("accounts:revoke", args=[person.pk, other.grants.get().pk])
    assert client.post(address).status_code == 404
    assert other.grants.get().valid_to is None


def test_duty_is_set_up_and_shown(client, keeper, places):
    """A post, a person, two times; then the page names who is on."""
    make_user("reporter", None, "on.duty")
    client.post(
        reverse("accounts:new-post"),
        {"place": places["county-1"].code, "title": "县疾控值班", "role": "county_officer"},
    )
    post = DutyPost.objects.get()
    times = {"valid_from": "2020-01-01T08:00", "valid_to": "2099-01-01T08:00"}
    client.post(reverse("accounts:assign", args=[post.pk]), {"username": "on.duty", **times})
    page = client.get(reverse("accounts:duty")).content.decode()
    assert "县疾控值班" in page
    assert "on.duty" in page
    backwards = {"valid_from": times["valid_to"], "valid_to": times["valid_from"]}
    answer = client.post(reverse("accounts:assign", args=[post.pk]), {"username": "on.duty", **backwards})
    assert answer.status_code == 422
    assert "不晚于开始时间" in answer.content.decode()


def test_own_account_names_role_and_scope_in_words(client, places):
    """She reads what she is and where, in her language."""
    client.force_login(make_user("county_officer", places["county-1"]))
    assert "县级疾控值班员 · 某county-1" in client.get(reverse("accounts:me")).content.decode()
    client.cookies["django_language"] = "en"
    assert "County officer · 某county-1" in client.get(reverse("accounts:me")).content.decode()


def test_a_token_is_shown_once_and_revoked_by_its_owner_alone(client, places):
    """The page after making it shows it; no later page does; nobody else's button works."""
    client.force_login(make_user("leader", places["city"]))
    page = client.post(reverse("accounts:new-token"), {"name": "robot", "days": "30"}).content.decode()
    token = ApiToken.objects.get()
    secret = page.partition('select-all">fx_')[2].partition("<")[0]
    assert len(secret) > 40
    assert secret not in client.get(reverse("accounts:me")).content.decode()
    stranger = Client()
    stranger.force_login(make_user("leader", places["city"]))
    assert stranger.post(reverse("accounts:revoke-token", args=[token.pk])).status_code == 404
    client.post(reverse("accounts:revoke-token", args=[token.pk]))
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert [event.code for event in AuditEvent.objects.filter(object_kind="api_token")] == [
        "accounts.token_issued",
        "accounts.token_revoked",
    ]


def test_the_list_of_people_stays_quick(client, keeper, places, django_assert_max_num_queries):
    """Fifty people cost no more questions than five."""
    for _ in range(50):
        make_user("reporter", places["village-111"])
    with django_assert_max_num_queries(15):
        assert client.get(reverse("accounts:people")).status_code == 200


def test_the_names_of_roles_on_screen_are_those_of_the_role_table():
    """One word for one thing: the catalogue says what the rules say."""
    catalogue = polib.pofile(f"{accounts.__path__[0]}/locale/zh_Hans/LC_MESSAGES/django.po")
    on_screen = {entry.msgid: entry.msgstr for entry in catalogue}
    assert [on_screen[ROLES[role].en] for role in Role] == [ROLES[role].zh for role in Role]
