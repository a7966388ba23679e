"""`fangxian rehearse`: a folder that can be repeated, errors with their remedy, clean interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from fangxian.base.errors import FangxianError, InvalidInput, InvalidPlan, NotFound
from fangxian.console.cli import app

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
        "inputs/disease.toml", f"inputs/{PLAN}.toml",
    }  # fmt: skip
    assert "模拟数据" in (out / "rehearsal.html").read_text("utf-8")
    again = CliRunner().invoke(app, ["rehearse", "--repeat", str(out), "--jobs", "1"])
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
        ([PLAN, "--days", "0"], InvalidInput, r"days must be 1 to 1000 \(got 0\)"),
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
    from fangxian.plans.loader import packaged_plan_text

    path = tmp_path / "ours.toml"
    text = packaged_plan_text(PLAN).replace('"in_hospital * 10000 >= population"', '"positivity >= 5"')
    path.write_text(text, "utf-8")
    error = refused(str(path), *SMALL, "--out", str(tmp_path / "out"))
    assert isinstance(error, InvalidPlan)
    [finding] = [one for one in error.findings if one.severity == "error"]
    assert finding.line == text[: text.index("positivity >= 5")].count("\n") + 1
    assert not (tmp_path / "out").exists()


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
