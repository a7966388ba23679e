"""The brief from files: strict as of a day, equal to sums made by hand, and on two sheets of paper."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from fangxian.base.errors import InvalidDataset
from fangxian.plans.datasets import Dataset, load_descriptor, read_dataset
from fangxian.studies.brief.compose import compose_brief
from fangxian.studies.brief.contract import Brief
from fangxian.studies.brief.from_dataset import brief_input_from_dataset
from fangxian.studies.brief.render_docx import render_docx
from fangxian.studies.brief.render_html import render_html
from shared_data import shared_path

CHINA = ("china-cities-2020", "data/03_covid_china", "china_city_daily_2019-12_2020-12.csv")
ITALY = ("italy-regions", "data/04_hospital_icu", "italy_regions_daily_2020-02-24_2021-08-31.csv")
CHROMIUM = shutil.which("chromium")


def _brief(descriptor: str, folder: Path, place: str, as_of: date, *, until: date | None = None) -> Brief:
    dataset = read_dataset(load_descriptor(descriptor), folder, until=until)
    return compose_brief(brief_input_from_dataset(dataset, place, as_of))


def _text(brief: Brief) -> list[str]:
    document = Document(io.BytesIO(render_docx(brief)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [line.text for line in document.paragraphs] + cells


@pytest.mark.parametrize(
    ("source", "day_of", "place", "as_of"),
    [
        (CHINA, lambda row: row["date"], "42", date(2020, 2, 5)),
        (ITALY, lambda row: row["data"][:10], "IT", date(2020, 11, 1)),
    ],
)
def test_future_rows_change_no_byte(
    source: tuple[str, str, str],
    day_of: Callable[[dict[str, str]], str],
    place: str,
    as_of: date,
    tmp_path: Path,
) -> None:
    """A file cut after the day, and the same file with all the future behind it, give the same brief."""
    descriptor, folder, name = source
    whole = shared_path(f"{folder}/{name}")
    for beside in whole.parent.glob("*population*.csv"):
        shutil.copy(beside, tmp_path)
    with whole.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    past = [row for row in rows if day_of(row) <= as_of.isoformat()]
    future = [row for row in rows if day_of(row) > as_of.isoformat()]
    assert past
    assert future
    made = []
    for kept in (past, past + future):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept)
        brief = _brief(descriptor, tmp_path, place, as_of, until=as_of)
        made.append((brief.to_json(), render_html(brief), render_docx(brief), _text(brief)))
        unread = _brief(descriptor, tmp_path, place, as_of)
        assert unread.indicators == brief.indicators
    assert made[0] == made[1]


def test_city_equals_the_differences_of_the_raw_rows() -> None:
    """New cases of Handan on 5 February 2020 are the confirmed total less that of the day before."""
    folder = shared_path(CHINA[1])
    totals = {}
    with (folder / CHINA[2]).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["cityCode"] == "130400" and row["date"] <= "2020-02-05":
                totals[row["date"]] = int(row["confirmed"])
    brief = _brief(CHINA[0], folder, "1304", date(2020, 2, 5), until=date(2020, 2, 5))
    cases = brief.indicator("new_cases")
    assert cases is not None
    assert cases.value == totals["2020-02-05"] - totals["2020-02-04"]
    assert cases.sum_7d == totals["2020-02-05"] - totals["2020-01-29"]
    assert cases.cumulative is not None
    assert cases.cumulative.value == totals["2020-02-05"]


def test_nation_without_rows_is_the_sum_of_its_regions() -> None:
    """Italy has no row: people in hospital are the sum over 21 regions, and the coverage says 21 of 21."""
    folder = shared_path(ITALY[1])
    with (folder / ITALY[2]).open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["data"].startswith("2020-11-01")]
    brief = _brief(ITALY[0], folder, "IT", date(2020, 11, 1), until=date(2020, 11, 1))
    hospital, intensive = brief.indicator("in_hospital"), brief.indicator("intensive_care")
    assert hospital is not None
    assert intensive is not None
    assert hospital.value == sum(int(row["totale_ospedalizzati"]) for row in rows)
    assert intensive.value == sum(int(row["terapia_intensiva"]) for row in rows)
    assert (hospital.coverage.reported, hospital.coverage.due) == (21, 21)
    assert all(bed.total is None and bed.days_to_full is None for bed in brief.capacity)


def test_nothing_known_yet_is_refused_with_the_first_day() -> None:
    """A place of which no row speaks by that day is no brief of zeros."""
    folder = shared_path(CHINA[1])
    with pytest.raises(InvalidDataset, match=r"no figure of|no place"):
        _brief(CHINA[0], folder, "1304", date(2019, 12, 5), until=date(2019, 12, 5))


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("source", "place", "as_of"), [(CHINA, "CN", date(2020, 2, 20)), (ITALY, "IT", date(2020, 11, 1))]
)
def test_it_prints_on_two_sheets(
    source: tuple[str, str, str], place: str, as_of: date, language: str, tmp_path: Path
) -> None:
    """A whole country with 31 places below, every list full and the synthetic banner, is two A4 pages."""
    brief = _brief(source[0], shared_path(source[1]), place, as_of, until=as_of)
    brief = brief.model_copy(update={"synthetic": True})
    page, printed = tmp_path / "brief.html", tmp_path / "brief.pdf"
    page.write_text(render_html(brief, language), encoding="utf-8")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-pdf-header-footer",
    ]
    subprocess.run(
        [str(CHROMIUM), *flags, f"--print-to-pdf={printed}", page.as_uri()], check=True, capture_output=True
    )
    assert printed.read_bytes().count(b"/Type /Page\n") == 2


DESCRIPTOR = """
schema = 1

