"""``fangxian forecast`` and ``fangxian score`` from file to file."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from fangxian.base.errors import InvalidInput, NotFound
from fangxian.console.cli import app


def call(*arguments: object) -> Result:
    """Run the command line."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    """Return half a year of daily counts of two targets in one place."""
    rng = np.random.default_rng(6)
    days = [date(2021, 1, 1) + timedelta(days=n) for n in range(200)]
    lines = ["date,location,target,value"]
    for target, mean in (("inc case", 400), ("inc death", 8)):
        lines += [f"{day},DE,{target},{rng.poisson(mean)}" for day in days]
    path = tmp_path / "counts.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_forecasts_are_written_and_scored(counts: Path, tmp_path: Path) -> None:
    """The options of the issue, the columns of the hubs, and scores by horizon and place as JSON."""
    out = tmp_path / "forecasts.csv"
    done = call(
        "forecast", counts, "--target", "inc case", "--frequency", "weekly", "--week-end", "saturday",
        "--as-of", "2021-05-03", "--as-of-range", "2021-05-10", "2021-06-07", "--every", 7,
        "--horizon", 4, "--out", out,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "6 rounds, 1 places, 552 quantiles" in done.output
    lines = out.read_text().splitlines()
    assert lines[0] == "forecast_date,target,target_end_date,location,type,quantile,value"
    assert lines[1].startswith("2021-05-03,1 wk ahead inc case,2021-05-08,DE,quantile,0.01,")
    assert len(lines) == 1 + 6 * 4 * 23
    scored = call("score", out, counts, "--json")
    assert scored.exit_code == 0, scored.output
    found = json.loads(scored.output)
    assert found["overall"][0]["forecasts"] == 24
    assert found["overall"][0]["wis"] < 200  # of about 2 800 cases a week, Poisson
    assert [record["horizon"] for record in found["by_horizon"]] == [1, 2, 3, 4]
    table = call("score", out, counts)
    assert "coverage_95" in table.output


def test_the_dates_are_asked_for(counts: Path, tmp_path: Path) -> None:
    """A forecast as of an unsaid day would be as of the clock."""
    result = call("forecast", counts, "--out", tmp_path / "f.csv")
    assert isinstance(result.exception, InvalidInput)
    assert "Nothing says as of which day. Add --as-of" in str(result.exception)


def test_a_date_before_the_data_is_told_and_passed_over(counts: Path, tmp_path: Path) -> None:
    """Of many rounds one that cannot be made does not undo the others; if none can, that is an error."""
    rest = ("--horizon", 1, "--out", tmp_path / "f.csv")
    mixed = call("forecast", counts, "--as-of", "2020-05-04", "--as-of", "2021-02-01", *rest)
    assert mixed.exit_code == 0
    assert "1 rounds" in mixed.output
    assert "in the eight weeks before 2020-05-04" in mixed.output
    none = call("forecast", counts, "--as-of", "2020-05-04", *rest)
    assert isinstance(none.exception, NotFound)


def test_a_level_shift_needs_a_date(counts: Path, tmp_path: Path) -> None:
    """With or without a place before it."""
    rest = ("--as-of", "2021-05-03", "--out", tmp_path / "f.csv")
    wrong = call("forecast", counts, "--level-shift", "DE=April", *rest)
    assert "The level shift 'DE=April' holds no date" in str(wrong.exception)
    assert call("forecast", counts, "--level-shift", "DE=2021-04-01", *rest).exit_code == 0
