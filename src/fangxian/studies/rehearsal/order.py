"""From what a person asks for, names of plans, disease and city, to a recipe and its town."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fangxian.base.errors import InvalidInput, NotFound
from fangxian.base.memory import installed_memory_bytes
from fangxian.plans.cities import CityFile, city_sources, load_city, packaged_city
from fangxian.plans.loader import (
    known_diseases,
    load_disease,
    load_plan,
    packaged_disease_text,
    packaged_plan_text,
)
from fangxian.studies.rehearsal.city_town import town_of_city
from fangxian.studies.rehearsal.from_disease import complete
from fangxian.studies.rehearsal.manifest import Recipe, TownOrder
from fangxian.studies.rehearsal.play import Question
from fangxian.studies.rehearsal.stage import Scenario
from fangxian.studies.rehearsal.town import Town

NOTHING = "nothing"
"""Id of the scenario without any measure but the beds of the first plan."""
BYTES_A_PERSON = 120
"""Memory that a run takes at its height, for each person: population, prepared city, state and events."""


@dataclass(frozen=True)
class Order:
    """What a person asks for.

    Parameters
    ----------
    plans : sequence of str
        Ids of packaged plans, or files; at least one.
    city : str
        Code of a packaged city, or a file of margins.
    disease : str or None
        Id or file; None: that of the first plan.
    question : Question
        Length and start.
    people : int or None
        A smaller copy of the city; None: the whole.
    seed, replicates : int
        Of the ensemble.
    nothing : bool
        Put a scenario first that takes no measure but the first plan's beds.
    """

    plans: Sequence[str]
    city: str
    disease: str | None
    question: Question
    people: int | None
    seed: int
    replicates: int
    nothing: bool = False


def recipe_of(order: Order) -> Recipe:
    """Return the recipe of an order: every file read and checked.

    Parameters
    ----------
    order : Order
        What is asked for.

    Returns
    -------
    Recipe
        With the texts of plans and disease.

    Raises
    ------
    InvalidInput
        If no plan is named, or a plan or disease file has mistakes; findings name line and remedy.
    NotFound
        If there is no such plan, disease, city or file.
    """
    if not order.plans:
        raise InvalidInput(
            {"zh": "没有说明推演哪个预案。", "en": "No plan was named."},
            {
                "zh": "请写预案编号或文件，例如 covid19-class-b-2023。",
                "en": "Name a packaged plan or a file, e.g. covid19-class-b-2023.",
            },
        )
    scenarios: list[Scenario] = []
    for name in order.plans:
        text = _text(name) if Path(name).suffix else packaged_plan_text(name)
        plan = load_plan(text, name=Path(name).name)
        scenarios.append(Scenario(_unused(plan.identity.id, scenarios), text))
    first = scenarios[0].plan()
    if order.nothing:
        off = tuple(
            measure.id
            for measure in first.measures
            if not any(effect.kind == "beds" for effect in measure.effects)
        )
        scenarios.insert(0, Scenario(NOTHING, scenarios[0].plan_text, off))
    disease_id = order.disease or first.identity.disease
    disease_text = (
        _text(disease_id)
        if Path(disease_id).suffix
        else packaged_disease_text(known_diseases().get(disease_id, disease_id))
    )
    disease = load_disease(disease_text, name=Path(disease_id).name)
    complete(disease)
    people = city_file(order.city).margins.people.value if order.people is None else order.people
    return Recipe(
        scenarios=tuple(scenarios),
        disease_id=disease.id,
        disease_text=disease_text,
        town=TownOrder(order.city, people, order.seed),
        question=order.question,
        seed=order.seed,
        replicates=order.replicates,
        city_files=city_sources(order.city),
    )


def city_file(city: str) -> CityFile:
    """Return a packaged city by its code, or one from a file."""
    return load_city(Path(city)) if Path(city).suffix else packaged_city(city)


def town_of(order: TownOrder, *, processes: int = 1) -> Town:
    """Build the town of a recipe.

    Parameters
    ----------
    order : TownOrder
        City, people and seed.
    processes : int
        How many keep it in memory at once.

    Returns
    -------
    Town
        The same people for the same order, always.

    Raises
    ------
    InvalidInput
        If this machine has not the memory; says what it would take.
    """
    needed = order.people * BYTES_A_PERSON * processes
    memory = installed_memory_bytes()
    if needed > memory:
        raise InvalidInput(
            {
                "zh": f"{order.people:,} 人用 {processes} 个进程约需内存 {needed / 1e9:.1f} GB，"
                f"本机有 {memory / 1e9:.1f} GB。",
                "en": f"{order.people:,} people in {processes} processes take about {needed / 1e9:.1f} GB of "
                f"memory; this machine has {memory / 1e9:.1f} GB.",
            },
            {
                "zh": "请减少 --jobs，或用 --people 推演缩小的城市。",
                "en": "Use fewer --jobs, or a smaller copy of the city with --people.",
            },
        )
    return town_of_city(city_file(order.city), people=order.people, seed=order.seed)


def _unused(name: str, taken: Sequence[Scenario]) -> str:
    used = {one.id for one in taken}
    candidates = (name if number == 1 else f"{name}-{number}" for number in range(1, len(used) + 2))
    return next(candidate for candidate in candidates if candidate not in used)


def _text(name: str) -> str:
    try:
        return Path(name).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(
            {"zh": f"读不到文件 {Path(name).name}:{error}", "en": f"Cannot read {Path(name).name}: {error}"},
            {
                "zh": "请核对路径；文件须为 UTF-8 编码。",
                "en": "Check the path; the file must be UTF-8.",
            },
        ) from error
