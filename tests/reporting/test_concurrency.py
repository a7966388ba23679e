"""Two people at once: one is told, and the totals are right."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import connection

from fangxian.base.errors import Conflict
from fangxian.reporting.models import Report, Total
from fangxian.reporting.selectors import verify_totals
from fangxian.reporting.services import ReportSubmission, submit_report
from worlds import make_world

DAY = date(2024, 3, 1)


@pytest.fixture
def world(transactional_db):
    return make_world()


def at_once(*works):
    """Run every work in a thread of its own, all let go at the same moment; return what became of each."""
    gate = threading.Barrier(len(works))
    outcomes: list[object] = [None] * len(works)

    def run(index, work):
        try:
            gate.wait()
            outcomes[index] = work()
        except Conflict as conflict:
            outcomes[index] = conflict
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def say(world, unit, cases, **rest):
    submission = ReportSubmission(world[unit], "hospital-daily", DAY, {"new_cases": cases}, **rest)
    return lambda: submit_report(actor=world["officer"], submission=submission)


def needs_threads():
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("an in-memory SQLite database is one connection; PostgreSQL shows this law")


def test_of_two_corrections_at_once_one_is_told(world):
    needs_threads()
    say(world, "H11", 3)()
    outcomes = at_once(
        say(world, "H11", 5, expected_revision=1, reason="first"),
        say(world, "H11", 7, expected_revision=1, reason="second"),
    )
    (conflict,) = [one for one in outcomes if isinstance(one, Conflict)]
    (winner,) = [one for one in outcomes if isinstance(one, Report)]
    assert conflict.fields["values"] == winner.values
    assert Total.objects.get(place=world["places"]["nation"]).sums == winner.values
    assert verify_totals() == []


def test_many_units_at_once_all_add_up(world):
    needs_threads()
    outcomes = at_once(
        *(say(world, unit, cases) for cases, unit in enumerate(("H11", "H12", "H21", "H22"), 1))
    )
    assert all(isinstance(one, Report) for one in outcomes)
    city = Total.objects.get(place=world["places"]["city"])
    assert (city.sums, city.reported) == ({"new_cases": 10}, 4)
    assert verify_totals() == []
