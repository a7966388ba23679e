"""What a rehearsal leaves for people: curves, a table of figures, one page; and JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fangxian.base.errors import Text
from fangxian.plans.loader import load_disease
from fangxian.plans.schema import Stays
from fangxian.studies.comparison.charts import draw
from fangxian.studies.comparison.figures import FIGURES
from fangxian.studies.comparison.page import SYNTHETIC, PageFacts, render_page
from fangxian.studies.comparison.paired import Compared, Estimate, compare
from fangxian.studies.comparison.sentences import difference_sentences
from fangxian.studies.rehearsal.ensemble import Ensemble
from fangxian.studies.rehearsal.files import written_whole
from fangxian.studies.rehearsal.from_disease import complete
from fangxian.studies.rehearsal.manifest import Recipe
from fangxian.studies.rehearsal.order import NOTHING
from fangxian.studies.rehearsal.town import Town

NOTHING_TITLE: Text = {"zh": "不采取措施（只有床位）", "en": "No measures, beds only"}
PAGE, CURVES, FIGURES_CSV, FIGURES_JSON = "rehearsal.html", "curves", "figures.csv", "figures.json"


@dataclass(frozen=True, eq=False)
class Report:
    """A comparison with all that is said about it.

    Parameters
    ----------
    ensemble : Ensemble
        The runs.
    facts : PageFacts
        What was run, in one language.
    compared : tuple of Compared
        In the order of the scenarios.
    language : str
        ``"zh"`` or ``"en"``.
    """

    ensemble: Ensemble
    facts: PageFacts
    compared: tuple[Compared, ...]
    language: str

    def sentences(self) -> list[str]:
        """Return the plain sentences of every scenario beside the first."""
        reference = self.facts.titles[self.compared[0].scenario]
        return [
            sentence
            for one in self.compared[1:]
            for sentence in difference_sentences(
                one, self.facts.titles[one.scenario], reference, self.language
            )
        ]

    def to_json(self) -> dict[str, Any]:
        """Return figures and differences for programs."""
        return {
            "synthetic": True,
            "city": self.facts.city,
            "people": self.facts.people,
            "days": self.facts.days,
            "replicates": self.facts.replicates,
            "seed": self.facts.seed,
            "disease": self.facts.disease.id,
            "units": {name: dict(kind.unit) for name, kind in FIGURES.items()},
            "scenarios": [
                {
                    "id": one.scenario,
                    "title": self.facts.titles[one.scenario],
                    "figures": _estimates(one.figures),
                    "differences": _estimates(one.differences),
                }
                for one in self.compared
            ],
            "sentences": self.sentences(),
        }


def make_report(ensemble: Ensemble, recipe: Recipe, town: Town, language: str) -> Report:
    """Compare the scenarios of an ensemble with the first.

    Parameters
    ----------
    ensemble : Ensemble
        The runs.
    recipe : Recipe
        What was run.
    town : Town
        Where.
    language : str
        ``"zh"`` or ``"en"``.

    Returns
    -------
    Report
        Ready to be written.
    """
    plans = {one.id: one.plan() for one in recipe.scenarios}
    disease = load_disease(recipe.disease_text, name="disease.toml")
    stays: Stays = complete(disease)[2]
    titles = {name: plan.identity.title.in_language(language) for name, plan in plans.items()}
    if NOTHING in titles:
        titles[NOTHING] = NOTHING_TITLE["en" if language == "en" else "zh"]
    titles = _told_apart(titles)
    facts = PageFacts(
        city=town.name["en" if language == "en" else "zh"],
        people=town.population.size,
        whole=town.people_stood_for or town.population.size,
        days=recipe.question.days,
        replicates=ensemble.replicates,
        seed=recipe.seed,
        version=version("fangxian"),
        disease=disease,
        plans=plans,
        titles=titles,
        idle=(NOTHING,),
    )
    compared = compare(ensemble.series, list(plans), stays)
    return Report(ensemble, facts, tuple(compared), language)


def write_report(report: Report, folder: Path) -> list[str]:
    """Write curves, table, page and figures into a folder.

    Parameters
    ----------
    report : Report
        From `make_report`.
    folder : Path
        Exists.

    Returns
    -------
    list of str
        Names of the files, each written whole or not at all.
    """
    series, language = report.ensemble.series, report.language
    titles = report.facts.titles
    note = SYNTHETIC["en" if language == "en" else "zh"]
    written = {
        f"{CURVES}.svg": draw(series, titles, language=language, form="svg", note=note),
        f"{CURVES}.png": draw(series, titles, language=language, form="png", note=note),
        PAGE: render_page(report.facts, series, report.ensemble.switches, report.compared, language).encode(),
        FIGURES_CSV: _table(report.compared).encode(),
        FIGURES_JSON: (json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n").encode(),
    }
    for name, content in written.items():
        _write(folder / name, content)
    return list(written)


def _write(path: Path, content: bytes) -> None:
    written_whole(path, lambda part: part.write_bytes(content))


def _table(compared: Sequence[Compared]) -> str:
    """Return figures and paired differences as CSV; an empty cell is an interval that one run cannot have."""
    lines = ["scenario,figure,unit,mean,low,high,difference,difference_low,difference_high"]
    for one in compared:
        for name, kind in FIGURES.items():
            difference = one.differences.get(name)
            cells = [
                *_cells(one.figures[name]),
                *(["", "", ""] if difference is None else _cells(difference)),
            ]
            lines.append(",".join([one.scenario, name, kind.unit["en"], *cells]))
    return "\n".join(lines) + "\n"


def _cells(one: Estimate) -> list[str]:
    return ["" if value is None else f"{value:.10g}" for value in (one.mean, one.low, one.high)]


def _estimates(estimates: dict[str, Estimate]) -> dict[str, dict[str, float | None]]:
    return {name: {"mean": one.mean, "low": one.low, "high": one.high} for name, one in estimates.items()}


def _told_apart(titles: dict[str, str]) -> dict[str, str]:
    """Add the id to titles that two scenarios share."""
    shared = {title for title in titles.values() if list(titles.values()).count(title) > 1}
    return {name: f"{title} [{name}]" if title in shared else title for name, title in titles.items()}
