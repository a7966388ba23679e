"""``fangxian simulate``: its contract, and what it refuses."""

from __future__ import annotations

import json
import re

import pytest

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.simulate import simulate


def run(capsys: pytest.CaptureFixture[str], **options) -> dict:
    """Return the JSON that the command prints; every option has to be given when called as a function."""
    given = {
        "population": 500.0,
        "r0": 2.0,
        "layers": "random",
        "days": 60,
        "seed": 1,
        "replicates": 2,
        "seeds": None,
        "latent_days": 0.0,
        "infectious_days": 5.0,
        "period_shape": "exponential",
        "period_sd": 2.5,
        "json_": True,
    }
    simulate(**(given | options))
    return json.loads(capsys.readouterr().out)


def test_the_contract_of_the_json(capsys) -> None:
    """Lists by replicate, incidence by replicate and day, and the sums agree."""
    said = run(capsys)
    assert len(said["incidence"]) == 2 and {len(days) for days in said["incidence"]} == {60}
    for number in range(2):
        infections = said["incidence"][number]
        assert said["attack_rate"][number] == pytest.approx(sum(infections) / 500)
        assert said["peak_height"][number] == max(infections) == infections[said["peak_day"][number]]
        assert said["final_size"][number] == sum(infections) - said["seeds"]
    assert {"growth_rate", "generation_interval_mean", "theory"} <= said.keys()
    assert said["synthetic"] == "模拟数据"


def test_a_replicate_does_not_depend_on_how_many_are_asked_for(capsys) -> None:
    """Replicates that run side by side are the same as one alone."""
    one, three = run(capsys, replicates=1), run(capsys, replicates=3)
    assert one["incidence"][0] == three["incidence"][0]
    assert three["incidence"][0] != three["incidence"][1]


def test_no_transmission_and_one_person(capsys) -> None:
    """R0 of zero infects the seeds alone; one person is the whole epidemic."""
    assert run(capsys, r0=0.0, seeds=3)["attack_rate"] == [0.006, 0.006]
    assert run(capsys, population=1.0)["attack_rate"] == [1.0, 1.0]
    assert run(capsys, population=1.0, layers="household,random")["attack_rate"] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"population": 1e9},
            r"1,000,000,000 people take about 130\.0 GB .* Simulate at most [\d,]+ people here",
        ),
        ({"population": 0.0}, r"--population cannot be 0\. Write a whole number from 1 to 2,147,483,646"),
        ({"population": 10.5}, r"--population cannot be 10\.5\. Write a whole number"),
        ({"r0": -1.0}, r"--r0 cannot be -1\. Write a number from 0 to 1,000"),
        ({"r0": float("nan")}, r"--r0 cannot be nan"),
        ({"r0": 1e300}, r"--r0 cannot be 1e\+300\. Write a number from 0 to 1,000"),
        ({"layers": "trains"}, r"layers must be one of random; household,random; hybrid \(got 'trains'\)"),
        ({"days": 0}, r"--days cannot be 0\. Write a whole number from 1 to 10,000"),
        ({"seed": -1}, r"--seed cannot be -1\. Write a whole number of at least 0"),
        ({"replicates": 0}, r"--replicates cannot be 0"),
        ({"seeds": 501}, r"--seeds cannot be 501\. Write a whole number from 0 to 500"),
        ({"infectious_days": -1.0}, r"--infectious-days cannot be -1"),
        ({"infectious_days": 0.0}, r"cannot be reached where nobody meets anybody"),
        (
            {"period_shape": "triangle"},
            r"shape must be fixed, exponential, gamma or lognormal \(got 'triangle'\)",
        ),
    ],
)
def test_refusals_name_rule_value_and_remedy(capsys, monkeypatch, options, message) -> None:
    """Each refusal says what was given and what to do."""
    monkeypatch.setattr("fangxian.console.cli.simulate.free_memory_bytes", lambda: 8 * 10**9)
    with pytest.raises(InvalidInput, match=message) as caught:
        run(capsys, **options)
    assert re.search("[\u4e00-\u9fff]", caught.value.sentence("zh"))
