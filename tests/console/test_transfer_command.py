"""``fangxian transfer``: tables in, rounds out; a bad table is answered by file, row, column and remedy."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
import typer

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.transfer import transfer
from fangxian.studies.transfers.made_up import write_transfers
from fangxian.studies.transfers.tables import read_transfers

TABLES = {
    "requests": "request,pickup,delivery,persons,category,ready,deliver_until,needs\n"
    "甲,village,hospital,1,confirmed,2022-12-07T08:00,2022-12-07T10:00,negative_pressure\n"
    "乙,village,site,3,contact,2022-12-07T08:00,2022-12-07T16:00,\n",
    "vehicles": "vehicle,base,seats,opens,closes,has,categories\n"
    "救护车1,hospital,2,2022-12-07T07:00,2022-12-07T19:00,negative_pressure,\n"
    "中巴1,site,15,2022-12-07T07:00,2022-12-07T19:00,,contact\n",
    "roads": "from,to,hours,km\nhospital,village,0.5,20\nvillage,site,0.25,10\n",
    "cleaning": "after,before,minutes\nconfirmed,confirmed,30\nconfirmed,contact,30\nconfirmed,end,30\n"
    "contact,confirmed,30\ncontact,contact,0\ncontact,end,30\n",
}


def write(folder: Path, **changes: str) -> Path:
    """Write the tables of a small county, some of them changed."""
    folder.mkdir(exist_ok=True)
    for name, text in (TABLES | changes).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def findings(folder: Path) -> list[tuple[str | None, int | None, str | None, str | None, str]]:
    """Return where the refusal of a folder points to."""
    with pytest.raises(InvalidInput) as caught:
        read_transfers(folder)
    return [(each.file, each.row, each.column, each.value, each.code) for each in caught.value.findings]


def run(capsys: pytest.CaptureFixture[str], folder: Path, **options: object) -> dict:
    """Run the command for programs and return what it prints."""
    transfer(folder, **{"attempts": 200, "seconds": 60.0, "seed": 1, "json_": True} | options)
    return json.loads(capsys.readouterr().out)


def test_each_is_fetched_by_the_vehicle_that_may(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The confirmed patient by the ambulance, the contacts by the bus; a line a visit, in a file too."""
    out = tmp_path / "out"
    found = run(capsys, write(tmp_path / "day"), out=out)
    assert [(row["vehicle"], row["request"], row["action"]) for row in found["rounds"]] == [
        ("救护车1", "甲", "pickup"),
        ("救护车1", "甲", "delivery"),
        ("中巴1", "乙", "pickup"),
        ("中巴1", "乙", "delivery"),
    ]
    assert found["metres"] == 60_000
    assert found["bound"]["cost_m"] == 60_000
    assert found["gap"] == 0
    assert found["rounds"][1]["begin"] == "2022-12-07T08:30:00"
    assert set(found["sentences"][0]) == {"zh", "en"}
    assert json.loads((out / "summary.json").read_text(encoding="utf-8")) == found
    assert len((out / "rounds.csv").read_text(encoding="utf-8-sig").splitlines()) == 5


def test_spaces_around_the_words_of_a_cell_mean_nothing(tmp_path: Path) -> None:
    """``needs``, ``has`` and ``categories`` written with a space after the semicolon, in either width."""
    several = {
        "requests": TABLES["requests"].replace(",negative_pressure", ",stretcher; negative_pressure"),
        "vehicles": TABLES["vehicles"]
        .replace(",negative_pressure,", ",negative_pressure ； stretcher,contact ;confirmed")
        .replace(",,contact", ",lift;,contact; "),
    }
    fits = read_transfers(write(tmp_path / "day", **several)).problem.fits
    assert fits.tolist() == [[True, False], [True, True]]


def test_who_cannot_be_fetched_is_named_with_the_limit_and_the_exit_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = TABLES["requests"].replace("2022-12-07T10:00", "2022-12-07T08:20")
    with pytest.raises(typer.Exit) as caught:
        run(capsys, write(tmp_path / "day", requests=late))
    assert caught.value.exit_code == 3
    found = json.loads(capsys.readouterr().out)
    (left,) = found["left_behind"]
    assert (left["request"], left["limits"]) == ("甲", "delivery deadline")
    assert left["en"].endswith("misses by 10 min.")
    assert "差 10 分钟" in left["zh"]


