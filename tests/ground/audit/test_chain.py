"""The trail can be added to and nothing else; whoever gets past the guard is found by the chain."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from importlib import import_module
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from typer.testing import CliRunner

from fangxian.console.cli import app
from fangxian.ground.audit.models import AuditEvent, ChainHead
from fangxian.ground.audit.rules import canonical, plain
from fangxian.ground.audit.selectors import verify_chain
from fangxian.ground.audit.services import Entry, record_event, record_events
from worlds import make_user

GUARD = import_module("fangxian.ground.audit.migrations.0002_append_only")


def write(count: int = 5) -> list[AuditEvent]:
    """Write some events of the system."""
    with transaction.atomic():
        return [
            record_event(actor=None, code="places.imported", subject=("file", str(n)), detail={"rows": n})
            for n in range(count)
        ]


def tamper(*statements: str) -> None:
    """Do what only somebody with the database's own password can: take the guard down and change rows."""
    with connection.cursor() as cursor:
        for statement in [
            *GUARD.unguard_statements(connection.vendor),
            *statements,
            *GUARD.guard_statements(connection.vendor),
        ]:
            cursor.execute(statement)


@pytest.mark.django_db
def test_a_whole_chain_holds():
    """Nothing is broken in a trail that was only written."""
    events = write()
    report = verify_chain()
    assert (report.count, report.broken) == (5, None)
    assert (report.sequence, report.hash) == (events[-1].sequence, events[-1].hash)


@pytest.mark.django_db
def test_an_empty_trail_holds():
    """Before the first event there is nothing to be broken."""
    assert verify_chain().broken is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET actor_name = 'nobody' WHERE sequence = 2",
        "DELETE FROM audit_auditevent WHERE sequence = 2",
        "UPDATE audit_chainhead SET sequence = 1",
        "DELETE FROM audit_chainhead",
    ],
)
def test_the_database_refuses_to_change_the_trail(statement):
    """Not the application but the database says no, to raw statements too."""
    write()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert verify_chain().broken is None


@pytest.mark.django_db
def test_postgresql_refuses_to_truncate_the_trail():
    """Row triggers do not see TRUNCATE, so it has its own guard."""
    if connection.vendor != "postgresql":
        pytest.skip("TRUNCATE is a statement of PostgreSQL")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE audit_auditevent")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "sequence", "differs"),
    [
        ("UPDATE audit_auditevent SET actor_name = 'nobody' WHERE sequence = 3", 3, "hash"),
        ("UPDATE audit_auditevent SET place_code = '1304' WHERE sequence = 1", 1, "hash"),
        ("UPDATE audit_auditevent SET previous_hash = hash WHERE sequence = 4", 4, "previous"),
        ("DELETE FROM audit_auditevent WHERE sequence = 2", 2, "gap"),
        ("DELETE FROM audit_auditevent WHERE sequence = 1", 1, "gap"),
        ("DELETE FROM audit_auditevent WHERE sequence >= 4", 4, "tail"),
        ("DELETE FROM audit_auditevent", 1, "tail"),
        ("UPDATE audit_chainhead SET sequence = 3", 5, "head"),
        ("DELETE FROM audit_chainhead", 5, "head"),
    ],
)
def test_the_first_broken_link_is_named(statement, sequence, differs):
    """Each way to falsify a trail is found, at the event where it begins."""
    write()
    tamper(statement)
    broken = verify_chain().broken
    assert broken is not None
    assert (broken.sequence, broken.differs) == (sequence, differs)
    result = CliRunner().invoke(app, ["audit", "verify"])
    assert result.exit_code == 1
    assert f"BROKEN at event {sequence}" in result.output


@pytest.mark.django_db
def test_a_trail_rewritten_from_end_to_end_is_found_by_an_anchor():
    """Whoever owns the database can forge a chain that holds, but not the hash that is kept elsewhere."""
    events = write()
    anchor = (events[3].sequence, events[3].hash)
    tamper("DELETE FROM audit_auditevent", "DELETE FROM audit_chainhead")
    with transaction.atomic():
        for n in range(9):
            record_event(actor=None, code="places.merged", detail={"rows": n})
    assert verify_chain().broken is None
    broken = verify_chain(anchor).broken
    assert broken is not None
    assert (broken.sequence, broken.differs) == (4, "anchor")


