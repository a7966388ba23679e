"""``fangxian risk``: shares that add up, trips and tiers from files, every bad cell named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.risk import risk

HEAD = "place,population,weekly_cases,weekly_cases_before,severe_per_case,free_beds,longitude,latitude"
TABLE = f"""{HEAD}
甲,500000,100,100,0.05,25,114.0,36.0
乙,500000,300,100,0.05,25,114.2,36.0
丙,500000,100,100,0.05,5,114.3,36.1
"""


def written(folder: Path, text: str, name: str = "places.csv") -> Path:
    """Write a table."""
    path = folder / name
    path.write_text(text)
    return path


def test_shares_add_up_to_the_risk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The place that tripled comes first, through growth; shares and the average make its risk."""
    risk(written(tmp_path, TABLE), json_=True, lang="en")
    told = json.loads(capsys.readouterr().out)
    places = {one["name"]: one for one in told["places"]}
    assert told["places"][0]["name"] == "乙"
    for one in places.values():
        assert one["risk"] == pytest.approx(told["average_risk"] + sum(one["shares"].values()))
        assert set(one["shares"]) == {"level", "growth", "importation", "susceptibility", "capacity"}
    assert max(places["乙"]["shares"], key=places["乙"]["shares"].get) == "growth"
    assert places["丙"]["shares"]["capacity"] > 0 > places["甲"]["shares"]["capacity"]
    risk(written(tmp_path, TABLE))
    assert "| 乙 | 99% |" in capsys.readouterr().out


def test_trips_and_tiers_take_the_place_of_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A place to which the sick travel is more at risk; tiers make 3 severe cases of 100."""
    plain = "place,population,weekly_cases,growth_per_day,growth_deviation,free_beds\n"
    places = written(tmp_path, plain + "".join(f"{name},100000,{n},0,0.02,10\n" for name, n in ROWS))
    trips = written(tmp_path, "from,to,people_per_day\n城,近,5000\n", "trips.csv")
    head = "place,tier,population_share,severe_unvaccinated,vaccinated,effectiveness\n"
    rows = (f"{name},old,0.5,0.1,0.5,0.8\n{name},young,0.5,0,0,0\n" for name, _ in ROWS)
    tiers = written(tmp_path, head + "".join(rows), "tiers.csv")
    risk(places, trips=trips, tiers=tiers, json_=True)
    told = {one["name"]: one for one in json.loads(capsys.readouterr().out)["places"]}
    assert told["近"]["risk"] > told["远"]["risk"]
    assert told["近"]["impact"] == pytest.approx(
        1 - 2.718281828 ** -((20 + 500 * 5000 / 1e5) * 0.03 * 10 / 7 / 10), rel=1e-3
    )


ROWS = (("城", 500), ("近", 20), ("远", 20))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TABLE.replace("300", "many"), "places.csv, row 3, column weekly_cases: 'many' is not a number"),
        (TABLE.replace(",25,114.2", ",-1,114.2"), "row 3, column free_beds: -1 is out of range"),
        (TABLE.replace("乙", "甲"), "row 3, column place: This row stands here twice"),
        (TABLE.replace(",100,0.05,5", ",,0.05,5"), "row 4, column growth_per_day: Neither the growth nor"),
        (TABLE.replace("0.05,5,", ",5,"), "row 4, column severe_per_case: .* or give --tiers"),
        (TABLE.replace("114.3,36.1", ","), "row 4, column longitude: .* or give --trips"),
        (
            TABLE.replace("300,100", "500001,100"),
            "row 3, column weekly_cases: 500001 is more than the people",
        ),
        (TABLE.replace("population", "people"), "It lacks the columns population"),
    ],
)
def test_bad_cells_are_named(tmp_path: Path, text: str, message: str) -> None:
    """File, row, column and remedy of what cannot be taken."""
    with pytest.raises(InvalidInput, match=message):
        risk(written(tmp_path, text))


def test_bad_companions_and_options_are_named(tmp_path: Path) -> None:
    """A trip to nowhere, tiers that do not sum to 1, an alert rate of 0."""
    places = written(tmp_path, TABLE)
    trips = written(tmp_path, "from,to,people_per_day\n甲,丁,5\n", "trips.csv")
    with pytest.raises(InvalidInput, match=r"trips.csv, row 2, column to: There is no '丁'") as refused:
        risk(places, trips=trips)
    assert refused.value.findings[0].remedy["zh"] == "请改正，或在 places.csv 中加上。"
    trips = written(tmp_path, "from,to,people_per_day\n甲,乙,1e8\n", "trips.csv")
    with pytest.raises(InvalidInput, match=r"trips.csv, row 2, column people_per_day: 1\d+ is more than"):
        risk(places, trips=trips)
    head = "place,tier,population_share,severe_unvaccinated,vaccinated,effectiveness\n"
    tiers = written(tmp_path, head + "甲,old,0.5,0.1,0.5,0.8\n", "tiers.csv")
    with pytest.raises(InvalidInput, match="The population shares of 甲 do not sum to 1"):
        risk(places, tiers=tiers)
    with pytest.raises(InvalidInput, match="must be above 0"):
        risk(places, alert_rate=0.0)
