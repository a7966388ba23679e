"""Population by age keeps its source, and another country is data: Italy loads without code of its own."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from fangxian.base.errors import InvalidInput
from fangxian.ground.places.models import Place, Population
from fangxian.ground.places.rules.populations import total_people
from fangxian.ground.places.rules.tables import read_csv, table_from
from fangxian.ground.places.selectors import (
    ancestors,
    children,
    find_places,
    level_label,
    place_by_code,
    populations_of,
)
from fangxian.ground.places.services import (
    Origin,
    import_places,
    import_populations,
    load_level_names,
    load_packaged,
    register_codes,
)
from shared_data import shared_path

pytestmark = pytest.mark.django_db


def test_census_of_handan_is_there_with_its_source() -> None:
    load_packaged(actor=None)
    city = place_by_code("1304")
    assert city.population == 9_413_990
    bands = {(one.age_low, one.age_high): one.people for one in populations_of(city)}
    assert bands[(0, 14)] + bands[(15, 59)] + bands[(60, None)] == city.population
    assert all("2020-11-01" in one.source for one in populations_of(city))
    assert place_by_code("130402").population is None


@pytest.mark.parametrize(
    ("row", "code"),
    [("1304,2020,0,x,5,s", "number-invalid"), ("1304,2020,60,59,5,s", "age-reversed"),
     ("9,2020,0,,5,s", "place-unknown"), ("1304,2020,0,,,s", "value-missing"),
     ("1304,2020,0,,5,", "value-missing"), ("1304,20,0,,5,s", "number-invalid")],
)  # fmt: skip
def test_each_mistake_in_population_is_named(small_city: Place, row: str, code: str) -> None:
    text = f"place_code,year,age_low,age_high,people,source\n{row}\n"
    with pytest.raises(InvalidInput, match="nothing was imported") as caught:
        import_populations(actor=None, table=read_csv("p.csv", text.encode()))
    assert [(one.code, one.row) for one in caught.value.findings] == [(code, 2)]
    assert not Population.objects.exists()


@pytest.mark.parametrize(
    ("bands", "total"),
    [([], None), ([(0, None, 7)], 7), ([(0, 14, 1), (15, None, 2)], 3), ([(0, 14, 1), (16, None, 2)], None),
     ([(0, 14, 1), (10, None, 2)], None), ([(15, None, 2)], None), ([(0, 14, 1)], None),
     ([(0, None, 9), (0, 14, 4), (60, None, 1)], 9)],
)  # fmt: skip
def test_part_of_a_population_is_no_population(bands: list, total: int | None) -> None:
    assert total_people(bands) == total


def italian_tables() -> tuple[bytes, list[dict[str, object]], dict[str, str]]:
    regions, bands = {}, []
    with shared_path("data/04_hospital_icu/italy_population_region_age.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            code = f"IT-{row['codice_regione']}"
            regions[code] = row["denominazione_regione"]
            low, _, high = row["range_eta"].partition("-")
            age = {"age_low": low.rstrip("+"), "age_high": high or None}
            people = {"people": row["totale_generale"], "source": "pcm-dpc, CC-BY-4.0"}
            bands.append({"place_code": code, "year": 2021, **age, **people})
    provinces = {}
    name = "data/04_hospital_icu/italy_provinces_daily_5regions_2020-02-24_2021-08-31.csv"
    with shared_path(name).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            provinces[f"IT-{row['codice_provincia']}"] = (
                row["denominazione_provincia"], f"IT-{row['codice_regione']}",
            )  # fmt: skip
    text = "code,name,parent_code,level\nIT,Italia,,0\n"
    text += "".join(f"{code},{name},IT,1\n" for code, name in regions.items())
    text += "".join(f"{code},{name},{parent},2\n" for code, (name, parent) in provinces.items())
    return text.encode(), bands, {code.removeprefix("IT-"): code for code in regions}


def test_italy_loads_beside_china_with_its_own_level_names(small_city: Place) -> None:
    table, bands, codes = italian_tables()
    load_level_names(actor=None)
    import_places(actor=None, file=("italy.csv", table), origin=Origin("IT", "pcm-dpc, CC-BY-4.0"))
    import_populations(actor=None, table=table_from("population", bands))
    register_codes(actor=None, system="istat-region", codes=codes)
    lombardy = place_by_code("03", system="istat-region")
    assert (lombardy.code, lombardy.name, level_label(lombardy, "zh")) == ("IT-03", "Lombardia", "大区")
    milan = next(place for place in find_places("Milano") if place.country == "IT")
    assert level_label(milan, "en") == "Province"
    assert [place.code for place in ancestors(milan)] == ["IT", "IT-03"]
    assert len(children(lombardy, on=date(2021, 1, 1))) == 12
    assert sum(one.people for one in populations_of(lombardy)) == 9_597_086
    assert lombardy.population is None, "the file starts at the age of five in Lombardia"
    abruzzo = place_by_code("IT-13")
    assert abruzzo.population == sum(one.people for one in populations_of(abruzzo))
    assert level_label(small_city, "zh") == "市级"
