"""Replicates of a plain epidemic; small towns are run many at a time, side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fangxian.base.counter_random import purpose_key
from fangxian.science.agents.city import prepare_city
from fangxian.science.agents.measures import DayMeasures, Importation, no_measures
from fangxian.science.agents.outcome import Flow, Reported
from fangxian.science.agents.records import DiseaseCourse, Infectiousness
from fangxian.science.agents.reproduction import scaled_to
from fangxian.science.agents.run import simulate
from fangxian.studies.plain_epidemic.summary import PlainSummary, summarise
from fangxian.studies.plain_epidemic.towns import ONE_AGE, TOWNS, copies_of

PEOPLE_AT_ONCE = 1_000_000
MOST_TOWNS_AT_ONCE = 20_000
BYTES_PER_PERSON = 130
"""Population, card, state and the entries that wait, at the height of an epidemic with R0 3."""
PEOPLE_PER_SEED = 10_000


@dataclass(frozen=True)
class PlainQuestion:
    """A plain epidemic.

    Parameters
    ----------
    people : int
        Of the town.
    reproduction : float
        R0 as defined in ``science.agents.reproduction``.
    layers : str
        A key of ``towns.TOWNS``.
    days, seed, replicates : int
    infectiousness : Infectiousness
        Without symptoms; exponential of 5 days by default.
    seeds : int, optional
        People infected at the start; without it one for every 10 000 people, at least one.
    """

    people: int
    reproduction: float
    layers: str
    days: int
    seed: int
    replicates: int = 1
    infectiousness: Infectiousness = field(default_factory=Infectiousness)
    seeds: int | None = None

    def __post_init__(self) -> None:
        if self.layers not in TOWNS:
            raise ValueError(
                f"PlainQuestion: layers must be one of {'; '.join(TOWNS)} (got {self.layers!r}); choose one"
            )
        if self.replicates < 1 or self.people < 1:
            raise ValueError(
                f"PlainQuestion: people and replicates must be 1 or more "
                f"(got {self.people}, {self.replicates})"
            )
        if not 0 <= self.first_infected <= self.people:
            raise ValueError(
                f"PlainQuestion: seeds must be 0 to the number of people (got {self.seeds}); give fewer"
            )

    @property
    def first_infected(self) -> int:
        """Number of people infected at the start."""
        return max(1, self.people // PEOPLE_PER_SEED) if self.seeds is None else self.seeds

    @property
    def towns_at_once(self) -> int:
        """Towns in one run; by the size of the town alone, so that replicate k is always the same."""
        return min(max(1, PEOPLE_AT_ONCE // self.people), MOST_TOWNS_AT_ONCE)


def run_plain(question: PlainQuestion, *, progress: Callable[[int], None] | None = None) -> PlainSummary:
    """Return the replicates of a plain epidemic.

    Parameters
    ----------
    question : PlainQuestion
    progress : callable, optional
        Told the number of replicates finished.

    Returns
    -------
    PlainSummary

    Raises
    ------
    ValueError
        If R0, days or sizes are out of range.
    """
    population, contacts = TOWNS[question.layers](question.people, question.seed)
    one = prepare_city(population, contacts, ONE_AGE)
    disease = scaled_to(one, DiseaseCourse(infectiousness=question.infectiousness), question.reproduction)
    parts: list[PlainSummary] = []
    finished = 0
    while finished < question.replicates:
        towns = min(question.towns_at_once, question.replicates - finished)
        together = population if towns == 1 else copies_of(population, towns)
        city = one if towns == 1 else prepare_city(together, contacts, ONE_AGE)
        outcome = simulate(
            city,
            disease,
            _seeding(towns, question.first_infected),
            days=question.days,
            seed=_seed_of_run(question.seed, len(parts)),
            tree=True,
        )
        assert outcome.tree is not None  # noqa: S101 -- asked for
        incidence = outcome.flow(Flow.INFECTIONS)[:, :, 0].T.astype(np.int64)
        parts.append(summarise(incidence, outcome.tree, question.people, question.first_infected))
        finished += towns
        if progress is not None:
            progress(finished)
    return _joined(parts)


def _seeding(towns: int, seeds: int) -> Callable[[Reported], DayMeasures]:
    later = no_measures(towns, 1)
    exact: NDArray[np.int64] = np.full(towns, seeds, dtype=np.int64)
    first = replace(later, imports=Importation(expected=np.zeros(towns), exact=exact))
    return lambda reported: first if reported.day == 0 else later


def _seed_of_run(seed: int, number: int) -> int:
    return seed if number == 0 else int(purpose_key(seed, f"run {number}"))


def _joined(parts: list[PlainSummary]) -> PlainSummary:
    names = PlainSummary.__dataclass_fields__
    return PlainSummary(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