def test_who_fits_no_vehicle_is_told_what_the_vehicles_lack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And a day on which all can be fetched leaves no list of those left behind on an earlier one."""
    plain = write(tmp_path / "plain", vehicles=TABLES["vehicles"].replace("negative_pressure", "stretcher"))
    with pytest.raises(typer.Exit):
        run(capsys, plain, out=tmp_path / "out")
    (left,) = json.loads(capsys.readouterr().out)["left_behind"]
    assert left["zh"] == "甲：没有一辆可运“confirmed”且具备negative_pressure的车；请增派这样的车。"
    assert (tmp_path / "out" / "left_behind.csv").exists()
    run(capsys, write(tmp_path / "day"), out=tmp_path / "out")
    assert not (tmp_path / "out" / "left_behind.csv").exists()


def test_a_failed_ambulance_is_replaced_from_where_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At 08:10 the patient is aboard; the second ambulance comes to the village."""
    second = "救护车2,hospital,2,2022-12-07T07:00,2022-12-07T19:00,negative_pressure,confirmed\n"
    folder = write(tmp_path / "day", vehicles=TABLES["vehicles"] + second)
    before = run(capsys, folder)
    first = next(row["vehicle"] for row in before["rounds"] if row["request"] == "甲")
    other = {"救护车1": "救护车2", "救护车2": "救护车1"}[first]
    after = run(capsys, folder, fails=[first], at=datetime(2022, 12, 7, 8, 10))  # noqa: DTZ001 -- local
    mine = [row for row in after["rounds"] if row["request"] == "甲"]
    assert [(row["vehicle"], row["place"]) for row in mine] == [(other, "village"), (other, "hospital")]
    assert mine[0]["begin"] >= "2022-12-07T08:10:00"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"requests": TABLES["requests"].replace("甲,village", "甲,nowhere")},
            ("requests.csv", 2, "pickup", "nowhere", "unknown-code"),
        ),
        (
            {"requests": TABLES["requests"].replace("乙,", "甲,")},
            ("requests.csv", 3, "request", "甲", "row-twice"),
        ),
        (
            {
                "roads": TABLES["roads"] + "island,farm,1,10\n",
                "requests": TABLES["requests"] + "丙,island,site,1,contact,2022-12-07T08:00,,\n",
            },
            ("requests.csv", 4, "pickup", "island", "roads-disconnected"),
        ),
        (
            {
                "roads": TABLES["roads"] + "island,farm,1,10\n",
                "requests": TABLES["requests"].replace("village,site", "village,farm"),
            },
            ("requests.csv", 3, "delivery", "farm", "roads-disconnected"),
        ),
        (
            {
                "roads": TABLES["roads"] + "island,farm,1,10\n",
                "vehicles": TABLES["vehicles"].replace("中巴1,site", "中巴1,farm"),
            },
            ("vehicles.csv", 3, "base", "farm", "roads-disconnected"),
        ),
        (
            {"roads": TABLES["roads"].replace("0.5,20", "0.5,20000")},
            ("roads.csv", 2, "km", "20000", "out-of-range"),
        ),
        (
            {"roads": TABLES["roads"].replace("0.25,10", "0.25,900")},
            ("roads.csv", 3, "hours,km", "3600", "unit-mismatch"),
        ),
        ({"vehicles": TABLES["vehicles"].splitlines()[0] + "\n"}, ("vehicles.csv", None, None, "", "no-row")),
        (
            {"vehicles": TABLES["vehicles"].replace("中巴1,site,15", "中巴1,site,0")},
            ("vehicles.csv", 3, "seats", "0", "out-of-range"),
        ),
        (
            {"cleaning": TABLES["cleaning"].replace("contact,end,30\n", "")},
            ("cleaning.csv", None, "after,before", "contact,end", "row-missing"),
        ),
        (
            {"requests": TABLES["requests"].replace("2022-12-07T10:00", "2022-12-07T07:00")},
            ("requests.csv", 2, "deliver_until", "2022-12-07T07:00", "ends-before-it-begins"),
        ),
        (
            {"vehicles": TABLES["vehicles"].replace(",contact\n", ",contract\n")},
            ("vehicles.csv", 3, "categories", "contract", "unknown-code"),
        ),
    ],
)
def test_a_bad_table_is_named_by_file_row_and_column(
    tmp_path: Path, changes: dict[str, str], expected: tuple[object, ...]
) -> None:
    assert expected in findings(write(tmp_path / "day", **changes))


def test_a_failure_without_a_time_and_an_unknown_vehicle_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "day")
    with pytest.raises(InvalidInput, match="Nothing says when the vehicle fails"):
        transfer(folder, fails=["救护车1"], attempts=1, seconds=5.0, seed=1)
    with pytest.raises(InvalidInput, match="There is no vehicle '救护车9'"):
        transfer(
            folder,
            fails=["救护车9"],
            at=datetime(2022, 12, 7, 8, 10),  # noqa: DTZ001 -- local
            attempts=1,
            seconds=5.0,
            seed=1,
        )


def test_the_made_up_day_can_be_read_and_is_the_same_for_a_seed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_transfers(tmp_path / name, requests=20, vehicles=8, seed=3)
    first, second = (read_transfers(tmp_path / name) for name in ("one", "two"))
    assert len(first.problem.requests) == 20
    assert (first.problem.requests.pickup == second.problem.requests.pickup).all()
    assert (tmp_path / "one" / "vehicles.csv").read_bytes() == (
        tmp_path / "two" / "vehicles.csv"
    ).read_bytes()
