"""One rehearsal: a plan, a disease and a town made ready once, then played with as many seeds as wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fangxian.plans.schema import DiseaseFile, Plan, RehearsalDefaults
from fangxian.science.agents.city import City, prepare_city
from fangxian.science.agents.outcome import Outcome
from fangxian.science.agents.records import DiseaseCourse, Protection
from fangxian.science.agents.run import simulate
from fangxian.studies.rehearsal.calibration import transmissibility_for
from fangxian.studies.rehearsal.controller import Diary, LevelController
from fangxian.studies.rehearsal.from_disease import by_group, complete, course_of, protection_of
from fangxian.studies.rehearsal.from_plan import MeasuresOfDay
from fangxian.studies.rehearsal.in_force import Switchboard
from fangxian.studies.rehearsal.observables import Observed
from fangxian.studies.rehearsal.town import Town, tier_of_person

LONGEST_DAYS = 1000


@dataclass(frozen=True)
class Question:
    """What is rehearsed, apart from plan and town.

    Parameters
    ----------
    days : int
        Length of the run, 1 to 1000.
    reproduction_number : float or None
        Instead of the disease file's.
    infections_per_million : float or None
        Infected on the first day, instead of the plan's.
    """

    days: int = 180
    reproduction_number: float | None = None
    infections_per_million: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.days <= LONGEST_DAYS:
            raise ValueError(
                f"Question: days must be 1 to {LONGEST_DAYS} (got {self.days}); give the length of the run"
            )


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """A plan ready to be played.

    Parameters
    ----------
    plan, disease, town : Plan, DiseaseFile, Town
        What it was made from.
    question : Question
        Length and start.
    off : tuple of str
        Ids of measures that are never taken.
    city : City
        The town as the simulator reads it.
    course, protection : DiseaseCourse, Protection
        The disease, likewise.
    """

    plan: Plan
    disease: DiseaseFile
    town: Town
    question: Question
    off: tuple[str, ...]
    city: City
    course: DiseaseCourse
    protection: Protection


@dataclass(frozen=True, eq=False)
class Played:
    """One run: what happened, and what was done."""

    outcome: Outcome
    diary: Diary


def make_ready(
    plan: Plan, disease: DiseaseFile, town: Town, question: Question, *, off: Sequence[str] = ()
) -> Rehearsal:
    """Make a plan ready to be played.

    Parameters
    ----------
    plan : Plan
        Its measures and levels; without effects nothing is done.
    disease : DiseaseFile
        With all that a rehearsal needs.
    town : Town
        Where.
    question : Question
        How long, and from what start.
    off : sequence of str
        Ids of measures that are never taken.

    Returns
    -------
    Rehearsal
        For `play`.

    Raises
    ------
    InvalidInput
        If the disease file is enough for a brief only.
    ValueError
        If a measure to be left out is not in the plan, or the numbers make no run.
    """
    strange = sorted(set(off) - {measure.id for measure in plan.measures})
    if strange:
        raise ValueError(
            f"make_ready: the plan has no measure {', '.join(strange)}; "
            f"name one of {', '.join(measure.id for measure in plan.measures)}"
        )
    plan = _with_start(plan, question)
    start = plan.rehearsal or RehearsalDefaults()
    transmissibility = transmissibility_for(disease, town, reproduction_number=question.reproduction_number)
    return Rehearsal(
        plan=plan,
        disease=disease,
        town=town,
        question=question,
        off=tuple(off),
        city=prepare_city(
            town.population,
            town.contacts,
            town.age_groups,
            tier=tier_of_person(plan, town.population),
            pool_of_place=town.pool_of_place,
        ),
        course=course_of(disease, town, transmissibility=transmissibility),
        protection=protection_of(disease, town, start, days=question.days),
    )


def play(rehearsal: Rehearsal, seed: int, *, tree: bool = False) -> Played:
    """Play a rehearsal once.

    Parameters
    ----------
    rehearsal : Rehearsal
        Made ready.
    seed : int
        The luck; two plans played with one seed share it.
    tree : bool
        Keep who infected whom.

    Returns
    -------
    Played
        Outcome and diary; the same for the same arguments, always.
    """
    controller = LevelController(
        rehearsal.plan,
        rehearsal.town,
        Switchboard(rehearsal.plan, rehearsal.town.population.place_parent, rehearsal.off),
        MeasuresOfDay(rehearsal.plan, rehearsal.disease, rehearsal.town),
        Observed(rehearsal.plan, symptomatic_share(rehearsal)),
    )
    outcome = simulate(
        rehearsal.city,
        rehearsal.course,
        controller,
        days=rehearsal.question.days,
        seed=seed,
        protection=rehearsal.protection,
        tree=tree,
    )
    return Played(outcome, controller.diary)


def symptomatic_share(rehearsal: Rehearsal) -> float:
    """Return the share of infections with symptoms over all people of the town."""
    _, course, _ = complete(rehearsal.disease)
    people = rehearsal.town.people.sum(axis=0)
    return float(np.dot(by_group(course.symptomatic, rehearsal.town), people) / people.sum())


def _with_start(plan: Plan, question: Question) -> Plan:
    if question.infections_per_million is None:
        return plan
    start = plan.rehearsal or RehearsalDefaults()
    start = start.model_copy(update={"infections_per_million": question.infections_per_million})
    return plan.model_copy(update={"rehearsal": start})
