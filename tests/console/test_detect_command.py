"""``fangxian detect``: a table in, alarms with reasons out; every bad input is answered with its remedy."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
import pytest

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.detect import detect


def table(path: Path, values: list[object], step: int = 7, location: str = "甲县") -> Path:
    """Write a series that begins on 2020-01-06."""
    first = datetime.date(2020, 1, 6)
    lines = [f"{first + datetime.timedelta(step * k)},{location},{value}" for k, value in enumerate(values)]
    path.write_text("date,location,value\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def weekly(weeks: int = 160, spike: int = 60) -> list[object]:
    """Counts near 10 with a spike in the last week."""
    return [*np.random.default_rng(8).poisson(10, weeks - 1).tolist(), spike]


METHODS = {
    "surprise": [],
    "earsC1": [],
    "earsC2": ["baseline=9"],
    "farringtonFlexible": ["b=2", "noPeriods=5"],
    "farrington": ["b=2"],
    "cusum": ["trans=rossi"],
    "glrnb": ["alpha=NULL", "ret=cases"],
    "glrpois": [],
    "bayes2": [],
}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_spike_and_says_why(
    method: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last week is an alarm; the sentence holds its count, in both languages."""
    path = table(tmp_path / "s.csv", weekly())
    detect(path, method=method, option=METHODS[method], from_="2022-06-01", json_=True, lang="en")
    found = json.loads(capsys.readouterr().out)
    last = found["alarms"][-1]
    assert (last["location"], last["date"], last["observed"]) == ("甲县", "2023-01-23", 60)
    assert {"expected", "threshold", "score", "method", "reason"} <= set(last)
    assert "60 counted" in last["reason"]
    assert "计数 60" in last["words"]["zh"]
    assert found["frequency"] == "weekly"
    assert "NaN" not in json.dumps(found)


def test_text_names_what_could_not_be_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json the sentences are printed, and how many counts had no judgement."""
    path = table(tmp_path / "s.csv", weekly(30))
    detect(path, method="earsC2", lang="zh")
    out = capsys.readouterr().out
    assert "甲县 2020-07-27：计数 60" in out
    assert "9 个无法判断" in out


@pytest.mark.parametrize(
    ("dates", "frequency"),
    [
        (["2020-01-01", "2020-01-02", "2020-01-04"], "daily"),
        (["2020-W01", "2020-W03"], "weekly"),
        (["2020-01", "2020-02", "2020-05"], "monthly"),
        (["2020-01-31", "2020-02-29", "2020-03-31"], "monthly"),
        (["1", "2", "4"], "numbered"),
    ],
)
def test_the_rhythm_is_recognised_and_gaps_stay_missing(
    dates: list[str], frequency: str, tmp_path: Path
) -> None:
    """Days, weeks, months and mere numbers; a step that is not in the table is missing, not zero."""
    from fangxian.studies.detection.series import read_panel

    path = tmp_path / "s.csv"
    path.write_text("date,value\n" + "".join(f"{day},3\n" for day in dates))
    panel = read_panel(path)
    assert panel.frequency == frequency
    gap = dates[-1] not in {"2020-03-31"}
    assert np.isnan(panel.counts).any() == gap
    assert panel.labels[0] == dates[0]
    assert panel.labels[-1] == dates[-1]


def test_a_part_of_the_last_count_is_judged_as_a_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A usual count of which only a third is in is an alarm when the table says so."""
    path = tmp_path / "s.csv"
    rows = [f"{k + 1},{value}," for k, value in enumerate(weekly(80, spike=14))]
    path.write_text("date,value,completeness\n" + "\n".join(rows) + "\n")
    detect(path, from_="80", json_=True)
    assert json.loads(capsys.readouterr().out)["alarms"] == []
    path.write_text(path.read_text().replace("80,14,", "80,14,0.33"))
    detect(path, from_="80", json_=True)
    assert json.loads(capsys.readouterr().out)["alarms"][0]["observed"] == 14


