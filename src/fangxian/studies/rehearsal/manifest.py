"""A folder from which its runs can be repeated: plans, disease, numbers and the hash of every file of data.

::

    OUT/
      manifest.json           what was run, with which versions and seed, and the hash of each file below
      inputs/<plan>.toml      the plan and disease files as they were
      inputs/city/            the margins of the city and the tables beside them
      series.parquet, .csv    the city by day, every run
      switches.parquet        levels started and ended
      details/<plan>-001.parquet           counts by day, place and age of the first run
      details/<plan>-001-measures.parquet  people under each measure and its cost, likewise
      details/<plan>-001-areas.parquet     laboratories, rooms, medicines and beds by day and county
      details/<plan>-001-tree.parquet      who infected whom, on request
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fangxian.base.errors import InvalidInput
from fangxian.studies.rehearsal.ensemble import Ensemble
from fangxian.studies.rehearsal.files import sha256_of, written_whole
from fangxian.studies.rehearsal.play import Question
from fangxian.studies.rehearsal.stage import Scenario, Stage
from fangxian.studies.rehearsal.town import Town

FORMAT = 1
NAME = "manifest.json"
SERIES, SWITCHES, CSV = "series.parquet", "switches.parquet", "series.csv"
DETAILS, INPUTS, CITY = "details", "inputs", "inputs/city"
SOFTWARE = ("fangxian", "numpy", "numba", "polars", "scipy")


@dataclass(frozen=True)
class TownOrder:
    """How the town was built: code of a packaged city or a file of margins, people, seed."""

    city: str
    people: int
    seed: int


@dataclass(frozen=True)
class Kept:
    """For how many runs of each plan details are kept, and whether with who infected whom."""

    replicates: int
    trees: bool


@dataclass(frozen=True)
class Recipe:
    """All that is needed to run an ensemble again.

    Parameters
    ----------
    scenarios : tuple of Scenario
        Plans by text.
    disease_id, disease_text : str
        The disease.
    town : TownOrder
        The town.
    question : Question
        Length and start.
    seed, replicates : int
        Of the ensemble.
    city_files : Mapping of str to bytes
        The margins, first, and the tables beside them; empty: the packaged city of `town`.
    """

    scenarios: tuple[Scenario, ...]
    disease_id: str
    disease_text: str
    town: TownOrder
    question: Question
    seed: int
    replicates: int
    city_files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """What a manifest says.

    Parameters
    ----------
    recipe : Recipe
        What to run.
    kept : Kept
        Which details.
    files : Mapping of str to str
        Hash of each file of data.
    software : Mapping of str to str
        Versions that made them.
    """

    recipe: Recipe
    kept: Kept
    files: Mapping[str, str]
    software: Mapping[str, str]

    def other_versions(self) -> list[str]:
        """Return in words which software has another version today."""
        today = software_versions()
        return [
            f"{name} {made} → {today.get(name, '-')}"
            for name, made in self.software.items()
            if today.get(name) != made
        ]


def software_versions() -> dict[str, str]:
    """Return the versions on which bytes may depend."""
    return {name: version(name) for name in SOFTWARE}


def write_tables(ensemble: Ensemble, folder: Path) -> dict[str, str]:
    """Write the tables of an ensemble and return the hash of each file by its name in the folder."""
    names = [f"{DETAILS}/{name}" for name in ensemble.detail_files]
    for name, table in ((SERIES, ensemble.series), (SWITCHES, ensemble.switches)):
        written_whole(folder / name, table.write_parquet)
        names.append(name)
    written_whole(folder / CSV, ensemble.series.write_csv)
    return {name: sha256_of(folder / name) for name in sorted([*names, CSV])}


def write_manifest(recipe: Recipe, kept: Kept, hashes: Mapping[str, str], folder: Path) -> Path:
    """Write inputs and manifest; the manifest comes last, so that a folder with one is whole.

    Parameters
    ----------
    recipe : Recipe
        What was run.
    kept : Kept
        Of which runs there are details.
    hashes : Mapping of str to str
        From `write_tables`.
    folder : Path
        Of the ensemble.

    Returns
    -------
    Path
        The manifest.
    """
    inputs = folder / INPUTS
    inputs.mkdir(parents=True, exist_ok=True)
    for scenario in recipe.scenarios:
        _write_text(inputs / f"{scenario.id}.toml", scenario.plan_text)
    _write_text(inputs / "disease.toml", recipe.disease_text)
    city = _write_city(recipe.city_files, folder / CITY)
    content = {
        "format": FORMAT,
        "synthetic": True,
        "software": software_versions(),
        "plans": [
            {"id": one.id, "file": f"{INPUTS}/{one.id}.toml", "sha256": one.sha256, "off": list(one.off)}
            for one in recipe.scenarios
        ],
        "disease": {
            "id": recipe.disease_id,
            "file": f"{INPUTS}/disease.toml",
            "sha256": sha256_of(inputs / "disease.toml"),
        },
        "town": {"city": recipe.town.city, "people": recipe.town.people, "seed": recipe.town.seed},
        "city_files": city,
        "days": recipe.question.days,
        "reproduction_number": recipe.question.reproduction_number,
        "infections_per_million": recipe.question.infections_per_million,
        "seed": recipe.seed,
        "replicates": recipe.replicates,
        "details": kept.replicates,
        "trees": kept.trees,
        "files": dict(hashes),
    }
    path = folder / NAME
    _write_text(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    return path


def read_manifest(path: Path) -> Manifest:
    """Read a manifest and the inputs beside it.

    Parameters
    ----------
    path : Path
        The manifest, or the folder that it stands in.

    Returns
    -------
    Manifest
        What to run, and what came out then.

    Raises
    ------
    InvalidInput
        If it is not a manifest, or an input beside it is missing or has changed.
    """
    path = path / NAME if path.is_dir() else path
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
        manifest = _manifest_of(content, path.parent)
        changed = [
            one["file"]
            for one in (*content["plans"], content["disease"], *content["city_files"])
            if sha256_of(path.parent / one["file"]) != one["sha256"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            {
                "zh": f"读不懂清单 {path.name}：{error}。",
                "en": f"Cannot read the manifest {path.name}: {error}.",
            },
            {
                "zh": "请给出推演输出文件夹中的 manifest.json，旁边须有 inputs 文件夹。",
                "en": "Give the manifest.json of a folder that a rehearsal wrote, with its inputs beside it.",
            },
        ) from error
    if changed:
        raise InvalidInput(
            {
                "zh": f"输入文件 {changed[0]} 在推演之后改动过。",
                "en": f"The input {changed[0]} has been changed since.",
            },
            {"zh": "请恢复原文件，或作为新的推演运行。", "en": "Restore the file, or rehearse it anew."},
        )
    return manifest


def _manifest_of(content: dict[str, Any], folder: Path) -> Manifest:
    town = TownOrder(**content["town"])
    city = content["city_files"]
    recipe = Recipe(
        scenarios=tuple(
            Scenario(one["id"], (folder / one["file"]).read_text("utf-8"), tuple(one["off"]))
            for one in content["plans"]
        ),
        disease_id=content["disease"]["id"],
        disease_text=(folder / content["disease"]["file"]).read_text("utf-8"),
        town=TownOrder(str(folder / city[0]["file"]), town.people, town.seed) if city else town,
        question=Question(content["days"], content["reproduction_number"], content["infections_per_million"]),
        seed=content["seed"],
        replicates=content["replicates"],
    )
    kept = Kept(content["details"], content["trees"])
    return Manifest(recipe, kept, dict(content["files"]), dict(content["software"]))


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the files of data that differ between two runs of one recipe, by name."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def stage_of(recipe: Recipe, town: Town, details: Path | None, kept: Kept) -> Stage:
    """Return the stage of a recipe in a town that was built."""
    return Stage(
        scenarios=recipe.scenarios,
        disease_text=recipe.disease_text,
        town=town,
        question=recipe.question,
        seed=recipe.seed,
        details=details,
        detail_replicates=kept.replicates,
        trees=kept.trees,
    )


def _write_city(files: Mapping[str, bytes], folder: Path) -> list[dict[str, str]]:
    """Write the margins and their tables and return name and hash of each, margins first."""
    if files:
        folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        written_whole(folder / name, partial(Path.write_bytes, data=content))
    return [{"file": f"{CITY}/{name}", "sha256": sha256_of(folder / name)} for name in files]


def _write_text(path: Path, text: str) -> None:
    written_whole(path, lambda part: part.write_text(text, encoding="utf-8", newline="\n"))
