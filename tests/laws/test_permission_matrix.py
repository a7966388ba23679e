"""Every address x every role x every position answers as the one policy says, built from the code itself."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse

from fangxian.console.gate import PUBLIC
from fangxian.ground.accounts.selectors import policy
from laws.permission_world import POSITIONS, Address, World, addresses, make_world

pytestmark = pytest.mark.django_db

# What stands in an address besides a place (code) and a unit: one sample each; a record that
# does not exist for ids, since whoever may ask about records may be told so. A new name is added here.
SAMPLES: dict[str, Any] = {
    "form": "hospital-daily",
    "field": "new_cases",
    "day": "2022-12-01",
    "batch": 999,
    "person": 999,
    "grant": 999,
    "post": 999,
    "token": 999,
    "verb": "sign-out",
}

ALL = addresses()
GUARDED = [address for address in ALL if not address.is_public]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One small world for the whole matrix, rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def positions_of(address: Address) -> tuple[str, ...]:
    """Return where an address can be pointed at: nowhere in particular, or at each position."""
    return POSITIONS if {"code", "unit"} & set(address.kwargs) else ("own",)


def url_of(address: Address, world: World, position: str) -> str:
    """Return the address pointed at a position."""
    values = {"code": world.places[position].code, "unit": world.units[position].code}

    def value(match: re.Match[str]) -> str:
        name = match.group("name")
        assert name in values or name in SAMPLES, (
            f"/{address.route} names {name!r}: add a sample value for it to SAMPLES in {__file__}"
        )
        return str(values.get(name, SAMPLES.get(name)))

    return "/" + re.sub(r"<(?:\w+:)?(?P<name>\w+)>", value, address.route)


def call(address: Address, world: World, person: str, position: str) -> HttpResponse:
    """Call an address as a person; whatever it wrote is rolled back, whatever it did to the session too."""
    client = world.clients[person]
    url = url_of(address, world, position)
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer = _send(client, address.method or "GET", url)
        if answer.status_code == 405 and address.method is None:
            answer = _send(client, answer.headers["Allow"].split(",")[0].strip(), url)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def _send(client: Any, method: str, url: str) -> HttpResponse:
    if method in {"GET", "HEAD"}:
        return client.generic(method, url)
    return (
        client.generic(method, url, data="{}", content_type="application/json")
        if "/api/" in url
        else client.post(url)
    )


def expected(address: Address, world: World, person: str, position: str) -> str:
    """Return what the policy says: through, refused, or to the door."""
    user = world.people[person]
    if user is None:
        return "door"
    where: dict[str, Any] = {}
    if address.access.place is not None:
        where["place"] = world.places[position]
    if address.access.facility is not None:
        where["facility"] = world.units[position]
    return "through" if policy.may(user, address.access.action, **where).allowed else "refused"


def agrees(address: Address, answer: HttpResponse, verdict: str) -> bool:
    """Say whether an answer is what the verdict demands."""
    status = answer.status_code
    if verdict == "door":
        return status == 401 if address.is_api else status == 302 and "/login/?next=" in answer["Location"]
    if verdict == "refused":
        return status == 403
    return (
        status not in {401, 403}
        and status < 500
        and "/login/?next=" not in answer.headers.get("Location", "")
    )


@pytest.mark.parametrize("address", ALL, ids=str)
def test_every_address_declares_what_it_asks_for(address):
    """A view that forgets to say who may come in is found here before anybody comes in."""
    if address.is_public:
        assert PUBLIC[address.name]
        return
    assert address.access is not None, (
        f'{address} ({address.name}) declares no access: put @requires(Action.X, place="code") or '
        '@requires(Action.X, facility="unit") on the view, or list it in console/gate.py PUBLIC with a reason'
    )
    if "code" in address.kwargs:
        assert address.access.place == "code", (
            f'{address} names a place: declare @requires(..., place="code")'
        )
    if "unit" in address.kwargs:
        assert address.access.facility == "unit", (
            f'{address} names a unit: declare @requires(..., facility="unit")'
        )


@pytest.mark.parametrize("address", GUARDED, ids=str)
def test_every_role_at_every_position_is_answered_as_the_policy_says(world, address):
    """Own place, above, below, beside, elsewhere; seven roles, a reporter of one unit, no role, nobody."""
    if address.access is None:
        pytest.fail(f"{address} declares no access; see the test above")
    wrong = []
    for person in world.people:
        for position in positions_of(address):
            verdict = expected(address, world, person, position)
            answer = call(address, world, person, position)
            if not agrees(address, answer, verdict):
                wrong.append(
                    f"{person} at {position}: {answer.status_code}, policy says {verdict}{_why(answer)}"
                )
    assert not wrong, f"{address}\n" + "\n".join(wrong)


@pytest.mark.parametrize("address", [address for address in ALL if address.is_public], ids=str)
def test_what_is_public_answers_a_stranger(world, address):
    """The list of exceptions is short, and each of them works for somebody who is not signed in."""
    answer = call(address, world, "anonymous", "own")
    assert answer.status_code not in {401, 403}
    assert answer.status_code < 500


def test_the_list_of_public_addresses_has_no_dead_names():
    """An exception that names nothing would open the next view of that name."""
    assert set(PUBLIC) - {address.name for address in ALL} == set()


def test_no_flag_opens_anything(world):
    """There are no superusers: a user without a role may only use her own account."""
    user = world.people["no_scope"]
    assert not hasattr(user, "is_superuser")
    assert not hasattr(user, "is_staff")


def _why(answer: HttpResponse) -> str:
    info = getattr(answer, "exc_info", None)
    return f" ({info[0].__name__}: {str(info[1])[:300]})" if info else ""
