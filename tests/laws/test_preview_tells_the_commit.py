"""A commit does what its preview told and nothing else, or says that something has changed meanwhile."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fangxian.base.errors import Conflict
from fangxian.ground.accounts.models import Grant
from fangxian.ground.emergency_plans.services import put_in_force
from fangxian.ground.exchange.rules import delimited
from fangxian.ground.places.services import save_facility
from fangxian.reporting.models import Report, StagedRows
from fangxian.reporting.selectors import verify_totals
from fangxian.reporting.services import ReportSubmission, submit_report
from fangxian.reporting.services.imports import abandon_import, commit_import, preview_import
from reporting.import_files import csv_file
from worlds import PLAN

DAY, DAY_BEFORE = date(2024, 3, 1), date(2024, 2, 29)
FILE = csv_file("H11,2024-03-01,3,0", "H12,2024-03-01,0,0", "H21,2024-03-01,60,")


def preview(world, content=FILE, **said):
    return preview_import(actor=world["officer"], file_name="日报.csv", content=content, **said)


def commit(world, batch):
    return commit_import(actor=world["officer"], batch=batch, confirm_warnings=True)


def say(world, unit, day, new_cases):
    submission = ReportSubmission(
        unit=world[unit], form="hospital-daily", day=day, values={"new_cases": new_cases}
    )
    submit_report(actor=world["county" if unit < "H2" else "other"], submission=submission)


rows = st.lists(
    st.tuples(
        st.sampled_from(["H11", "H12", "H21", "V111", "X9"]),
        st.sampled_from(["2024-03-01", "2024-03-02", "2999-01-01", "soon"]),
        st.sampled_from(["0", "3", "60", "-1", "不详", "x", ""]),
        st.sampled_from(["", "0", "90"]),
        st.sampled_from(["", "重新核对"]),
    ),
    min_size=1,
    max_size=8,
)


@example([("H11", "2024-03-01", "0", "", "")], [("H11", "2024-03-01", "不详", "", "重新核对")])  # no number
@given(rows, rows)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_commit_writes_what_was_told(world, first, second):
    """Of two files, the second over what the first left: counts, revisions and totals are those told."""
    with transaction.atomic():
        for said in (first, second):
            content = csv_file(*map(",".join, said), header="unit,day,new_cases,deaths,更正原因")
            batch = preview(world, content, form="hospital-daily")
            told = (batch.rows_read, batch.rows_accepted, batch.rows_refused, batch.rows_unchanged)
            corrected, before = batch.options["corrected"], Report.objects.count()
            done = commit(world, batch)
            assert (done.rows_read, done.rows_accepted, done.rows_refused, done.rows_unchanged) == told
            assert told[0] == sum(told[1:])
            assert Report.objects.count() == before + told[1]
            assert Report.objects.filter(batch=done, revision__gt=1).count() == corrected
            again = preview(world, content, form="hospital-daily")
            assert (again.rows_accepted, again.rows_unchanged) == (0, told[1] + told[3])
        assert verify_totals() == []
        transaction.set_rollback(True)


def a_report_of_the_file(world):
    say(world, "H11", DAY, 9)


def the_same_report_word_for_word(world):
    submission = ReportSubmission(
        unit=world["H12"], form="hospital-daily", day=DAY, values={"new_cases": 0, "deaths": 0}
    )
    submit_report(actor=world["county"], submission=submission)


def the_day_before_that_raises_a_doubt(world):
    say(world, "H21", DAY_BEFORE, 0)


def a_unit_is_closed(world):
    save_facility(actor=None, facility=world["H12"], values={"closed": date(2024, 2, 1)})


def a_plan_that_asks_for_more(world):
    text = PLAN.replace("new_cases <= 10 * previous(new_cases) + 50", "new_cases <= 59")
    place = world["places"]["city"]
    put_in_force(actor=None, place=place, text=text, valid_from=date(2024, 1, 1))


def the_scope_shrinks(world):
    Grant.objects.filter(user=world["officer"]).update(place=world["places"]["county-1"])


@pytest.mark.parametrize(
    "meanwhile",
    [
        a_report_of_the_file,
        the_same_report_word_for_word,
        the_day_before_that_raises_a_doubt,
        a_unit_is_closed,
        a_plan_that_asks_for_more,
        the_scope_shrinks,
    ],
)
def test_what_changes_the_meaning_of_a_file_is_noticed(world, meanwhile):
    """Nothing of the file is written when it would no longer be what the preview showed."""
    batch = preview(world)
    meanwhile(world)
    before = Report.objects.count()
    with pytest.raises(Conflict, match="depends on after its preview; nothing was written"):
        commit(world, batch)
    assert Report.objects.count() == before
    assert verify_totals() == []


def another_unit(world):
    say(world, "H22", DAY, 9)


def the_day_before_with_no_doubt(world):
    say(world, "H21", DAY_BEFORE, 50)


def a_unit_gets_a_telephone(world):
    save_facility(actor=None, facility=world["H12"], values={"telephone": "0310-1234567"})


def a_unit_moves_and_serves_more(world):
    change = {"place": world["places"]["township-22"], "population_served": 77_000}
    save_facility(actor=None, facility=world["H12"], values=change)


@pytest.mark.parametrize(
    "meanwhile",
    [another_unit, the_day_before_with_no_doubt, a_unit_gets_a_telephone, a_unit_moves_and_serves_more],
)
def test_what_leaves_the_file_as_it_was_told_stops_nobody(world, meanwhile):
    """Work goes on beside an open preview; where the outcome is the same, it is committed as of now."""
    batch = preview(world)
    meanwhile(world)
    assert commit(world, batch).rows_accepted == 3
    assert verify_totals() == []


def test_a_report_is_dated_by_its_commit(world):
    """A figure is known from the commit on, not from when somebody looked at a preview."""
    batch = preview(world)
    looked = datetime.now(UTC)
    commit(world, batch)
    assert all(moment > looked for moment in Report.objects.values_list("reported_at", flat=True))


def test_staged_rows_do_not_outlive_their_preview(world):
    kept, thrown_away = preview(world), preview(world)
    assert StagedRows.objects.count() == 2
    abandon_import(actor=world["officer"], batch=thrown_away)
    assert set(StagedRows.objects.values_list("batch", flat=True)) == {kept.pk}
    done = commit(world, kept)
    assert not StagedRows.objects.exists()
    assert (done.content, done.footing, done.faults) == (None, None, None)


LONG = csv_file(
    *(f"{unit},2024-03-01,{field},{value}" for unit in ("H11", "H12", "H21") for field, value in
      (("new_cases", 3), ("死亡", 0), ("in_hospital", "不详"), ("cover_days", 2.5))),
    "H22,2024-03-01,new_cases,x",
    "H22,2024-03-01,deaths,1",
    header="unit,day,field,value",
)  # fmt: skip
WIDE = csv_file(
    "H11,2024-03-01,3,不详",
    "H12,2024/3/1,４,0",
    "H21,2024-03-01,2.5,0",
    "H22,2024-03-01,,",
    "H22,2024-03-02,7,",
)


@pytest.mark.parametrize("content", [LONG, WIDE], ids=["long", "wide"])
def test_a_file_reads_the_same_in_blocks_of_any_size(world, monkeypatch, content):
    """A large file is read block by block; where the blocks are cut leaves no trace."""
    whole = preview(world, content, form="hospital-daily")
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 40)
    parts = preview(world, content, form="hospital-daily")
    for name in ("rows_read", "rows_accepted", "rows_refused", "rows_unchanged", "findings"):
        assert getattr(parts, name) == getattr(whole, name)
    assert parts.options["sample"] == whole.options["sample"]
    assert commit(world, parts).rows_accepted == whole.rows_accepted
