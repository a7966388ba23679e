"""Margins of a city: what they say is read, and what contradicts itself is refused with its line."""

from __future__ import annotations

import gzip
import re
from importlib import resources

import pytest

from fangxian.base.errors import InvalidInput, NotFound
from fangxian.plans.cities import load_city, packaged_cities, packaged_city

FOLDER = resources.files("fangxian.plans.cities") / "packaged" / "1304"
DIVISIONS = resources.files("fangxian.ground.places") / "packaged" / "1304"


def written(tmp_path, change=lambda text: text):
    """Write the packaged margins, changed, beside their tables and return the path."""
    for name in ("places.csv.gz", "contacts-hebei.csv"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    path = tmp_path / "city.toml"
    path.write_text(change((FOLDER / "margins.toml").read_text(encoding="utf-8")), encoding="utf-8")
    return path


def test_packaged_handan_has_the_census():
    """The figures of the census as printed at its source."""
    margins = packaged_city("1304").margins
    assert packaged_cities() == ("1304",)
    assert margins.people.value == 9_413_990
    assert [band.people for band in margins.age_bands] == [2_416_185, 5_382_849, 490_043, 1_124_913]
    assert margins.households.family_households == 2_830_697
    mean = margins.households.people_in_family_households / margins.households.family_households
    assert round(mean, 2) == 3.15


def test_every_assumption_says_so():
    """What has no source has status default and a note or a comment; what has a source names it."""
    margins = packaged_city("1304").margins
    for name in type(margins).model_fields:
        value = getattr(margins, name)
        for record in value if isinstance(value, tuple) else (value,):
            if hasattr(record, "status") and record.status != "default":
                assert record.source is not None, name


def test_places_are_those_of_the_divisions_table():
    """The tree of the simulator is the tree of the reporting: every village once."""
    ours = {place.code for place in packaged_city("1304").places}
    lines = gzip.decompress((DIVISIONS / "villages.csv.gz").read_bytes()).decode().splitlines()[1:]
    villages = {line.split(",")[0] for line in lines}
    townships = {line.split(",")[0] for line in (DIVISIONS / "streets.csv").read_text().splitlines()[1:]}
    counties = {line.split(",")[0] for line in (DIVISIONS / "areas.csv").read_text().splitlines()[1:]}
    assert ours == villages | townships | counties


def test_a_file_of_ones_own_is_read(tmp_path):
    """Another city is another file, and no code."""
    path = written(tmp_path, lambda text: text.replace('code = "1304"', 'code = "9999"', 1))
    assert load_city(path).margins.code == "9999"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "people = 2416185",
            "people = 2416186",
            r"line \d+: The age bands have 9413991 people together, the city has 9413990\. They differ by 1",
        ),
        (
            "age_from = 15\nage_to = 59",
            "age_from = 16\nage_to = 59",
            "runs from 16 to 59; it should begin at 15",
        ),
        ("age_from = 65\n", "age_from = 65\nage_to = 90\n", "The bands end at age 90"),
        (
            "people_in_family_households = 8922082",
            "people_in_family_households = 8922083",
            "Family and collective households hold 9413991 people, the city has 9413990",
        ),
        ("shares = [0.0924829,", "shares = [0.1924829,", r"The shares of sizes sum to 1\.1"),
        (
            "family_households = 2830697",
            "family_households = 500000",
            "Households average 17.84 people, but sizes run",
        ),
        ("family_households = 2830697", "family_households = 9922082", "households hold 8922082 people"),
        ("family_households = 2830697", "family_households = 0", "There is no family household"),
        ("  315.0, 384.6,", "  384.6,", "There are 100 weights"),
        ("unstable = [0.002,", "unstable = [0.999,", "shares of one age group sum to 1.019"),
        ("employed = [0, 0.35,", "employed = [0.35,", "10 age groups have 9 values"),
        ("age_from = [0, 16, 20,", "age_from = [0, 20, 16,", r"Ages \[0, 20, 16"),
        ("within_county = 0.22", "within_county = 0.42", "in the township and in the county sum to 1.14"),
        (
            'source = "ferguson-2005"',
            'source = "fergusson-2005"',
            r"There is no \[\[source\]\] 'fergusson-2005'",
        ),
        ("value = 9413990", "value = 0", "at least 1"),
        ('file = "places.csv.gz"', 'file = "none.csv"', "Cannot read the table none.csv"),
        ('reach = "city"', 'reach = "nation"', "Use one of: 'township', 'county' or 'city'"),
    ],
)
def test_margins_that_contradict_themselves(tmp_path, old, new, message):
    """Each slip is named with its line, the values received and what to do."""
    path = written(tmp_path, lambda text: text.replace(old, new, 1))
    with pytest.raises(InvalidInput, match=message):
        load_city(path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,,甲,\na,,乙,\n", "Place a is named more than once"),
        ("a,b,甲,\n", "row 1: The parent b of place a does not come before it"),
        ("a,,甲,-1\n", "row 2, column weight: This row cannot be used"),
        ("", "There is no place"),
    ],
)
def test_tables_of_places_that_cannot_be_used(tmp_path, rows, message):
    """A place twice, without its parent, with a negative weight, and an empty table."""
    path = written(tmp_path, lambda text: text.replace("places.csv.gz", "mine.csv"))
    (tmp_path / "mine.csv").write_text("code,parent,name,weight\n" + rows, encoding="utf-8")
    with pytest.raises(InvalidInput, match=message):
        load_city(path)


