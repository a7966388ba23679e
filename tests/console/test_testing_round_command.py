"""``fangxian testing-round``: tables in, a plan with its bound out; bad tables are named."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import typer

from fangxian.base.errors import InvalidInput
from fangxian.console.cli import made_up
from fangxian.console.cli.testing_round import testing_round as command
from fangxian.studies.testing_round.tables import read_round

TABLES = {
    "areas.csv": "area,people,prevalence,x_km,y_km\n"
    "甲村,900,0.001,0,0\n乙村,700,0.002,0.5,0\n丙村,1500,0.02,5,0\n",
    "sites.csv": "site,x_km,y_km,most_lanes\n甲点,0.1,0,2\n乙点,0.6,0,2\n丙点,5,0,3\n",
    "laboratories.csv": "laboratory,x_km,y_km,tubes_per_hour\n县疾控,0,3,500\n",
    "rules.csv": "name,value\nclock_hours,24\npool_sizes,1 10 20\nstaff,20\n",
}


def folder(path: Path, **changed: str) -> Path:
    """Write the tables, some of them changed."""
    for name, text in TABLES.items():
        (path / name).write_text(changed.get(name.removesuffix(".csv"), text), encoding="utf-8")
    return path


def test_plan_tables_and_json_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON alone goes to stdout; the tables hold everybody once; the cost adds up."""
    out = tmp_path / "out"
    command(folder(tmp_path), out=out, seconds=5, draws=50, json_=True)
    document = json.loads(capsys.readouterr().out)
    assert document["status"] in {"optimal", "stopped"}
    cost = document["cost_yuan"]
    assert sum(value for kind, value in cost.items() if kind != "total") == pytest.approx(cost["total"])
    assert document["bound_yuan"] <= cost["total"] + 1e-6
    with (out / "assignments.csv").open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    assert sum(float(row["people"]) for row in rows) == pytest.approx(3100)
    assert {row["area"]: (row["scheme"], row["pools"]) for row in rows}["丙村"] == ("tubes", "10")
    assert json.loads((out / "summary.json").read_text(encoding="utf-8")) == document
    assert document["forecast"]["tests"]["low"] <= document["forecast"]["tests"]["high"]


def test_words_name_the_gap_and_the_usual_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command(folder(tmp_path), seconds=5, draws=50, lang="zh")
    said = capsys.readouterr().out
    assert "差距" in said
    assert "照现行做法" in said
    assert "漏检" in said


def test_a_collision_is_told_and_leaves_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = TABLES["rules.csv"].replace("staff,20", "staff,4")
    with pytest.raises(typer.Exit) as caught:
        command(folder(tmp_path, rules=few), seconds=5, draws=50, lang="en")
    assert caught.value.exit_code == 3
    said = capsys.readouterr().out
    assert "swabbing everybody within the walking limit in one round, staff cannot hold together" in said
    assert "The cheapest way out" in said


@pytest.mark.parametrize(
    ("table", "old", "new", "place", "remedy"),
    [
        ("areas", "900", "-9", "areas.csv, row 2, column people: -9 is out of range", "between 0 and"),
        ("areas", "乙村", "甲村", "areas.csv, row 3, column area: This row stands here twice", "Keep one"),
        (
            "areas",
            "5,0",
            "50,0",
            "areas.csv, row 4, column area: From '丙村' no site is within",
            "Add a site",
        ),
        (
            "rules",
            "staff,20",
            "stuff,20",
            "rules.csv, row 4, column name: 'stuff' is not one",
            "Write one of",
        ),
        ("rules", "24", "12", "rules.csv, column value: The values do not hold: clock_hours", "Correct"),
        (
            "sites",
            "0.1,0,2",
            "100,40000,2",
            "sites.csv, row 2, column x_km,y_km: It lies 40000 km",
            "kilometres",
        ),
        ("laboratories", "500", "0", "laboratories.csv, row 2, column tubes_per_hour: 0", "at least"),
    ],
)
def test_bad_tables_are_named_with_their_remedy(
    table: str, old: str, new: str, place: str, remedy: str, tmp_path: Path
) -> None:
    text = TABLES[f"{table}.csv"].replace(old, new)
    with pytest.raises(InvalidInput) as caught:
        command(folder(tmp_path, **{table: text}))
    assert place in str(caught.value)
    assert remedy in str(caught.value)


