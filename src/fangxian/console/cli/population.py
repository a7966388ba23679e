"""``fangxian population``: build the people of a city and print every margin beside what it has of it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fangxian.base.errors import InvalidInput
from fangxian.base.memory import installed_memory_bytes

if TYPE_CHECKING:
    from fangxian.plans.cities import CityFile
    from fangxian.science.population.build import Construction
    from fangxian.science.population.margin_rows import MarginRow

_LABELS = {
    "zh": ("边际", "目标", "所得", "相差", "单位", "出处可信度"),
    "en": ("margin", "target", "got", "difference", "unit", "status"),
}


def population(
    city: Annotated[str, typer.Option(help="Code of a packaged city")] = "1304",
    margins: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A TOML of margins instead")
    ] = None,
    people: Annotated[int | None, typer.Option(min=1, help="Scale every total to this many people")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same people")] = 1,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
    json_: Annotated[bool, typer.Option("--json", help="For programs")] = False,
) -> None:
    """Build a synthetic city (模拟数据) and check it against its margins."""
    from fangxian.plans.cities import load_city, packaged_city

    chosen = load_city(margins) if margins is not None else packaged_city(city)
    started = time.perf_counter()
    chosen, made = _built(chosen, people, seed)
    taken = time.perf_counter() - started
    from fangxian.science.population.check import check_margins

    rows = check_margins(made.population, chosen)
    facts = _facts(made, taken)
    if json_:
        print(json.dumps(_document(chosen, rows, facts, seed), ensure_ascii=False, indent=1))
        return
    language = "en" if lang.startswith("en") else "zh"
    _print_table(chosen, rows, language)
    _print_facts(facts, language)


def _built(city: CityFile, people: int | None, seed: int) -> tuple[CityFile, Construction]:
    from fangxian.science.population.build import build_population
    from fangxian.science.population.sample import scaled_city

    _require_memory(people or city.margins.people.value)
    try:
        if people is not None:
            city = scaled_city(city, people)
        return city, build_population(city, seed=seed)
    except ValueError as error:
        raise InvalidInput(
            {"zh": f"不能生成这座城市：{error}。", "en": f"This city cannot be built: {error}."},
            {
                "zh": "请改正边际文件，或用 --people 生成较小的样本。",
                "en": "Mend the margins, or build a smaller sample with --people.",
            },
        ) from error


def _require_memory(people: int) -> None:
    """Refuse, in both languages, a city that this machine cannot hold while it is built."""
    from fangxian.science.population.build import BYTES_PER_PERSON_AT_WORK

    memory_bytes, needed = installed_memory_bytes(), people * BYTES_PER_PERSON_AT_WORK
    if needed <= memory_bytes:
        return
    most = memory_bytes // BYTES_PER_PERSON_AT_WORK
    raise InvalidInput(
        {
            "zh": f"生成 {people:,} 人约需内存 {needed / 1e9:,.1f} GB，本机有 {memory_bytes / 1e9:,.1f} GB。",
            "en": f"Building {people:,} people takes about {needed / 1e9:,.1f} GB of memory; "
            f"this machine has {memory_bytes / 1e9:,.1f} GB.",
        },
        {
            "zh": f"请用 --people 生成较小的样本，本机最多 {most:,} 人。",
            "en": f"Build a smaller sample with --people, here of at most {most:,} people.",
        },
    )


def _facts(made: Construction, taken: float) -> dict[str, Any]:
    from fangxian.plans.loader import packaged_plan
    from fangxian.science.population.health import person_tiers

    city = made.population
    facts: dict[str, Any] = {
        "seconds": round(taken, 2),
        "bytes_per_person": round(city.bytes_per_person, 2),
        "households": city.households,
        "groups": city.groups,
        "misfit_before_matching": round(made.misfit, 4),
        "mean_age_shift_years": round(made.mean_age_shift_years, 3),
        "largest_age_shift_years": made.largest_age_shift_years,
    }
    tiers = packaged_plan("covid19-class-b-2023").tiers
    if tiers is not None:
        tier = person_tiers(city, tiers)[city.person_age >= 65]
        facts["tiers_of_65_and_over"] = {
            one.id: int((tier == number).sum()) for number, one in enumerate(tiers.tiers)
        }
    return facts


def _document(city: CityFile, rows: list[MarginRow], facts: dict[str, Any], seed: int) -> dict[str, Any]:
    return {
        "city": city.margins.code,
        "name": city.margins.name.model_dump(),
        "synthetic": "模拟数据",
        "seed": seed,
        **facts,
        "margins": [
            {
                "code": row.code,
                "name": dict(row.name),
                "target": row.target,
                "got": row.got,
                "difference": row.difference,
                "unit": row.unit,
                "status": row.status,
            }
            for row in rows
        ],
    }


def _print_table(city: CityFile, rows: list[MarginRow], language: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{city.margins.name.in_language(language)} {city.margins.code} · 模拟数据 synthetic")
    for number, label in enumerate(_LABELS[language]):
        table.add_column(label, justify="right" if number in (1, 2, 3) else "left")
    for row in rows:
        digits = ",.0f" if row.unit in ("person", "household") and row.target >= 100 else ",.3f"
        table.add_row(
            row.name[language],
            format(row.target, digits),
            format(row.got, digits),
            format(row.difference, "+" + digits),
            row.unit,
            row.status,
        )
    Console(width=120).print(table)


def _print_facts(facts: dict[str, Any], language: str) -> None:
    if language == "en":
        print(
            f"{facts['bytes_per_person']} bytes a person; {facts['households']:,} households, "
            f"{facts['groups']:,} groups; built in {facts['seconds']} s, compiling included.\n"
            f"Ages missed the margin by {facts['misfit_before_matching']:.1%} of the people before they were "
            f"matched; matching moved an age by {facts['mean_age_shift_years']} years on average, "
            f"{facts['largest_age_shift_years']} at most.\n"
            f"Tiers of those aged 65 and over: {facts.get('tiers_of_65_and_over')}"
        )
        return
    print(
        f"每人 {facts['bytes_per_person']} 字节；{facts['households']:,} 户，{facts['groups']:,} 个日间群体；"
        f"用时 {facts['seconds']} 秒（含编译）。\n"
        f"匹配前年龄与边际相差 {facts['misfit_before_matching']:.1%} 的人；匹配平均移动 "
        f"{facts['mean_age_shift_years']} 岁，最多 {facts['largest_age_shift_years']} 岁。\n"
        f"65 岁及以上分级：{facts.get('tiers_of_65_and_over')}"
    )
