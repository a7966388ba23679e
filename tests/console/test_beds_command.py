"""``fangxian beds``: tables in, placements with reasons out; a bad table is named by file, row and column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.beds import beds
from fangxian.logistics.assignment.assign import BedPlan, assign_beds
from fangxian.logistics.assignment.problem import BedParameters, BedProblem
from fangxian.logistics.programme import SolverStop
from fangxian.studies.referral import online
from fangxian.studies.referral.made_up import write_referrals
from fangxian.studies.referral.tables import read_referrals

TABLES = {
    "severities": "severity,hazard_per_hour,severe,least_level\n"
    "mild,0.001,no,primary\nsevere,0.05,yes,secondary\n",
    "hospitals": "hospital,place,level\n县医院,county,secondary\n市医院,city,tertiary\n",
    "beds": "hospital,pool,zone,offers,free,freed_per_day,reserve\n"
    "县医院,普通,infected,,1,0,0\n市医院,重症,infected,ventilator,1,4,0\n",
    "patients": "patient,place,severity,needs,zone,at\n"
    "甲,village,mild,,infected,\n乙,village,severe,,infected,\n",
    "roads": "from,to,hours,km\nvillage,county,0.5,20\ncounty,city,1,60\n",
}


def write(folder: Path, **changes: str) -> Path:
    """Write the tables of a small county, some of them changed."""
    folder.mkdir(exist_ok=True)
    for name, text in (TABLES | changes).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def run(capsys: pytest.CaptureFixture[str], folder: Path, **options: object) -> dict:
    """Run the command for programs and return what it prints."""
    plain = {
        "horizon_hours": 24.0,
        "travel_hazard": 1.0,
        "transfer_km": 30.0,
        "above_level_km": 10.0,
        "json_": True,
    }
    beds(folder, **(plain | options))
    return json.loads(capsys.readouterr().out)


def test_the_severe_patient_is_first_and_everybody_hears_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    found = run(capsys, write(tmp_path / "morning"), out=out)
    mild, severe = found["placements"]
    assert (severe["hospital"], severe["care_begins_minutes"], severe["verdict"]) == ("县医院", 30, "nearest")
    assert (mild["hospital"], mild["care_begins_minutes"], mild["against"]) == ("市医院", 90, "others first")
    assert "others need the beds more" in mild["en"]
    assert "更需要的患者" in mild["zh"]
    assert found["aims"]["severe_waiting_hours"] == {"value": 0.5, "bound": 0.5, "gap": 0}
    assert [row["left"] for row in found["beds"]] == [0, 4]
    assert json.loads((out / "summary.json").read_text(encoding="utf-8")) == found
    assert len((out / "placements.csv").read_text(encoding="utf-8-sig").splitlines()) == 3


def test_one_patient_alone_comes_after_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The mild one had the near bed before the severe one came: nobody is moved."""
    found = run(capsys, write(tmp_path / "morning"), patient="乙")
    (row,) = found["placements"]
    assert (row["patient"], row["hospital"], row["care_begins_minutes"]) == ("乙", "市医院", 90)


@pytest.mark.parametrize("alone", [False, True])
def test_the_others_are_placed_within_the_seconds_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    folder, limits = write(tmp_path / "morning"), []

    def place(problem: BedProblem, stop: SolverStop | None = None) -> BedPlan:
        limits.append(stop)
        return assign_beds(problem, stop)

    if alone:
        rows = TABLES["patients"].splitlines(keepends=True)
        (folder / "patients.csv").write_text(rows[0] + rows[2], encoding="utf-8")
    monkeypatch.setattr(online, "assign_beds", place)
    run(capsys, folder, patient="乙", seconds=7.0)
    assert limits == [SolverStop(7.0)]


def test_who_finds_no_bed_is_told_what_collides_and_the_exit_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "morning", beds=TABLES["beds"].replace("ventilator,1,4,0", "ventilator,0,0,0"))
    text = TABLES["patients"].replace("severe,,", "severe,ventilator,")
    (folder / "patients.csv").write_text(text, encoding="utf-8")
    with pytest.raises(typer.Exit) as caught:
        run(capsys, folder)
    assert caught.value.exit_code == 3
    row = json.loads(capsys.readouterr().out)["placements"][1]
    assert (row["verdict"], row["hospital"]) == ("waits", "")
    assert set(row["against"].split(";")) <= {"need:ventilator", "no bed today"}
    assert row["en"].startswith("乙: no hospital can take them today")


def test_tomorrow_keeps_beds_from_the_mild(tmp_path: Path) -> None:
    """Six severe expected and four discharges: two beds are kept, all that are free."""
    folder = write(tmp_path / "morning", tomorrow="zone,severe_patients\ninfected,6\n")
    opening = read_referrals(folder, BedParameters()).problem.openings
    assert opening.beds[opening.reserved].sum() == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"patients": TABLES["patients"].replace("甲,village", "甲,nowhere")},
            ("patients.csv", 2, "place", "nowhere", "unknown-code"),
        ),
        (
            {"patients": TABLES["patients"].replace("severe,,", "severe,ventilater,")},
            ("patients.csv", 3, "needs", "ventilater", "unknown-code"),
        ),
        (
            {"patients": TABLES["patients"].replace("乙,", "甲,")},
            ("patients.csv", 3, "patient", "甲", "row-twice"),
        ),
        (
            {"beds": TABLES["beds"].replace(",,1,0,0", ",,-1,0,0")},
            ("beds.csv", 2, "free", "-1", "out-of-range"),
        ),
        (
            {"roads": TABLES["roads"].replace("1,60", "1,6000")},
            ("roads.csv", 3, "hours,km", "6000", "unit-mismatch"),
        ),
        (
            {"roads": TABLES["roads"].replace("0.5,20", "30,20")},
            ("roads.csv", 2, "hours,km", "0.667", "unit-mismatch"),
        ),
        (
            {"roads": TABLES["roads"].replace("county,city", "island,city")},
            ("hospitals.csv", 3, "place", "city", "roads-disconnected"),
        ),
        (
            {
                "roads": TABLES["roads"] + "island,farm,1,10\n",
                "patients": TABLES["patients"].replace("甲,village", "甲,farm"),
            },
            ("patients.csv", 2, "place", "farm", "roads-disconnected"),
        ),
        (
            {"hospitals": TABLES["hospitals"].splitlines()[0] + "\n"},
            ("hospitals.csv", None, None, "", "no-row"),
        ),
        (
            {"severities": TABLES["severities"].replace("yes", "perhaps")},
            ("severities.csv", 3, "severe", "perhaps", "unknown-word"),
        ),
    ],
)
def test_a_bad_table_is_named_by_file_row_and_column(
    tmp_path: Path, changes: dict[str, str], expected: tuple[object, ...]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_referrals(write(tmp_path / "morning", **changes), BedParameters())
    found = [(each.file, each.row, each.column, each.value, each.code) for each in caught.value.findings]
    assert expected in found


def test_an_unknown_patient_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="There is no patient '丙'"):
        beds(write(tmp_path / "morning"), patient="丙")


def test_the_made_up_morning_can_be_read_and_is_the_same_for_a_seed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_referrals(tmp_path / name, patients=30, hospitals=12, seed=3)
    case = read_referrals(tmp_path / "one", BedParameters())
    assert (len(case.patients), len(case.hospitals)) == (30, 12)
    texts = [(tmp_path / name / "beds.csv").read_bytes() for name in ("one", "two")]
    assert texts[0] == texts[1]