def test_places_with_more_people_than_the_city(tmp_path):
    """Published numbers of places cannot exceed their parent."""
    path = written(tmp_path, lambda text: text.replace("places.csv.gz", "mine.csv"))
    (tmp_path / "mine.csv").write_text(
        "code,parent,name,people\na,,甲,9000000\nb,,乙,500000\n", encoding="utf-8"
    )
    with pytest.raises(InvalidInput, match="have 9500000 people together, more than its own 9413990"):
        load_city(path)


def test_a_matrix_that_is_not_square(tmp_path):
    """A setting that lacks an age is refused."""
    path = written(tmp_path)
    table = (tmp_path / "contacts-hebei.csv").read_text().splitlines()
    (tmp_path / "contacts-hebei.csv").write_text("\n".join(table[:-1]) + "\n")
    with pytest.raises(InvalidInput, match="The rows of community begin at ages"):
        load_city(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda text: re.sub(r"(?m)^(\w+),85,", r"\1,120,", text).replace("with_85", "with_120"),
            r"contacts-hebei\.csv, column age_from: The age groups of household begin at 0, .*, 80, 120; "
            r"they must rise from 0 to at most 100\. Give the ages outside the matrix their contacts",
        ),
        (
            lambda text: re.sub(r"(?m)^(\w+),0,", r"\1,3,", text).replace("with_0", "with_3"),
            r"The age groups of household begin at 3, 5, .* they must rise from 0",
        ),
        (
            lambda text: text.replace("with_85", "with_84"),
            r"column with_…: The rows of household begin at ages 0, .*, 85, the columns at 0, .*, 84\. "
            "Give each age group a row and a column",
        ),
    ],
)
def test_ages_outside_the_matrix_are_refused(tmp_path, change, message):
    """Ages without contacts, ages beyond life, and rows that do not answer the columns; in both languages."""
    path = written(tmp_path)
    table = tmp_path / "contacts-hebei.csv"
    table.write_text(change(table.read_text("utf-8")), "utf-8")
    with pytest.raises(InvalidInput, match=message) as caught:
        load_city(path)
    [finding] = caught.value.findings
    assert "岁" in finding.sentence("zh")
    assert "with_年龄" in finding.remedy["zh"] or "最后一组" in finding.remedy["zh"]


def test_cities_and_files_that_are_not_there(tmp_path):
    """A city that is not packaged names those that are."""
    with pytest.raises(NotFound, match="Did you mean '1304'"):
        packaged_city("1303")
    with pytest.raises(NotFound, match="Cannot read"):
        load_city(tmp_path / "nowhere.toml")
