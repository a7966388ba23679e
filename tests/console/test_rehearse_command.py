"""`fangxian rehearse`: a folder that can be repeated, errors with their remedy, clean interruption."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from importlib import resources

import polars as pl
import pytest
from typer.testing import CliRunner

from fangxian.base.errors import FangxianError, InvalidInput, InvalidPlan, NotFound
from fangxian.console.cli import app
from fangxian.console.cli.rehearse import _say_doubts
from fangxian.plans.loader import packaged_plan_text
from fangxian.studies.rehearsal.order import Order, recipe_of
from fangxian.studies.rehearsal.play import Question
from fangxian.studies.rehearsal.stage import Scenario

SMALL = [
    "--people",
    "1500",
    "--days",
    "20",
    "--replicates",
    "2",
    "--jobs",
    "1",
    "--infected-per-million",
    "20000",
]
PLAN = "covid19-class-b-2023"
HANDAN = resources.files("fangxian.plans.cities") / "packaged" / "1304"
ONE_PERSON = ["--people", "1", "--days", "5", "--replicates", "1", "--jobs", "1", "--r0", "0"]


def refused(*arguments: str) -> FangxianError:
    """Run a command that must be refused and return why."""
    result = CliRunner().invoke(app, ["rehearse", *arguments])
    assert isinstance(result.exception, FangxianError), result.output
    assert result.exception.remedy["zh"]
    assert result.exception.remedy["en"]
    return result.exception


def test_a_rehearsal_writes_a_folder_that_can_be_repeated(tmp_path):
    """Tables, curves, page and manifest; the same again says so."""
    out = tmp_path / "look"
    result = CliRunner().invoke(
        app, ["rehearse", PLAN, "--nothing", "--trees", *SMALL, "--out", str(out), "--json"]
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["synthetic"] is True
    assert [one["id"] for one in told["scenarios"]] == ["nothing", PLAN]
    assert told["people"] == 1500
    assert len(told["sentences"]) == len(told["units"])
    written = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert written >= {
        "manifest.json", "rehearsal.html", "curves.svg", "curves.png", "figures.csv", "figures.json",
        "series.csv", "series.parquet", "switches.parquet",
        f"details/{PLAN}-001.parquet", f"details/{PLAN}-001-tree.parquet",
        f"details/{PLAN}-001-measures.parquet", f"details/{PLAN}-001-areas.parquet",
        "inputs/city/margins.toml", "inputs/city/places.csv.gz", "inputs/disease.toml", f"inputs/{PLAN}.toml",
    }  # fmt: skip
    assert "模拟数据" in (out / "rehearsal.html").read_text("utf-8")
    moved = out.rename(tmp_path / "elsewhere")
    again = CliRunner().invoke(app, ["rehearse", "--repeat", str(moved), "--jobs", "1"])
    assert again.exit_code == 0, again.output
    assert "byte for byte" in again.output


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ([], InvalidInput, "No plan was named"),
        ([PLAN], InvalidInput, "Nothing says where to write"),
        (["covid19-class-b"], NotFound, "There is no packaged plan 'covid19-class-b'"),
        (["nowhere.toml"], NotFound, "Cannot read nowhere.toml"),
        ([PLAN, "--disease", "measles"], NotFound, "There is no packaged disease 'measles'"),
        ([PLAN, "--city", "9999"], NotFound, "There is no packaged city '9999'"),
        ([PLAN, "--days", "0"], InvalidInput, r"--days cannot be 0\. Write a whole number from 1 to 1,000"),
        ([PLAN, "--r0", "-1"], InvalidInput, r"--r0 cannot be -1\. Write a number from 0 to 100"),
        ([PLAN, "--r0", "nan"], InvalidInput, "--r0 cannot be nan"),
        ([PLAN, "--infected-per-million", "2e6"], InvalidInput, "cannot be 2000000"),
        ([PLAN, "--seed", "-1"], InvalidInput, "--seed cannot be -1"),
        ([PLAN, "--jobs", "0"], InvalidInput, "--jobs cannot be 0"),
        ([PLAN, "--replicates", "0"], InvalidInput, "--replicates cannot be 0"),
        ([PLAN, "--people", "0"], InvalidInput, "--people cannot be 0"),
        ([PLAN, "--lang", "fr"], InvalidInput, "There is no language fr"),
        (["--repeat", "nowhere"], InvalidInput, "Cannot read the manifest nowhere"),
    ],
)  # fmt: skip
def test_what_cannot_be_rehearsed_is_told_with_its_remedy(arguments, kind, words):
    """Each refusal says what was given and what to do, before anything is built."""
    error = refused(*arguments)
    assert isinstance(error, kind)
    with pytest.raises(kind, match=words):
        raise error


def test_a_thousand_million_people_are_refused_with_the_memory_they_take(tmp_path):
    """On any machine of today: the memory is said before it is asked for."""
    error = refused(PLAN, "--people", "1000000000", "--jobs", "1", "--out", str(tmp_path / "big"))
    assert "GB of memory; this machine has" in error.message["en"]
    assert "--people" in error.remedy["en"]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    """Nothing is overwritten."""
    (tmp_path / "kept.txt").write_text("kept")
    error = refused(PLAN, *SMALL, "--out", str(tmp_path))
    assert "is not empty" in error.message["en"]


def test_a_plan_with_a_trigger_that_never_fires_is_refused_at_its_line(tmp_path):
    """The findings of the checker come through."""
    path = tmp_path / "ours.toml"
    text = packaged_plan_text(PLAN).replace('"in_hospital * 10000 >= population"', '"positivity >= 5"')
    path.write_text(text, "utf-8")
    error = refused(str(path), *SMALL, "--out", str(tmp_path / "out"))
    assert isinstance(error, InvalidPlan)
    [finding] = [one for one in error.findings if one.severity == "error"]
    assert finding.line == text[: text.index("positivity >= 5")].count("\n") + 1
    assert not (tmp_path / "out").exists()


def test_a_capacity_of_zero_is_asked_about_and_answered(tmp_path):
    """Without a ward bed nobody is admitted, and the command says which number is zero."""
    path, out = tmp_path / "ours.toml", tmp_path / "out"
    path.write_text(packaged_plan_text(PLAN).replace("ward_per_1000 = 2.0", "ward_per_1000 = 0"), "utf-8")
    result = CliRunner().invoke(app, ["rehearse", str(path), *SMALL, "--out", str(out), "--lang", "en"])
    assert result.exit_code == 0, result.output
    assert "warning: covid19-class-b-2023.toml, line" in result.stderr
    assert "ward_per_1000 is 0: nobody finds a ward bed." in result.stderr
    series = pl.read_parquet(out / "series.parquet")
    assert series["severe"].sum() > 0
    assert series["admissions"].sum() == series["in_ward"].sum() == 0
    page = (out / "rehearsal.html").read_text("utf-8")
    assert "was started in no run; if it should have been, check its rule" in page


def test_a_doubt_about_a_plan_is_told_once(capsys):
    """The scenario of no measure has the text of the first plan, and no file of its own."""
    text = packaged_plan_text(PLAN).replace("ward_per_1000 = 2.0", "ward_per_1000 = 0")
    first = Scenario(PLAN, text)
    recipe = recipe_of(Order([PLAN], "1304", None, Question(5), 1500, 1, 1))
    _say_doubts(replace(recipe, scenarios=(Scenario("nothing", text), first)), "en")
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if "nobody finds a ward bed" in line] == [line for line in said if line]
    assert len(said) == 1
    assert said[0].startswith(f"warning: {PLAN}.toml, line")


def test_one_household_of_a_thousand(tmp_path):
    """The whole city lives in one house: an answer, with every margin kept."""
    city = tmp_path / "house.toml"
    city.write_text(one_house(1000), "utf-8")
    for name in ("places.csv.gz", "contacts-hebei.csv"):
        (tmp_path / name).write_bytes((HANDAN / name).read_bytes())
    out = tmp_path / "out"
    small = ["--days", "20", "--replicates", "1", "--jobs", "1", "--trees"]
    result = CliRunner().invoke(app, ["rehearse", PLAN, "--city", str(city), *small, "--out", str(out)])
    assert result.exit_code == 0, result.output
    settings = pl.read_parquet(out / f"details/{PLAN}-001-tree.parquet")["setting"]
    assert (settings == "household").sum() > 20


def one_house(people: int) -> str:
    """Return the packaged margins, changed so that all live in one family household."""
    text = (HANDAN / "margins.toml").read_text("utf-8")
    ages = [round(people * share) for share in (0.257, 0.572, 0.052)]
    numbers = {
        "value = 9413990": f"value = {people}",
        "people = 2416185": f"people = {ages[0]}",
        "people = 5382849": f"people = {ages[1]}",
        "people = 490043": f"people = {ages[2]}",
        "people = 1124913": f"people = {people - sum(ages)}",
        "family_households = 2830697": "family_households = 1",
        "people_in_family_households = 8922082": f"people_in_family_households = {people}",
        "collective_households = 79094": "collective_households = 0",
        "people_in_collective_households = 491908": "people_in_collective_households = 0",
    }
    for old, new in numbers.items():
        text = text.replace(f"\n{old}\n", f"\n{new}\n")
    only = ", ".join(["0"] * (people - 1) + ["1"])
    return re.sub(r"\nshares = \[.*?\]", f"\nshares = [{only}]", text, count=1)


def test_one_person_and_a_disease_that_does_not_pass_on(tmp_path):
    """The smallest town and a reproduction number of zero are answers, not errors."""
    out = tmp_path / "one"
    result = CliRunner().invoke(
        app,
        ["rehearse", PLAN, *ONE_PERSON, "--out", str(out), "--json"],
    )
    assert result.exit_code == 0, result.output
    [only] = json.loads(result.stdout)["scenarios"]
    assert only["figures"]["infected"] == {"mean": 1.0, "low": None, "high": None}


def test_an_interruption_leaves_no_half_file(tmp_path):
    """Ctrl-C after the first run: the command says so, ends with 130, and the folder is empty."""
    out = tmp_path / "broken"
    start = "from fangxian.console.cli import main; main()"
    command = [sys.executable, "-c", start, "rehearse", PLAN, "--people", "1500", "--days", "60"]
    command += ["--replicates", "5000", "--jobs", "1", "--details", "5000", "--out", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "COLUMNS": "100"}) as process:
        for _ in range(1200):
            if list(out.glob("details/*.parquet")) or process.poll() is not None:
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130, said
    assert "Interrupted; no result was written" in said
    assert [path for path in out.rglob("*") if path.is_file()] == []
