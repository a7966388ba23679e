"""The simulator against what is known exactly of small outbreaks: whole distributions of their sizes."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from plain_runs import EXPONENTIAL, plain_contacts, run_closed
from scipy.stats import chisquare

from fangxian.science.agents.outcome import Flow, Outcome
from fangxian.science.agents.records import Delay
from fangxian.science.population.uniform import uniform_population
from fangxian.studies.plain_epidemic.run import PlainQuestion, run_plain
from fangxian.studies.plain_epidemic.towns import copies_of
from shared_data import shared_path

FIXED = Delay("fixed", 1.0)
SHORT_DAYS = 120


def exact_table(name: str) -> list[dict[str, str]]:
    """Return the rows of a file of exact results."""
    with shared_path(f"expected/{name}").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def sizes_by_place(outcome: Outcome) -> np.ndarray:
    """Return how many people of each place were infected."""
    return outcome.flow(Flow.INFECTIONS).sum(axis=(0, 2))


def agreement(observed: np.ndarray, probability: np.ndarray) -> float:
    """Return the p-value of a chi-square test; neighbouring sizes are joined to at least 20 expected."""
    expected = probability * observed.sum()
    joined_observed, joined_expected, seen, wanted = [], [], 0.0, 0.0
    for one, other in zip(observed, expected, strict=True):
        seen, wanted = seen + one, wanted + other
        if wanted >= 20.0:
            joined_observed.append(seen)
            joined_expected.append(wanted)
            seen = wanted = 0.0
    joined_observed[-1] += seen
    joined_expected[-1] += wanted
    scale = sum(joined_observed) / sum(joined_expected)
    return float(chisquare(joined_observed, np.array(joined_expected) * scale).pvalue)


@pytest.mark.parametrize("people", [50, 200])
def test_small_outbreaks_have_their_exact_sizes(people: int) -> None:
    """20 000 outbreaks of the general stochastic epidemic, one initial case, R0 2."""
    exact = exact_table(f"exact_SIR_N{people}_R0_2.csv")
    probability = np.array([float(row["prob"]) for row in exact])
    question = PlainQuestion(people, 2.0, "random", 300, seed=5, replicates=20_000)
    sizes = run_plain(question).final_size
    observed = np.bincount(sizes, minlength=len(probability))
    assert agreement(observed, probability) > 0.01


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("exponential (general stochastic SIR)", EXPONENTIAL),
        ("fixed (Reed-Frost)", FIXED),
        ("gamma", Delay("gamma", 1.0, 0.5**0.5)),
    ],
)
@pytest.mark.parametrize("rate", ["0.25", "1"])
def test_household_outbreaks_have_their_exact_sizes(name: str, period: Delay, rate: str) -> None:
    """Ball 1986: one initial case and n susceptible members, each pair with the same hazard."""
    rows = [
        row
        for row in exact_table("household_final_size_ball.csv")
        if row["infectious_period"].startswith(name) and float(row["lambda_pairwise"]) == float(rate)
    ]
    assert rows
    for susceptible in (1, 3, 6):
        exact = [row for row in rows if int(row["n_susceptible"]) == susceptible]
        probability = np.array([float(row["prob"]) for row in exact])
        homes = copies_of(uniform_population(susceptible + 1, susceptible + 1), 10_000)
        outcome = run_closed(homes, plain_contacts(household=float(rate)), period=period, days=SHORT_DAYS)
        observed = np.bincount(sizes_by_place(outcome) - 1, minlength=len(probability))
        assert agreement(observed, probability) > 0.001, susceptible


@pytest.mark.parametrize(("escape_community", "escape_member"), [("0.9", "0.8"), ("0.7", "0.6")])
def test_households_under_infection_from_outside(escape_community: str, escape_member: str) -> None:
    """Longini and Koopman 1982: everybody may also be infected from outside the household."""
    size = 4
    rows = [
        row
        for row in exact_table("household_longini_koopman.csv")
        if row["size"] == str(size)
        and row["B_escape_community"] == escape_community
        and row["Q_escape_member"] == escape_member
    ]
    assert rows
    probability = np.array([float(row["prob"]) for row in rows])
    people = 80_000
    outcome = run_closed(
        uniform_population(people, size),
        plain_contacts(household=-np.log(float(escape_member))),
        period=FIXED,
        days=SHORT_DAYS,
        seeds=0,
        imports=-np.log(float(escape_community)) * people,
    )
    assert outcome.tree is not None
    observed = np.bincount(np.bincount(outcome.tree.infectee // size, minlength=people // size), minlength=5)
    assert agreement(observed, probability) > 0.001