@pytest.mark.django_db
def test_verify_prints_an_anchor_that_verify_takes_back():
    """What is printed is what is to be kept."""
    write()
    first = CliRunner().invoke(app, ["audit", "verify"])
    anchor = next(line for line in first.output.splitlines() if line.startswith("anchor ")).split()[1]
    write(3)
    assert CliRunner().invoke(app, ["audit", "verify", "--anchor", anchor]).exit_code == 0


@pytest.mark.django_db
def test_an_event_needs_the_transaction_of_its_change(transactional_db):
    """An event without its change, or the other way round, must be impossible."""
    with pytest.raises(RuntimeError, match="inside the transaction of the change"):
        record_event(actor=None, code="places.imported")


@pytest.mark.django_db
def test_many_events_make_one_chain():
    """Events written together are chained as if written one by one, also over the actor's name."""
    user = make_user("reporter", None, "zhang.san")
    with transaction.atomic():
        record_events(actor=user, entries=[Entry("reports.submitted", detail={"n": n}) for n in range(700)])
    assert verify_chain().count == 700
    assert verify_chain().broken is None
    assert AuditEvent.objects.filter(actor_name="zhang.san").count() == 700
    assert ChainHead.objects.get().sequence == 700


class Colour(enum.Enum):
    """An enumeration such as the rooms use."""

    RED = "red"


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.datetimes(
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3))])
    ),
    st.timedeltas(),
    st.decimals(),
    st.uuids(),
    st.sampled_from(Colour),
)
details = st.dictionaries(
    st.text(),
    st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8),
    max_size=5,
)


def distinct_after_cleaning(detail: object) -> bool:
    """Say whether the keys stay apart, as ``plain`` demands."""
    try:
        plain(detail)
    except ValueError:
        return False
    return True


class RoundTrip(TestCase):
    """What was hashed is what the database gives back."""

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(detail=details.filter(distinct_after_cleaning), name=st.text(max_size=40))
    def test_any_detail_hashes_the_same_after_the_database(self, detail, name):
        """Floats, dates, key order, nulls in text: on SQLite and on PostgreSQL alike."""
        with transaction.atomic():
            written = record_event(
                actor=None,
                code="places.imported",
                subject=("file", name),
                place_code=name[:30],
                detail=detail,
            )
        read = AuditEvent.objects.get(pk=written.pk)
        self.assertEqual(canonical(read.detail), canonical(written.detail))
        self.assertEqual(read.link().hash(), written.hash)


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        (1.0, 1),
        (1e2, 100),
        (-0.0, 0),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (2**63, str(2**63)),
        (Decimal("1.50"), "1.50"),
        (date(2022, 12, 1), "2022-12-01"),
        (time(8, 30), "08:30:00"),
        (datetime(2022, 12, 1, 8, tzinfo=timezone(timedelta(hours=8))), "2022-12-01T00:00:00.000000+00:00"),
        ({"b", "a"}, ["a", "b"]),
        (("x", None), ["x", None]),
        (Colour.RED, "red"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("a\x00b", "a\ufffdb"),
    ],
)
def test_plain_forms(given_value, expected):
    """The one form of each kind of value, as the trail keeps it."""
    assert plain(given_value) == expected
    assert type(plain(given_value)) is type(expected)


def test_a_record_cannot_be_a_detail():
    """An object has no stable text: its id has."""
    with pytest.raises(TypeError, match="cannot hold a object"):
        plain({"thing": object()})


def test_two_keys_that_read_the_same_are_refused():
    """Otherwise one of them would be lost in silence."""
    with pytest.raises(ValueError, match="read the same: '1'"):
        plain({1: "a", "1": "b"})