def test_a_laboratory_out_of_reach_is_told_with_the_areas_and_the_hour(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    far = TABLES["laboratories.csv"].replace("0,3,500", "900,3,500")
    with pytest.raises(typer.Exit):
        command(folder(tmp_path, laboratories=far), seconds=5, draws=50, lang="en")
    said = capsys.readouterr().out
    assert (
        "from 3 areas (甲村, 乙村, 丙村) no site in reach has its last tubes in any laboratory by hour 14"
        in said
    )
    assert "leave 3,100 people to a later round" in said


def test_no_staff_is_told_with_what_it_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The staff there are and the price of one more are two things, each with its own name."""
    with pytest.raises(typer.Exit):
        command(folder(tmp_path, rules="name,value\nstaff,0\n"), seconds=5, draws=50, lang="en")
    assert "The cheapest way out (about 21,000 yuan): 14 more staff." in capsys.readouterr().out


def test_an_area_without_people_costs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder(tmp_path, areas=TABLES["areas.csv"].replace("900", "0"))
    command(path, seconds=5, draws=50, json_=True)
    document = json.loads(capsys.readouterr().out)
    assert document["bound_yuan"] <= document["cost_yuan"]["total"] + 1e-6
    assert document["gap"] <= 0.005


def test_made_up_tables_are_not_written_over_anything(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is not empty"):
        made_up.testing_round(folder(tmp_path))


@pytest.mark.parametrize(
    ("write", "files"),
    [
        (partial(made_up.testing_round, townships=2, villages=6, quarters=2), "areas.csv, risk_groups.csv"),
        (partial(made_up.testing_round, counties=2, townships=2, villages=6, quarters=2), "laboratories.csv"),
        (partial(made_up.roster, staff=20, days=7), "staff.csv, shifts.csv"),
        (partial(made_up.vaccination, townships=2, villages=6), "villages.csv, sites.csv"),
        (partial(made_up.referrals, patients=20, hospitals=12), "patients.csv"),
        (partial(made_up.transfers, requests=5, vehicles=3), "requests.csv"),
    ],
)
def test_one_front_makes_up_every_problem(
    write: Callable[..., None], files: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Labelled as synthetic, the same for the same seed."""
    write(out=tmp_path / "one", seed=3)
    assert capsys.readouterr().out.startswith("模拟数据 synthetic data: ")
    write(out=tmp_path / "two", seed=3)
    assert files in capsys.readouterr().out
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_what_the_tables_say_of_walks_drives_and_groups_is_what_is_planned(tmp_path: Path) -> None:
    """Given walks are the only ones; a given drive stands for the straight line of its pair alone."""
    path = folder(tmp_path)
    (path / "drives.csv").write_text("site,laboratory,drive_minutes\n乙点,县疾控,90\n", encoding="utf-8")
    (path / "walks.csv").write_text(
        "area,site,walk_minutes\n甲村,甲点,3\n乙村,甲点,12\n丙村,丙点,1\n丙村,甲点,99\n", encoding="utf-8"
    )
    (path / "risk_groups.csv").write_text(
        "area,group,people,prevalence\n丙村,密接,50,0.3\n", encoding="utf-8"
    )
    problem, _ = read_round(path)
    straight = 1.3 * np.hypot(0.1, 3) / 40
    assert problem.drive_hours[:2, 0] == pytest.approx([straight, 1.5])
    assert list(zip(problem.walk_area, problem.walk_site, problem.walk_minutes, strict=True)) == [
        (0, 0, 3.0),
        (1, 0, 12.0),
        (2, 2, 1.0),
    ]
    assert (problem.group_code, problem.group_area.tolist()) == (("密接",), [2])
    assert (problem.group_people.tolist(), problem.group_prevalence.tolist()) == ([50], [0.3])


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ("丁村,密接,5,0.1", "risk_groups.csv, row 2, column area: There is no '丁村'"),
        (
            "甲村,密接,901,0",
            "risk_groups.csv, row 2, column people: Up to this row the groups hold more people",
        ),
        (
            "丙村,密接,50,0.3\n丙村,次密接,60,0.3",
            "risk_groups.csv, row 3, column prevalence: Up to this row the groups hold more cases",
        ),
    ],
)
def test_groups_that_exceed_their_area_are_named(rows: str, place: str, tmp_path: Path) -> None:
    path = folder(tmp_path)
    (path / "risk_groups.csv").write_text(f"area,group,people,prevalence\n{rows}\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_round(path)
    assert place in str(caught.value)
