"""``fangxian simulate``: a plain epidemic in a plain town, for checks against what theory knows."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from fangxian.base.errors import InvalidInput
from fangxian.base.memory import free_memory_bytes
from fangxian.console.cli.numbers import Number, check_numbers, without_function

if TYPE_CHECKING:
    from fangxian.studies.plain_epidemic.run import PlainQuestion
    from fangxian.studies.plain_epidemic.summary import PlainSummary


def simulate(
    population: Annotated[float, typer.Option(help="People, e.g. 1000000 or 1e6")],
    r0: Annotated[float, typer.Option("--r0", help="Basic reproduction number")],
    layers: Annotated[str, typer.Option(help="random; household,random; hybrid")] = "random",
    days: Annotated[int, typer.Option(help="Days to run")] = 180,
    seed: Annotated[int, typer.Option(help="The same seed gives the same luck")] = 1,
    replicates: Annotated[int, typer.Option(help="Number of epidemics")] = 1,
    seeds: Annotated[
        int | None, typer.Option(help="Infected at the start; without it one for every 10 000 people")
    ] = None,
    latent_days: Annotated[float, typer.Option(help="Infection to infectiousness, fixed")] = 0.0,
    infectious_days: Annotated[float, typer.Option(help="Mean infectious period")] = 5.0,
    period_shape: Annotated[str, typer.Option(help="exponential, fixed or gamma")] = "exponential",
    period_sd: Annotated[float, typer.Option(help="Standard deviation of a gamma period")] = 2.5,
    json_: Annotated[bool, typer.Option("--json", help="Everything, day by day")] = False,
) -> None:
    """Simulate a plain epidemic (模拟数据): no measures, one age, constant infectiousness."""
    from fangxian.science.agents.draws import LARGEST_MEAN
    from fangxian.science.agents.records import Delay, Infectiousness
    from fangxian.science.agents.run import LONGEST_RUN_DAYS
    from fangxian.studies.plain_epidemic.run import PlainQuestion, run_plain

    check_numbers(
        Number("--population", population, 1, 2**31 - 2),
        Number("--r0", r0, 0, LARGEST_MEAN, whole=False),
        Number("--days", days, 1, LONGEST_RUN_DAYS),
        Number("--seed", seed, 0),
        Number("--replicates", replicates, 1),
        Number("--seeds", seeds, 0, population),
        Number("--latent-days", latent_days, 0, LONGEST_RUN_DAYS, whole=False),
        Number("--infectious-days", infectious_days, 0, LONGEST_RUN_DAYS, whole=False),
    )
    _require_memory(int(population))
    try:
        shape = cast("Literal['fixed', 'exponential', 'gamma', 'lognormal']", period_shape)
        question = PlainQuestion(
            people=int(population),
            reproduction=r0,
            layers=layers,
            days=days,
            seed=seed,
            replicates=replicates,
            seeds=seeds,
            infectiousness=Infectiousness(
                latent=Delay("fixed", latent_days), period=Delay(shape, infectious_days, period_sd)
            ),
        )
        result = run_plain(question)
    except ValueError as error:
        raise _refusal(str(error)) from error
    if json_:
        json.dump(_document(question, result), sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        _print_table(question, result)


def _require_memory(people: int) -> None:
    """Refuse, in both languages, more people than the free memory holds."""
    from fangxian.studies.plain_epidemic.run import BYTES_PER_PERSON

    free, needed = free_memory_bytes(), people * BYTES_PER_PERSON
    if needed <= free:
        return
    most = free // BYTES_PER_PERSON
    raise InvalidInput(
        {
            "zh": f"{people:,} 人约需内存 {needed / 1e9:.1f} GB，现有空闲 {free / 1e9:.1f} GB。",
            "en": f"{people:,} people take about {needed / 1e9:.1f} GB of memory "
            f"and {free / 1e9:.1f} GB are free.",
        },
        {
            "zh": f"本机最多模拟 {most:,} 人；更多请用更大的机器。",
            "en": f"Simulate at most {most:,} people here, or use a larger machine.",
        },
    )


def _refusal(reason: str) -> InvalidInput:
    reason = without_function(reason)
    return InvalidInput(
        {"zh": f"无法模拟：{reason}。", "en": f"Cannot simulate: {reason}."},
        {
            "zh": "请改正该选项后重试；fangxian simulate --help 列出全部选项。",
            "en": "Correct that option and try again; fangxian simulate --help lists them all.",
        },
    )


def _document(question: PlainQuestion, result: PlainSummary) -> dict[str, Any]:
    from fangxian.studies.plain_epidemic.summary import (
        expected_final_share,
        expected_generation_interval,
        expected_growth_rate,
    )

    document: dict[str, Any] = {
        "synthetic": "模拟数据",
        "population": question.people,
        "r0": question.reproduction,
        "layers": question.layers,
        "days": question.days,
        "seed": question.seed,
        "replicates": question.replicates,
        "seeds": question.first_infected,
        "attack_rate": result.attack_rate.tolist(),
        "final_size": result.final_size.tolist(),
        "peak_day": result.peak_day.tolist(),
        "peak_height": result.peak_height.tolist(),
        "incidence": result.incidence.tolist(),
        "growth_rate": [_number(value) for value in result.growth_rate],
        "generation_interval_mean": [_number(value) for value in result.generation_interval_mean],
    }
    if question.layers == "random":
        document["theory"] = {
            "attack_rate": expected_final_share(question.reproduction),
            "growth_rate": _number(expected_growth_rate(question.reproduction, question.infectiousness)),
            "generation_interval_mean": expected_generation_interval(question.infectiousness),
        }
    return document


def _number(value: float) -> float | None:
    """Return a number as JSON knows it: null where there is none."""
    return float(value) if math.isfinite(value) else None


def _print_table(question: PlainQuestion, result: PlainSummary) -> None:
    print(f"模拟数据 synthetic: {question.people} people, R0 {question.reproduction:g}, {question.layers}")
    print("replicate  attack rate  peak day  peak height  growth/day  generation interval")
    for number in range(min(question.replicates, 20)):
        print(
            f"{number:9d}  {result.attack_rate[number]:11.4f}  {result.peak_day[number]:8d}  "
            f"{result.peak_height[number]:11d}  {_shown(result.growth_rate[number]):>10}  "
            f"{_shown(result.generation_interval_mean[number]):>19}"
        )
    if question.replicates > 20:
        print(f"... {question.replicates - 20} more; --json holds all of them")


def _shown(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "-"
