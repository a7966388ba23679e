"""Addresses that name a record by its number open it only to those whose record it is."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from fangxian.ground.accounts.models import User
from fangxian.reporting.models import ImportBatch
from worlds import make_places, make_user

IMPORTS = ["/imports/{id}/", "/imports/{id}/errors", "/api/v1/imports/{id}", "/api/v1/imports/{id}/findings"]
DECISIONS = [
    ("/imports/{id}/", {"action": "commit"}),
    ("/imports/{id}/", {"action": "abandon"}),
    ("/api/v1/imports/{id}/commit", {}),
    ("/api/v1/imports/{id}/abandon", {}),
]


@pytest.fixture
def batch(db) -> ImportBatch:
    """A file that an officer of county 1 has uploaded and not yet committed."""
    places = make_places()
    owner = make_user("county_officer", places["county-1"], "owner")
    make_user("county_officer", places["county-2"], "elsewhere")
    make_user("city_duty_officer", places["city"], "above")
    make_user("county_officer", places["county-1"], "colleague")
    return ImportBatch.objects.create(
        file_name="report.xlsx",
        sha256="0" * 64,
        channel="excel",
        status="previewed",
        actor=owner,
        at=timezone.now(),
        content=b"names of patients might be here",
    )


def signed_in(username: str) -> Client:
    """Return the browser of somebody of this small world."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


@pytest.mark.parametrize("address", IMPORTS)
@pytest.mark.parametrize("person", ["elsewhere", "above", "colleague"])
def test_a_file_not_yet_committed_is_seen_by_nobody_else(batch, person, address):
    """What a file holds before it is committed is its sender's alone; it is not even confirmed to exist."""
    answer = signed_in(person).get(address.format(id=batch.pk))
    missing = signed_in(person).get(address.format(id=batch.pk + 1))
    assert (answer.status_code, missing.status_code) == (404, 404)


@pytest.mark.parametrize(("address", "form"), DECISIONS)
@pytest.mark.parametrize("person", ["elsewhere", "above", "colleague"])
def test_nobody_else_commits_or_abandons_it(batch, person, address, form):
    """A decision on somebody else's file is refused and leaves it as it was."""
    data = {"content_type": "application/json"} if "/api/" in address else {}
    answer = signed_in(person).post(address.format(id=batch.pk), form, **data)
    assert answer.status_code in {403, 404}
    batch.refresh_from_db()
    assert batch.status == "previewed"
    assert batch.content is not None


def test_the_sender_sees_it(batch):
    """The refusals above are not for another reason."""
    assert signed_in("owner").get(f"/imports/{batch.pk}/").status_code == 200
