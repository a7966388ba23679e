"""Figures that a publisher gives for a place and again for the places below it are counted once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from fangxian.base.errors import Finding
from fangxian.ground.exchange.rules import problem
from fangxian.plans.datasets import Dataset

SERIES = ["place_code", "form", "field"]


def counted_once(dataset: Dataset) -> tuple[Dataset, list[Finding]]:
    """Return the dataset without the figures of places of which places below give the same field.

    A total adds up the reports below a place; the place's own figure would count the same people again. What
    the publisher has above and not below is lost that way, so each field says how much the two differ.
    """
    parents = {code: parent for code, parent in dataset.places.select("code", "parent_code").rows() if parent}
    dropped: list[tuple[str, str, str]] = []
    findings = []
    for (form, name), part in dataset.values.partition_by("form", "field", as_dict=True).items():
        above = places_above(parents, part["place_code"].unique().to_list())
        if above:
            dropped += [(code, str(form), str(name)) for code in sorted(above)]
            findings.append(_said(str(name), part, above, parents))
    if not dropped:
        return dataset, []
    keys = pl.DataFrame(dropped, schema=dict.fromkeys(SERIES, pl.String()), orient="row")
    values = dataset.values.join(keys, on=SERIES, how="anti", maintain_order="left")
    corrections = dataset.corrections.join(keys, on=SERIES, how="anti", maintain_order="left")
    return replace(dataset, values=values, corrections=corrections), findings


def places_above(parents: Mapping[str, str], reporting: Iterable[str]) -> set[str]:
    """Return the reporting places that have another reporting place somewhere below."""
    known = set(reporting)
    above = set()
    for code in known:
        upper = parents.get(code)
        while upper is not None:
            if upper in known:
                above.add(upper)
            upper = parents.get(upper)
    return above


def _has_any_above(parents: Mapping[str, str], code: str, among: set[str]) -> bool:
    upper = parents.get(code)
    while upper is not None and upper not in among:
        upper = parents.get(upper)
    return upper is not None


def _said(name: str, part: pl.DataFrame, above: set[str], parents: Mapping[str, str]) -> Finding:
    tops = sorted(code for code in above if not _has_any_above(parents, code, above))
    own = part.filter(pl.col("place_code").is_in(tops))["value"].sum()
    below = {code for code in part["place_code"].unique() if parents.get(code) in above and code not in above}
    sum_below = part.filter(pl.col("place_code").is_in(sorted(below)))["value"].sum()
    finding = problem(
        "place-counted-below",
        "",
        (
            f"{name}:{len(above)} 个地区既有自己的数字，下级也有；只取下级，以免重复计算"
            f"（自己的逐日之和 {own:g}，下级 {sum_below:g}）。",
            f"{name}: {len(above)} places have figures of their own and below them; those below are taken, "
            f"so that nobody counts twice (their own days add up to {own:g}, those below to {sum_below:g}).",
        ),
        ("差额见来源说明。", "See the source for what makes the difference."),
    )
    return replace(finding, severity="warning", column=name)
