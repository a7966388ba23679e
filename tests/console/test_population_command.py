"""``fangxian population`` prints margins beside what the city has of them."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.population import population


@pytest.fixture
def command():
    """Return the command as an application of its own."""
    app = typer.Typer()
    app.command()(population)
    return app


def test_table_says_that_the_people_are_synthetic(command):
    """Both languages, with the label, the memory of a person and the tiers."""
    zh = CliRunner().invoke(command, ["--people", "3000"]).output
    en = CliRunner().invoke(command, ["--people", "3000", "--lang", "en"]).output
    assert "模拟数据" in zh
    assert "常住人口" in zh
    assert "bytes a person" in en
    assert "65 and over" in en


def test_json_is_all_that_is_printed(command):
    """A program reads the output as it is."""
    output = CliRunner().invoke(command, ["--people", "3000", "--json"]).output
    document = json.loads(output)
    assert document["margins"][0] == {
        "code": "people",
        "name": {"zh": "常住人口", "en": "people"},
        "target": 3000.0,
        "got": 3000.0,
        "difference": 0.0,
        "unit": "person",
        "status": "second-hand",
    }
    assert document["synthetic"] == "模拟数据"
    assert document["bytes_per_person"] < 24


def test_the_memory_of_the_machine_is_the_limit(command, monkeypatch):
    """Forty bytes a person: a city of exactly the memory is built, one person more is not."""
    monkeypatch.setattr("fangxian.console.cli.population.installed_memory_bytes", lambda: 40 * 2_000)
    assert CliRunner().invoke(command, ["--people", "2000"]).exception is None
    result = CliRunner().invoke(command, ["--people", "2001"])
    assert isinstance(result.exception, InvalidInput)
    assert "here of at most 2,000 people" in result.exception.remedy["en"]


def test_too_many_people_are_refused_with_the_memory(command):
    """In both languages, before anything is built."""
    result = CliRunner().invoke(command, ["--people", str(10**12)])
    assert isinstance(result.exception, InvalidInput)
    assert "40,000.0 GB of memory" in result.exception.sentence("en")
    assert "约需内存 40,000.0 GB" in result.exception.sentence("zh")
    assert "--people" in result.exception.remedy["zh"]
