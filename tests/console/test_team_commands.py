"""``fangxian roster`` and ``fangxian vaccinate``: tables in, a plan with its bound out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.roster import roster
from fangxian.console.cli.vaccinate import vaccinate
from fangxian.logistics.rostering.problem import UNPUBLISHED
from fangxian.studies.rosters.synthetic import write_synthetic_roster
from fangxian.studies.rosters.tables import read_roster

ROSTER = {
    "staff": "staff,home,skills,most_load\n甲,H1,护士;重症护士,40\n乙,H1,护士,40\n丙,H2,护士,40\n",
    "shifts": "shift,start_hour,hours,night,load\n白,8,8,no,2\n夜,0,8,yes,3\n",
    "needs": "date,place,shift,skill,need\n"
    + "".join(f"2022-12-{day},H1,白,护士,1\n2022-12-{day},H1,夜,重症护士,1\n" for day in range(12, 19)),
    "pairs": "home,place\nH2,H1\n",
    "absences": "staff,from,to,reason\n乙,2022-12-14,2022-12-18,infected\n",
    "published": "staff,date,shift\n甲,2022-12-12,夜\n乙,2022-12-13,off\n",
}
CAMPAIGN = {
    "villages": "village,x_km,y_km,walks,needs_lift,homebound\n东村,0,0,50,10,4\n西村,12,0,30,20,6\n",
    "sites": "site,x_km,y_km,doses\n卫生院,0.5,0,40\n",
    "bases": "base,x_km,y_km,teams\n卫生院,0.5,0,1\n",
    "rules": "name,value\ndoses,90\nhalf_days,6\n",
}


def folder(path: Path, tables: dict[str, str], **changed: str) -> Path:
    """Write tables, some of them changed."""
    for name, text in (tables | changed).items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def test_a_roster_is_written_and_its_open_hours_are_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seven nights, one person who can: two stay open, and the reason is rest."""
    out = tmp_path / "out"
    roster(folder(tmp_path, ROSTER), out=out, seconds=0.5, json_=True)
    document = json.loads(capsys.readouterr().out)
    assert document["missing"] == 2
    assert document["bound"] <= document["cost"]["total"]
    assert all(each["skill"] == "重症护士" for each in document["unfilled"])
    assert "夜班后须休息" in document["sentences"][-1]["zh"]
    assert document["sentences"][-1]["en"].endswith("The cheapest way out: bring in 1 more with the skill.")
    with (out / "roster.csv").open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) >= 12
    assert not any(row["staff"] == "乙" and row["date"] >= "2022-12-14" for row in rows)


def test_a_campaign_is_written_with_who_is_left_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    vaccinate(folder(tmp_path, CAMPAIGN), out=out, seconds=5, lang="en")
    assert "proven to be at most" in capsys.readouterr().out
    document = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert sum(document["vaccinated"].values()) <= 90
    assert document["vaccinated"]["homebound"] > 0
    with (out / "villages.csv").open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["village"] for row in rows} == {"东村", "西村"}
    assert all(row["reason_zh"] for row in rows)
    with (out / "schedule.csv").open(encoding="utf-8-sig") as lines:
        turns = [(row["base"], row["team"], row["half_day"]) for row in csv.DictReader(lines)]
    assert len(set(turns)) == len(turns) <= 6


def test_what_was_published_and_what_was_before_is_what_the_tables_say(tmp_path: Path) -> None:
    """A day off is published as such, days without a row are not; rows outside the period are left out."""
    staff = ROSTER["staff"].replace("most_load", "most_load,last_shift,days_in_row,nights_in_row")
    staff = staff.replace("护士;重症护士,40", "护士;重症护士,40,夜,2,1").replace("护士,40\n", "护士,40,,,\n")
    told = ROSTER["published"] + "丙,2022-12-18,白\n丙,2022-12-19,白\n丙,2022-12-11,白\n"
    problem = read_roster(folder(tmp_path, ROSTER, staff=staff, published=told))
    assert problem.published[0].tolist() == [2, *[UNPUBLISHED] * 6]
    assert problem.published[1].tolist() == [UNPUBLISHED, 0, *[UNPUBLISHED] * 5]
    assert problem.published[2].tolist() == [*[UNPUBLISHED] * 6, 1]
    assert problem.last_shift.tolist() == [1, -1, -1]
    assert (problem.days_in_row[0], problem.nights_in_row[0]) == (2, 1)


def test_a_small_made_up_team_can_be_read_though_some_places_have_nobody(tmp_path: Path) -> None:
    write_synthetic_roster(tmp_path, seed=1, staff=6, days=3)
    assert len(read_roster(tmp_path).place_code) < 10


def test_a_campaign_without_sites_and_bases_is_refused_by_file(tmp_path: Path) -> None:
    nothing = {"sites": "site,x_km,y_km,doses\n", "bases": "base,x_km,y_km,teams\n"}
    for bases in ("", "卫生院,0.5,0,0\n"):
        nobody = nothing | {"bases": nothing["bases"] + bases}
        with pytest.raises(InvalidInput, match=r"bases\.csv: There is neither a site with doses nor a base"):
            vaccinate(folder(tmp_path, CAMPAIGN, **nobody))


@pytest.mark.parametrize(
    ("table", "old", "new", "place"),
    [
        ("needs", "12,H1,白,护士,1", "12,H1,晚,护士,1", "needs.csv, row 2, column shift: There is no '晚'"),
        ("needs", "重症护士,1", "透析,1", "column skill: Nobody has the skill '透析'"),
        (
            "staff",
            "most_load\n甲,H1,护士;重症护士,40",
            "most_load,fair_load\n甲,H1,护士;重症护士,10,40",
            "staff.csv, row 2, column fair_load: A fair share of 40 is above the most_load",
        ),
        ("needs", "2022-12-18", "2023-12-18", "needs.csv, column date: The period has 372 days"),
        ("absences", "2022-12-18", "2022-12-01", "absences.csv, row 2, column to: It ends on 2022-12-01"),
        (
            "absences",
            "乙,2022-12-14,2022-12-18,infected\n",
            2 * "乙,2022-12-14,2022-12-18,infected\n",
            "absences.csv, row 3, column staff,from,to: This row stands here twice",
        ),
        ("absences", "乙", "丁", "absences.csv, row 2, column staff: There is no '丁'"),
        ("shifts", "no,2", "maybe,2", "shifts.csv, row 2, column night: 'maybe' is not one of the words"),
    ],
)
def test_bad_roster_tables_are_named(table: str, old: str, new: str, place: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        roster(folder(tmp_path, ROSTER, **{table: ROSTER[table].replace(old, new)}))
    assert place in str(caught.value)


@pytest.mark.parametrize(
    ("table", "old", "new", "place"),
    [
        ("villages", "50", "-50", "villages.csv, row 2, column walks: -50 is out of range"),
        ("rules", "doses,90", "doses,-90", "rules.csv, column value: The values do not hold: doses"),
        ("villages", "12,0,30", "12000,0,30", "villages.csv, row 3, column x_km,y_km: It lies 12000 km from"),
        ("bases", "teams\n", "crews\n", "bases.csv, row 1: It lacks the columns teams"),
    ],
)
def test_bad_campaign_tables_are_named(table: str, old: str, new: str, place: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        vaccinate(folder(tmp_path, CAMPAIGN, **{table: CAMPAIGN[table].replace(old, new)}))
    assert place in str(caught.value)
