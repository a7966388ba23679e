"""Tables of counts and of forecasts: what is read, and how faults are named."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest

from fangxian.base.errors import InvalidInput
from fangxian.studies.forecast import read_counts, read_forecasts

HEADER = "forecast_date,target,target_end_date,location,type,quantile,value\n"


def written(folder: Path, text: str, name: str = "counts.csv") -> Path:
    """Return a file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_what_is_there_and_keeps_missing_apart_from_zero(tmp_path: Path) -> None:
    """Other columns are ignored, an empty value is missing."""
    path = written(
        tmp_path, "\ufefflocation,place,date,value\nDE,Germany,2021-03-02,\nDE,Germany,2021-03-01,0\n"
    )
    table = read_counts(path)
    assert table["date"].to_list() == [date(2021, 3, 1), date(2021, 3, 2)]
    assert table["value"].to_list() == [0.0, None]
    assert table["target"].to_list() == ["", ""]


def test_reads_gzip(tmp_path: Path) -> None:
    """As the hubs publish."""
    path = tmp_path / "counts.csv.gz"
    path.write_bytes(gzip.compress(b"date,location,value\n2021-03-01,DE,5\n"))
    assert read_counts(path)["value"].to_list() == [5.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "date,location,value\n2021-03-01,DE,many\n",
            "counts.csv, row 2, column value: 'many' is not a number",
        ),
        ("date,location,value\n2021-03-01,DE,inf\n", "row 2, column value: 'inf' is not a number"),
        ("date,location,value\n1/3/2021,DE,5\n", "row 2, column date: '1/3/2021' is not a date"),
        ("date,location,value\n2021-03-01,,5\n", "row 2, column location: The cell is empty"),
        (
            "date,location,value\n2021-03-01,DE,5\n2021-03-01,DE,6\n",
            "row 3, column location,date: This date has two values for one place (DE, 2021-03-01)",
        ),
        ("day,location,value\n2021-03-01,DE,5\n", "lacks the columns date"),
        ("date,location,value\n", "holds no row"),
        ("", "counts.csv: The file is empty"),
    ],
)
def test_faults_are_named_by_row_and_column(tmp_path: Path, text: str, message: str) -> None:
    """And say what to do, in two languages."""
    with pytest.raises(InvalidInput) as caught:
        read_counts(written(tmp_path, text))
    assert message in str(caught.value)
    assert caught.value.remedy["zh"]
    assert caught.value.remedy["en"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A wrong path is told, not traced."""
    with pytest.raises(InvalidInput, match=r"nothing\.csv: There is no such file"):
        read_counts(tmp_path / "nothing.csv")


def test_reads_forecasts_of_several_models(tmp_path: Path) -> None:
    """Points are passed over; levels are numbers, however written."""
    row = "2021-03-08,1 wk ahead inc case,2021-03-13,DE"
    path = written(
        tmp_path,
        "model," + HEADER + f"a,{row},point,NA,5\na,{row},quantile,0.100,4\nb,{row},quantile,0.1,6\n",
    )
    table = read_forecasts(path)
    assert table["model"].to_list() == ["a", "b"]
    assert table["quantile"].to_list() == [0.1, 0.1]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "2021-03-08,1 wk ahead inc case,2021-03-13,DE,quantile,50,4\n",
            "'50' is not a level between 0 and 1",
        ),
        (
            "2021-03-08,1 wk ahead inc case,soon,DE,quantile,0.5,4\n",
            "column target_end_date: 'soon' is not a date",
        ),
        ("2021-03-08,1 wk ahead inc case,2021-03-13,DE,quantile,0.5,\n", "A quantile has no value"),
        (
            "2021-03-08,1 wk ahead inc case,2021-03-13,DE,quantile,0.5,4\n" * 2,
            "row 3, column quantile: One forecast gives the level 0.5 twice",
        ),
        (
            "2021-03-08,1 wk ahead inc case,2021-03-13,DE,quantile,0.75,4\n"
            "2021-03-08,1 wk ahead inc case,2021-03-13,DE,quantile,0.5,6\n",
            "row 2, column value: 4 lies below the value of a lower level",
        ),
        (
            "2021-03-08,1 wk ahead inc case,2021-03-13,DE,quantile,0.5,4\n"
            "2021-03-08,1 wk ahead inc case,2021-03-13,DE,quantile,0.75,3.999\n",
            "row 3, column value: 3.999 lies below the value of a lower level",
        ),
        ("2021-03-08,1 wk ahead inc case,2021-03-13,DE,point,NA,4\n", "No row of counts.csv is a quantile"),
    ],
)
def test_faults_of_forecasts(tmp_path: Path, rows: str, message: str) -> None:
    """Named in the same way."""
    with pytest.raises(InvalidInput) as caught:
        read_forecasts(written(tmp_path, HEADER + rows))
    assert message in str(caught.value)