[dataset]
id = "tiny"
title = { zh = "小", en = "Tiny" }
source = "a test"
licence = "Apache-2.0"
plan = "PLAN"

[places]
country = "XX"
level_names = [{ level = 0, zh = "国", en = "Nation" }]
known = [
  { code = "XX", name = "Xland", level = 0 },
  { code = "P", name = "Pland", level = 1, parent = "XX" },
]

[[tables]]
id = "counts"
files = ["counts.csv"]
day = { column = "day" }
places = [{ level = 2, code = { column = "place" }, parent = { value = "P" } }]
fields = [{ field = "new_cases", columns = ["cases"], kind = "daily" }]
"""


def _tiny(folder: Path, rows: str) -> Dataset:
    (folder / "counts.csv").write_text("day,place,cases\n" + rows)
    (folder / "tiny.toml").write_text(DESCRIPTOR.replace("PLAN", "covid19-class-b-2023"), encoding="utf-8")
    return read_dataset(load_descriptor(folder / "tiny.toml"), folder)


def test_a_sum_that_lacks_a_place_names_the_day_and_the_place(tmp_path: Path) -> None:
    """The sum of 3 March is of one city of two; before its first report a city is not missed."""
    rows = "".join(f"2021-03-0{day},a,10\n" for day in range(1, 6))
    rows += "2021-03-02,b,5\n2021-03-03,b,oops\n2021-03-04,b,5\n2021-03-05,b,5\n"
    dataset = _tiny(tmp_path, rows)
    caveats = [text["en"] for text in brief_input_from_dataset(dataset, "P", date(2021, 3, 5)).caveats]
    assert "On 1 of the last 5 days the sum of new_cases lacks places below" in caveats[1]
    assert "last on 2021-03-03: 1 missing (b)" in caveats[1]
    assert "The files hold errors (value-unreadable)" in caveats[2]
    whole = _tiny(tmp_path, rows.replace("oops", "5"))
    caveats = [text["en"] for text in brief_input_from_dataset(whole, "P", date(2021, 3, 5)).caveats]
    assert not [text for text in caveats if "lacks" in text or "errors" in text]


def test_a_place_two_levels_above_the_rows_is_told_where_the_figures_stand(tmp_path: Path) -> None:
    """Sums are of the places directly below; the error says so and names them."""
    dataset = _tiny(tmp_path, "2021-03-01,a,10\n")
    with pytest.raises(InvalidDataset) as told:
        brief_input_from_dataset(dataset, "XX", date(2021, 3, 5))
    assert "the figures stand further below" in told.value.message["en"]
    assert "P Pland" in told.value.remedy["en"]


@pytest.mark.parametrize(
    ("as_of", "interval", "name"),
    [(date(2020, 2, 15), "4.7 ± 2.9", "ancestral"), (date(2022, 4, 10), "3.5 ± 2.4", "Omicron")],
)
def test_serial_interval_is_that_of_the_strain_of_the_day(as_of: date, interval: str, name: str) -> None:
    """A series over several strains is read with the interval of the one that spread on the day."""
    folder = shared_path("data/03_covid_china")
    brief = _brief("china-provinces", folder, "31", as_of, until=as_of)
    assert interval in brief.reproduction_number.method
    assert brief.disease is not None
    assert name in brief.disease.en
    assert any(interval in one.words.en for one in brief.unknowns)
