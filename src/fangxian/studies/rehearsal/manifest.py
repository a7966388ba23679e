"""A folder from which its runs can be repeated: plans, disease, numbers and the hash of every file of data.

::

    OUT/
      manifest.json           what was run, with which versions and seed, and the hash of each file below
      inputs/<plan>.toml      the plan and disease files as they were
      series.parquet, .csv    the city by day, every run
      switches.parquet        levels started and ended
      details/<plan>-001.parquet   counts by day, place and age of the first run
"""

from __future__ import annotations

import json
from dataclasses import dataclass
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
DETAILS, INPUTS = "details", "inputs"


@dataclass(frozen=True)
class TownOrder:
    """How the town was built: code of a packaged city or a file of margins, people, seed."""

    city: str
    people: int
    seed: int


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
    """

    scenarios: tuple[Scenario, ...]
    disease_id: str
    disease_text: str
    town: TownOrder
    question: Question
    seed: int
    replicates: int


def write_tables(ensemble: Ensemble, folder: Path) -> dict[str, str]:
    """Write the tables of an ensemble and return the hash of each file by its name in the folder."""
    names = [f"{DETAILS}/{name}" for name in ensemble.detail_files]
    for name, table in ((SERIES, ensemble.series), (SWITCHES, ensemble.switches)):
        written_whole(folder / name, table.write_parquet)
        names.append(name)
    written_whole(folder / CSV, ensemble.series.write_csv)
    return {name: sha256_of(folder / name) for name in sorted([*names, CSV])}


def write_manifest(recipe: Recipe, hashes: dict[str, str], folder: Path) -> Path:
    """Write inputs and manifest; the manifest comes last, so that a folder with one is whole.

    Parameters
    ----------
    recipe : Recipe
        What was run.
    hashes : dict of str to str
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
    content = {
        "format": FORMAT,
        "synthetic": True,
        "software": {name: version(name) for name in ("fangxian", "numpy", "numba", "polars", "scipy")},
        "plans": [
            {"id": one.id, "file": f"{INPUTS}/{one.id}.toml", "sha256": one.sha256, "off": list(one.off)}
            for one in recipe.scenarios
        ],
        "disease": {"id": recipe.disease_id, "file": f"{INPUTS}/disease.toml"},
        "town": {"city": recipe.town.city, "people": recipe.town.people, "seed": recipe.town.seed},
        "days": recipe.question.days,
        "reproduction_number": recipe.question.reproduction_number,
        "infections_per_million": recipe.question.infections_per_million,
        "seed": recipe.seed,
        "replicates": recipe.replicates,
        "files": hashes,
    }
    path = folder / NAME
    _write_text(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    return path


def read_manifest(path: Path) -> tuple[Recipe, dict[str, str]]:
    """Read a manifest and the inputs beside it.

    Parameters
    ----------
    path : Path
        The manifest, or the folder that it stands in.

    Returns
    -------
    tuple of Recipe and dict
        What to run, and the hashes that it gave.

    Raises
    ------
    InvalidInput
        If it is not a manifest, or an input beside it is missing or has changed.
    """
    path = path / NAME if path.is_dir() else path
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
        scenarios = tuple(
            Scenario(one["id"], (path.parent / one["file"]).read_text("utf-8"), tuple(one["off"]))
            for one in content["plans"]
        )
        recipe = Recipe(
            scenarios=scenarios,
            disease_id=content["disease"]["id"],
            disease_text=(path.parent / content["disease"]["file"]).read_text("utf-8"),
            town=TownOrder(**content["town"]),
            question=Question(
                content["days"], content["reproduction_number"], content["infections_per_million"]
            ),
            seed=content["seed"],
            replicates=content["replicates"],
        )
        files = dict(content["files"])
        hashes = [one["sha256"] for one in content["plans"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            {"zh": f"读不懂清单 {path.name}:{error}", "en": f"Cannot read the manifest {path.name}: {error}"},
            {
                "zh": "请给出推演输出文件夹中的 manifest.json。",
                "en": "Give the manifest.json of a folder that a rehearsal wrote.",
            },
        ) from error
    changed = [one.id for one, known in zip(scenarios, hashes, strict=True) if one.sha256 != known]
    if changed:
        raise InvalidInput(
            {
                "zh": f"预案 {changed[0]} 在推演之后改动过。",
                "en": f"The plan {changed[0]} has been changed since.",
            },
            {"zh": "请恢复原文件，或作为新的推演运行。", "en": "Restore the file, or rehearse it anew."},
        )
    return recipe, files


def differing(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the files of data that differ between two runs of one recipe, by name."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def stage_of(
    recipe: Recipe, town: Town, details: Path | None, detail_replicates: int, *, trees: bool = False
) -> Stage:
    """Return the stage of a recipe in a town that was built."""
    return Stage(
        scenarios=recipe.scenarios,
        disease_text=recipe.disease_text,
        town=town,
        question=recipe.question,
        seed=recipe.seed,
        details=details,
        detail_replicates=detail_replicates,
        trees=trees,
    )


def _write_text(path: Path, text: str) -> None:
    written_whole(path, lambda part: part.write_text(text, encoding="utf-8", newline="\n"))
