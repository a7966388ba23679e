"""The four shipped descriptors read the real files, and figures agree with the raw rows."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from fangxian.plans.datasets import Dataset, load_descriptor, read_dataset
from shared_data import shared_path

CHINA, ITALY = "data/03_covid_china", "data/04_hospital_icu"


def _read(name: str, folder: str, **options: date) -> Dataset:
    return read_dataset(load_descriptor(name), shared_path(folder), **options)


def _rows(path: Path, **wanted: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if all(row[key] == text for key, text in wanted.items())]


def _value(dataset: Dataset, place: str, field: str, day: date) -> float | None:
    found = dataset.values.filter(place_code=place, field=field, day=day)["value"].to_list()
    return found[0] if found else None


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("china-cities-2020", CHINA),
        ("china-provinces", CHINA),
        ("italy-regions", ITALY),
        ("shanghai-districts-2022", CHINA),
    ],
)
def test_laws_hold_on_real_data(name: str, folder: str) -> None:
    """Every row is accounted for, nothing is negative, keys are unique, the tree closes."""
    dataset = _read(name, folder)
    rows = dataset.rows
    assert rows.read == rows.used + rows.left_out + rows.skipped + rows.refused + rows.later
    assert rows.used > 0.98 * rows.read
    assert dataset.values.filter(pl.col("value") < 0).is_empty()
    assert not dataset.values.select("place_code", "form", "field", "day").is_duplicated().any()
    assert [finding for finding in dataset.findings if finding.severity == "error"] == []
    parents = dataset.places["parent_code"].drop_nulls()
    assert parents.is_in(dataset.places["code"].to_list()).all()
    assert dataset.places.filter(pl.col("parent_code").is_null()).height == 1
    assert {names.level for names in dataset.level_names} >= set(dataset.places["level"])


def test_chinese_cities_keep_every_total_and_the_61_revisions() -> None:
    """Handan's last total is that of the file; the 61 downward revisions that its README counts are kept."""
    dataset = _read("china-cities-2020", CHINA)
    raw = _rows(shared_path(f"{CHINA}/china_city_daily_2019-12_2020-12.csv"), cityCode="130400")
    totals = {(row[0], row[2]): row[3] for row in dataset.totals().rows()}
    assert totals["1304", "new_cases"] == float(raw[-1]["confirmed"])
    assert dataset.corrections.filter(field="new_cases").height == 61
    at = next(index for index, row in enumerate(raw) if row["date"] == "2020-02-01")
    expected = int(raw[at]["confirmed"]) - int(raw[at - 1]["confirmed"])
    assert _value(dataset, "1304", "new_cases", date(2020, 2, 1)) == expected
    assert dataset.places.filter(code="1304").select("name", "parent_code", "level").row(0) == (
        "邯郸市",
        "13",
        2,
    )


def test_wuhan_lost_days_are_unknown_and_not_zero() -> None:
    """A day on which Wuhan's total fell has no count, and the correction carries the fall."""
    dataset = _read("china-cities-2020", CHINA)
    fall = dataset.corrections.filter(place_code="4201", field="new_cases").row(0, named=True)
    assert _value(dataset, "4201", "new_cases", fall["day"]) is None
    assert fall["amount"] == fall["revised"] - fall["previous"] < 0


def test_italy_counts_as_published() -> None:
    """Lombardy on 21 March 2020, and the published peak of intensive care in the country."""
    dataset = _read("italy-regions", ITALY)
    path = shared_path(f"{ITALY}/italy_regions_daily_2020-02-24_2021-08-31.csv")
    raw = next(row for row in _rows(path, codice_regione="03") if row["data"].startswith("2020-03-21"))
    day = date(2020, 3, 21)
    assert _value(dataset, "03", "new_cases", day) == float(raw["nuovi_positivi"])
    assert _value(dataset, "03", "in_hospital", day) == float(raw["totale_ospedalizzati"])
    icu = dataset.values.filter(field="intensive_care").group_by("day").agg(pl.col("value").sum())
    assert icu["value"].max() == 4068
    assert dataset.find_place("P.A. Trento") == "22"
    people = dict(dataset.places.select("code", "population").rows())
    assert people["01"] == 4_311_217
    assert people["03"] is None


def test_provinces_in_pinyin_have_their_codes() -> None:
    """shanxi is 14 and shanxis 61, and Shanghai's figures of 13 April 2022 are those of its bulletin."""
    dataset = _read("china-provinces", CHINA)
    raw = _rows(
        shared_path(f"{CHINA}/province_daily_2020-01_2022-12.csv"), province="shanxis", ymd="2021-12-27"
    )
    assert _value(dataset, "61", "new_cases", date(2021, 12, 27)) == float(raw[0]["conadd"])
    assert _value(dataset, "31", "new_cases", date(2022, 4, 13)) == 2573
    assert _value(dataset, "71", "in_hospital", date(2022, 12, 1)) is None


def test_shanghai_districts_count_a_doubled_day_once() -> None:
    """1 April 2022 stands twice in the file; the names of two sources meet in one place."""
    dataset = _read("shanghai-districts-2022", CHINA)
    assert _value(dataset, "310115", "asymptomatic", date(2022, 4, 1)) == 2505
    assert _value(dataset, "310115", "in_hospital", date(2022, 3, 19)) == 44
    assert _value(dataset, "31", "new_cases", date(2022, 3, 19)) == 17
    assert dataset.places.filter(level=3).height == 16


@pytest.mark.parametrize(("name", "folder"), [("china-cities-2020", CHINA), ("italy-regions", ITALY)])
def test_as_of_a_day_nothing_later_is_seen(name: str, folder: str) -> None:
    """What is read until a day is the beginning of what is read of the whole file."""
    until = date(2020, 4, 30)
    part, whole = _read(name, folder, until=until), _read(name, folder)
    assert part.values.equals(whole.values.filter(pl.col("day") <= until))
    assert part.corrections.equals(whole.corrections.filter(pl.col("day") <= until))
    assert part.rows.later > 0