def test_what_r_misses_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As R computes it a sudden rise in a silent series is no alarm: that and the way out are said."""
    values = [*([0, 0, 0, 1, 0, 0, 0, 0] * 20), 9]
    given = ["alpha=0.1", "mu0=0.1"]
    path = table(tmp_path / "s.csv", values)
    detect(path, method="glrnb", option=given, from_="2023-01-30", lang="en")
    said = capsys.readouterr().out
    assert "0 alarms" in said
    assert "1 rise(s) raise no alarm (its search does not find them); --option search=exact" in said
    two = (
        path.read_text(encoding="utf-8")
        + path.read_text(encoding="utf-8").replace("甲县", "乙县").split("\n", 1)[1]
    )
    path.with_name("two.csv").write_text(two, encoding="utf-8")
    detect(path.with_name("two.csv"), method="glrnb", option=given, from_="2023-01-30", lang="en")
    assert "2 rise(s) raise no alarm" in capsys.readouterr().out
    detect(path, method="glrnb", option=[*given, "search=exact"], from_="2023-01-30", lang="en")
    said = capsys.readouterr().out
    assert "1 alarms" in said
    assert "search" not in said


BAD = [
    ("when,value\n1,2\n", "lacks the columns date (it has when, value)"),
    ("date,value\n", "It holds no row"),
    ("date,value\nyesterday,2\n", "“yesterday” is not a date"),
    ("date,value\n2020-01-01,many\n", "row 2, column value: 'many' is not a number"),
    ("date,value\n2020-01-01,-3\n", "Put a correction on the day"),
    ("date,value\n2020-01-01,1\n2020-01-01,2\n", "stands there twice"),
    ("date,value\n2020-01-01,1\n2020-02,2\n", "mixes ways of writing dates"),
    ("date,value\n1820-01-01,1\n2020-01-01,1\n2020-01-02,1\n", "probably mistyped"),
    ("date,value\n2020-01-01,1\n", "too little past"),
    ("date,value\n2020-01-01,3e300\n", "row 2, column value: “3e+300” is more than any count of cases"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_table_that_cannot_be_taken_is_answered(text: str, message: str, tmp_path: Path) -> None:
    """The answer names the file, the row and what to do."""
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        detect(path)
    assert message in str(caught.value)
    assert caught.value.message["zh"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "oracle"}, "Use one of surprise"),
        ({"method": "farringtonFlexible", "option": ["q=3"]}, "has no option q=3"),
        ({"method": "farringtonFlexible", "option": ["b=many"]}, "option b cannot be “many”"),
        ({"method": "farringtonFlexible", "option": ["b=9"]}, "look back fewer years"),
        (
            {"method": "farringtonFlexible", "option": ["b=2", "populationOffset=TRUE"]},
            "no column population",
        ),
        ({"method": "earsC1", "option": ["alpha=2"]}, "it takes: > 0, < 1"),
        ({"method": "earsC1", "option": ["baseline=2"]}, "it takes: ≥ 3"),
        ({"method": "cusum", "option": ["m=foo"]}, "it takes: numbers / glm"),
        ({"method": "farrington", "option": ["limit54=5"]}, "it takes: cases,steps, e.g. 5,4"),
        ({"method": "glrnb", "option": ["mu0=0"]}, "it takes: > 0"),
        ({"method": "glrnb", "option": ["mu0=1,2"]}, "The option mu0 needs 1 or"),
        ({"method": "glrnb", "option": ["mu0=1", "alpha=NULL"]}, "leave mu0 out"),
        ({"method": "bayes", "option": ["actY=FALSE"]}, "no past to compare with"),
        ({"method": "cusum", "option": ["m=1,2"]}, "needs 1 or"),
        ({"from_": "2030-01-01"}, "The data run from 2020-01-06"),
        ({"from_": "soon"}, "“soon” is not a date"),
        ({"option": ["range=5:900"]}, "range leaves 1 to 160"),
        ({"method": "glrnb", "option": ["mu0=list(S=1,season=2)"]}, "S / trend / refit (season?)"),
        ({"option": ["definitionChange=many"]}, "option definitionChange cannot be"),
        ({"lang": "fr"}, "no language fr"),
    ],
)
def test_wrong_arguments_are_answered(arguments: dict[str, object], message: str, tmp_path: Path) -> None:
    """Every refusal says what can be given instead."""
    with pytest.raises(InvalidInput) as caught:
        detect(table(tmp_path / "s.csv", weekly()), **arguments)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert "must" not in caught.value.message["zh"]


@pytest.mark.parametrize("method", ["surprise", "earsC2", "farringtonFlexible", "cusum", "glrpois", "bayes1"])
@pytest.mark.parametrize(
    "values",
    [
        [0] * 160,
        [0] * 150 + [400] + [0] * 9,
        [1e8] * 160,
        [2.5] * 160,
        [5] * 60 + [""] * 5 + [5] * 95,
    ],
    ids=["zeros", "spike", "huge", "fractions", "month missing"],
)
def test_odd_series_give_numbers_or_a_remedy(
    method: str, values: list[object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Never a NaN in silence: figures are numbers or null, or the answer says what to do."""
    given = ["b=2"] if method == "farringtonFlexible" else []
    try:
        detect(table(tmp_path / "s.csv", values), method=method, option=given, json_=True)
    except InvalidInput as refusal:
        assert refusal.remedy["en"]
        return
    out = capsys.readouterr().out
    assert "NaN" not in out
    assert "Infinity" not in out
    json.loads(out)
