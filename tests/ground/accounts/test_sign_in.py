"""The door: who comes in, who is turned away, and what the trail says about it."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.services import deactivate_account, end_sessions
from fangxian.ground.accounts.services.sign_in import SIGNED_IN_AT
from fangxian.ground.audit.models import AuditEvent
from fangxian.ground.audit.selectors import verify_chain
from worlds import make_places, make_user

PASSWORD = "a long enough password"
LOGIN = "/accounts/login/"
ME = "/accounts/me/"


@pytest.fixture(autouse=True)
def empty_counters():
    """Counters of attempts live in the cache, which no test may inherit."""
    cache.clear()


@pytest.fixture
def officer(db) -> User:
    """A county officer with an account and a role."""
    return make_user("county_officer", make_places()["county-1"], "li.wei")


def sign_in(client: Client, username: str = "li.wei", password: str = PASSWORD, **rest: str):
    """Fill in the form of the door."""
    return client.post(LOGIN, {"login": username, "password": password, **rest})


def codes() -> list[str]:
    """Return the codes of the trail in order."""
    return list(AuditEvent.objects.values_list("code", flat=True))


def code_for(secret: str) -> str:
    """Return the six digits that an authenticator shows now."""
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))


def switch_on_second_factor(client: Client) -> str:
    """Go through the page that switches the second factor on; return its secret."""
    asked = client.get(reverse("mfa_activate_totp"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    page = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    assert client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)}).status_code == 302
    cache.clear()  # the same half minute, the same digits: a code opens once, and this test must not wait
    return secret


def test_sign_in_and_out_are_in_the_trail(client, officer):
    """Both ends of a shift are on record, with the address, and the password nowhere."""
    assert sign_in(client).status_code == 302
    assert client.get(ME).status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get(ME).status_code == 302
    assert codes() == ["accounts.signed_in", "accounts.signed_out"]
    assert AuditEvent.objects.first().detail == {"username": "li.wei", "address": "127.0.0.1"}


def test_a_stranger_is_sent_to_the_door_and_back(client, officer):
    """After signing in she is where she wanted to go."""
    turned = client.get(ME)
    assert (turned.status_code, turned["Location"]) == (302, f"{LOGIN}?next={ME}")
    assert sign_in(client, next=ME)["Location"] == ME


def test_nobody_is_sent_elsewhere_after_signing_in(client, officer):
    """A forged link cannot lead from our door to a foreign page."""
    assert sign_in(client, next="https://evil.example/")["Location"] == "/"


def test_a_wrong_password_says_no_more_than_an_unknown_name(client, officer):
    """The door does not tell who has an account."""
    wrong = sign_in(client, password="something else entirely")
    unknown = sign_in(client, username="nobody", password="something else entirely")
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert codes() == ["accounts.sign_in_failed", "accounts.sign_in_failed"]
    assert AuditEvent.objects.first().actor is None
    assert "something else" not in "".join(str(event.detail) for event in AuditEvent.objects.all())


def test_five_failures_lock_the_name_at_this_address_even_for_the_right_password(client, officer):
    """Guessing ends at the fifth; a colleague with another name, or at another address, is not kept out."""
    for _ in range(4):
        assert sign_in(client, password="guess guess guess").status_code == 200
    fifth = sign_in(client, password="guess guess guess")
    assert fifth.status_code == 429
    assert "account/locked_out.html" in [template.name for template in fifth.templates]
    assert sign_in(client).status_code == 429
    assert codes().count("accounts.sign_in_failed") + codes().count("accounts.locked_out") >= 6
    assert "accounts.signed_in" not in codes()
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    assert sign_in(elsewhere).status_code == 302


def test_success_forgets_earlier_failures(client, officer):
    """Four slips in one week are not an attack."""
    for _ in range(4):
        sign_in(client, password="guess guess guess")
    assert sign_in(client).status_code == 302
    client.post("/accounts/logout/")
    assert sign_in(client, password="guess guess guess").status_code == 200


def test_a_closed_account_opens_nothing(client, officer):
    """Closing ends the sessions that run and refuses new ones."""
    sign_in(client)
    deactivate_account(actor=None, user=officer)
    assert client.get(ME).status_code == 302
    assert sign_in(client)["Location"] == reverse("account_inactive")
    assert client.get(ME).status_code == 302


def test_signing_out_everywhere_ends_every_session(officer):
    """One raised number ends the sessions on all machines."""
    clients = [Client(), Client()]
    for each in clients:
        sign_in(each)
    end_sessions(actor=officer, user=officer)
    assert [each.get(ME).status_code for each in clients] == [302, 302]


def test_a_shift_ends_after_twelve_hours_however_busy(client, officer):
    """Twelve hours count from sign-in, not from the last click."""
    sign_in(client)
    session = client.session
    session[SIGNED_IN_AT] = int(time.time()) - 12 * 3600 + 60
    session.save()
    assert client.get(ME).status_code == 200
    session[SIGNED_IN_AT] = int(time.time()) - 12 * 3600 - 1
    session.save()
    assert client.get(ME).status_code == 302
    assert codes()[-1] == "accounts.signed_out"


def test_the_second_factor_is_asked_for_and_its_codes_open_once(client, officer):
    """A password alone no longer opens; neither does a code seen over the shoulder."""
    sign_in(client)
    secret = switch_on_second_factor(client)
    recovery = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(recovery) == 10
    client.post("/accounts/logout/")
    assert sign_in(client)["Location"] == reverse("mfa_authenticate")
    assert client.get(ME).status_code == 302
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    assert codes()[-1] == "accounts.second_factor_failed"
    digits = code_for(secret)
    assert client.post(reverse("mfa_authenticate"), {"code": digits}).status_code == 302
    assert client.get(ME).status_code == 200
    second = Client()
    sign_in(second)
    assert second.post(reverse("mfa_authenticate"), {"code": digits}).status_code == 200
    assert second.post(reverse("mfa_authenticate"), {"code": recovery[0]}).status_code == 302
    third = Client()
    sign_in(third)
    assert third.post(reverse("mfa_authenticate"), {"code": recovery[0]}).status_code == 200


def test_recovery_codes_are_shown_once(client, officer):
    """Whoever finds the session open later finds no codes."""
    sign_in(client)
    switch_on_second_factor(client)
    assert client.get(reverse("mfa_view_recovery_codes")).context["can_view_codes"] is True
    assert set(client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]) == {"****"}


def test_secrets_of_the_second_factor_are_not_readable_in_the_database(client, officer):
    """A stolen copy of the database does not make codes."""
    sign_in(client)
    secret = switch_on_second_factor(client)
    stored = str(list(officer.authenticator_set.values_list("data", flat=True)))
    assert secret not in stored


def test_a_password_known_to_others_opens_only_its_own_change(client, officer):
    """What an administrator typed is replaced before anything else can be done."""
    User.objects.filter(pk=officer.pk).update(must_change_password=True)
    sign_in(client)
    assert client.get(ME)["Location"] == reverse("account_change_password")
    assert client.get("/api/v1/me").status_code == 401 or client.get("/api/v1/me").status_code == 302
    changed = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "quite another secret", "password2": "quite another secret"},
    )
    assert changed.status_code == 302
    assert client.get(ME).status_code == 200
    assert "accounts.password_changed" in codes()


@pytest.mark.parametrize("weak", ["short", "password123", "li.wei.123", "1234567890"])
def test_weak_passwords_are_refused(client, officer, weak):
    """Length, commonness and likeness to the name are checked."""
    sign_in(client)
    form = {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    assert client.post(reverse("account_change_password"), form).status_code == 200
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)


@pytest.mark.parametrize(
    "address",
    [
        "signup/",
        "email/",
        "password/reset/",
        "password/set/",
        "confirm-email/",
        "3rdparty/",
        "social/signup/",
    ],
)
def test_nobody_opens_an_account_or_resets_a_password_from_outside(client, db, address):
    """What is not used here cannot be reached."""
    assert client.get(f"/accounts/{address}").status_code in {302, 404}
    assert client.post(f"/accounts/{address}", {"username": "x"}).status_code in {302, 404}
    assert User.objects.count() == 0


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_reset_password"])
def test_unused_addresses_have_no_name(name):
    """Not a template, not a redirect can lead there."""
    with pytest.raises(NoReverseMatch, match=name):
        reverse(name)


def test_headers_of_every_page(client, officer):
    """Frames, sniffing and foreign scripts are shut out."""
    page = client.get(LOGIN)
    assert page.status_code == 200
    assert page["X-Frame-Options"] == "DENY"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Referrer-Policy"] == "same-origin"
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "script-src" not in page["Content-Security-Policy"]
    assert "unsafe-eval" not in page["Content-Security-Policy"]


def test_a_form_without_its_token_is_refused(officer):
    """Another site cannot press our buttons."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer)
    assert client.post("/accounts/me/sessions/end/").status_code == 403


def test_the_trail_of_the_door_holds(client, officer):
    """What the door writes is chained as everything else."""
    sign_in(client, password="guess guess guess")
    sign_in(client)
    client.post("/accounts/logout/")
    assert verify_chain().broken is None
    assert verify_chain().count == 3
